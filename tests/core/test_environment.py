"""What is written in options and variables: paths with a tilde and in quotes, numbers, no home."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from typer.testing import CliRunner

from draw_core.base.environment import SettingError, cleaned, number_variable, path
from draw_core.cli import app
from draw_core.cli.common import as_path
from draw_core.data import registry
from draw_core.data.drawn import strokes
from draw_core.data.registry import DataError, default_root, is_available
from draw_core.learning.device import pick
from draw_core.runs.limits import QuotaError, check_disk
from draw_core.runs.registry import runs_root
from draw_core.store.checkpoint import checkpoint_root
from tests.support import process

ROOTS = {
    "DRAW_DATA_ROOT": default_root,
    "DRAW_RUNS_DIR": runs_root,
    "DRAW_CHECKPOINTS": checkpoint_root,
}
ME = pwd.getpwuid(os.getuid())


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """A home folder, and a working directory beside it in which nothing may appear."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    yield home
    assert [file.name for file in here.iterdir() if "~" in file.name or '"' in file.name] == []


@pytest.fixture
def homeless(monkeypatch):
    """A user without HOME whom the list of users does not know."""

    def unknown(uid):
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("DRAW_DATA_ROOT", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("~", ""),
        ("~/", ""),
        ("~/data", "data"),
        ("~//data", "data"),
        ('"~/data"', "data"),
        ("'~/data' ", "data"),
        ("“~/data”", "data"),
        ("„~/data“", "data"),
        ("‘~/data’", "data"),
        ("« ~/data »", "data"),
        ("\t ~/data\r\n", "data"),
        ("\"'~/data'\"", "data"),
        ("\u202a~/data\u00a0", "data"),
        ("~/it's “mine”", "it's “mine”"),
    ],
)
def test_a_tilde_is_home_and_quotes_and_blanks_go(at_home, written, meant):
    assert path(written) == at_home / meant


@pytest.mark.parametrize("written", ["", " ", '""', "''", "“”", " '\t' "])
def test_an_empty_path_is_none(written):
    assert path(written) is None


@pytest.mark.parametrize("written", ["dogs'", "'tis", "it's", 'a"b', '"', "./~", "a~/b", "-x"])
def test_what_belongs_to_a_name_stays(at_home, written):
    assert path(written) == Path(written)


def test_a_file_whose_own_name_is_quoted_is_meant(at_home):
    assert path("'odd' ") == Path("odd")
    Path("'odd' ").mkdir()
    assert path("'odd' ") == Path("'odd' ")


def test_the_home_of_another_user(at_home):
    assert path(f"~{ME.pw_name}/data") == Path(ME.pw_dir) / "data"
    with pytest.raises(SettingError, match=r"no user 'nobody-here' .* \./~nobody-here/data for a"):
        path("~nobody-here/data")


@pytest.mark.parametrize("home", ["", " ", "~", "relative", '""'])
def test_a_home_that_is_none_is_looked_up(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    assert path("~/data") == Path(ME.pw_dir) / "data"


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("written", ["~/a place", ' "~/a place" ', "'~/a place'"])
def test_every_folder_of_a_variable(at_home, monkeypatch, name, written):
    monkeypatch.setenv(name, written)
    assert ROOTS[name]() == at_home / "a place"


@pytest.mark.parametrize("name", ROOTS)
@pytest.mark.parametrize("written", ["", "  ", '""'])
def test_an_empty_variable_is_unset(monkeypatch, name, written):
    monkeypatch.delenv(name, raising=False)
    usual = ROOTS[name]()
    monkeypatch.setenv(name, written)
    assert ROOTS[name]() == usual


@pytest.mark.parametrize("name", ROOTS)
def test_a_variable_that_names_an_unknown_user_is_named(monkeypatch, name):
    monkeypatch.setenv(name, "~nobody-here/x")
    with pytest.raises(SettingError, match=f"^{name} cannot be used: There is no user 'nobody-"):
        ROOTS[name]()


def test_every_option_that_names_a_path_is_read_so():
    callbacks = [one.callback for one in app.registered_commands]
    found = set()
    for callback in callbacks:
        for name, hint in get_type_hints(callback, include_extras=True).items():
            if Path in (hint, *get_args(hint), *(b for a in get_args(hint) for b in get_args(a))):
                assert get_args(hint)[1].parser is as_path, f"{callback.__name__} {name}"
                found.add(name)
    expected = {"data_root", "run_dir", "out", "state", "source", "run_folder"}
    assert found == expected


def test_no_folder_named_tilde_appears(at_home, tmp_path):
    out = CliRunner().invoke(
        app, ["sample", "mnist-attention-short", "--n", "1", "--out", ' "~/new/a.png"']
    )
    assert out.exit_code == 0, out.output
    assert (at_home / "new" / "a.png").is_file()
    pictures = at_home / "my pictures"
    pictures.mkdir()
    for number in range(2):
        (pictures / f"{number}.pgm").write_bytes(b"P5 8 8 255\n" + bytes([number, *range(63)]))
    made = CliRunner().invoke(app, ["images", "'~/my pictures'", "--data-root", "~/kept "])
    assert made.exit_code == 0, made.output
    assert (at_home / "kept" / "folders").is_dir()
    shutil.copytree(checkpoint_root() / "mnist-attention-short", at_home / "a model")
    again = CliRunner().invoke(app, ["sample", "'~/a model'", "--n", "1", "--out", "~/b.png"])
    assert again.exit_code == 0, again.output


def test_an_unknown_user_in_an_option_is_one_sentence():
    result = CliRunner().invoke(app, ["images", "--list", "--data-root", "~nobody-here/x"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no user 'nobody-here' on this computer")
    assert len(result.stderr.splitlines()) == 1


def test_without_a_home_only_what_needs_one_says_so(homeless, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"^This user has no home folder, .*--data-root or DRAW_D"):
        default_root()
    assert is_available("strokes")
    assert not is_available("mnist")
    assert not strokes.are_made()
    right = strokes.make
    monkeypatch.setattr(strokes, "make", lambda split, count, progress: right(split, 5))
    assert np.array_equal(strokes.load("test")[0], right("test", 5)[0])
    with pytest.raises(SettingError, match=r"^This user has no home folder, so ~/x names no fold"):
        path("~/x")
    result = CliRunner().invoke(app, ["images", "--list"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: This user has no home folder, so there is no place for")
    assert len(result.stderr.splitlines()) == 1
    named = CliRunner().invoke(app, ["images", "--list", "--data-root", str(tmp_path)])
    assert named.exit_code == 0, named.output


def test_a_user_without_home_meets_no_traceback(tmp_path):
    """A fresh process, as in a container that runs as a bare number."""
    program = """
import pwd, runpy, sys
def unknown(uid): raise KeyError(uid)
pwd.getpwuid = unknown
sys.argv = ["draw_core", "images", "--list"]
runpy.run_module("draw_core", run_name="__main__")
"""
    kept = {k: v for k, v in process.ENVIRONMENT.items() if k not in ("HOME", "DRAW_DATA_ROOT")}
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env=kept,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("Error: This user has no home folder, so there is no place")
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"), [("2.5", 2.5), (' "30" ', 30.0), ("", 20.0), ("0", 0.0), ("1e3", 1000.0)]
)
def test_a_number_of_a_variable(monkeypatch, text, value):
    monkeypatch.setenv("DRAW_TEST_NUMBER", text)
    assert number_variable("DRAW_TEST_NUMBER", 20.0, "gigabytes") == value


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf", "20 GB", "2,5", "0x10", "1e999"])
def test_nonsense_in_a_number_is_one_sentence(monkeypatch, tmp_path, text):
    monkeypatch.setenv("DRAW_RUNS_MAX_GB", text)
    with pytest.raises(QuotaError) as raised:
        check_disk(tmp_path)
    said = (
        f"DRAW_RUNS_MAX_GB is {text!r}; set it to a number of gigabytes, such as 2.5, or leave it"
    )
    assert str(raised.value) == f"{said} out."


def test_a_device_may_stand_in_quotes(monkeypatch):
    monkeypatch.setenv("DRAW_DEVICE", ' "cpu" ')
    assert pick().type == "cpu"
    assert cleaned(' "tcp://h:1" ') == "tcp://h:1"


def test_the_cache_is_in_the_home(at_home, monkeypatch):
    monkeypatch.delenv("DRAW_DATA_ROOT", raising=False)
    assert default_root() == at_home / ".cache" / "draw-explorer"
    assert registry.user_cache("") == default_root()
