"""``python -m draw_core images``: a folder of pictures becomes a data set."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.data.datasets import load
from tests.support import process


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "mine"
    for kind, value in (("dark", 0), ("light", 255)):
        (folder / kind).mkdir(parents=True)
        for i in range(10):
            pixels = np.full((20, 30), value, np.uint8)
            pixels[i, i] = 128  # no two alike
            Image.fromarray(pixels).save(folder / kind / f"{i}.png")
    return folder


def test_a_folder_becomes_a_data_set(pictures, tmp_path):
    root = tmp_path / "data"
    command = ["images", str(pictures), "--size", "10", "--data-root", str(root)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    name = result.stdout.strip()
    sets = [load(name, split, root) for split in ("train", "test")]
    assert sum(len(images) for images, _ in sets) == 20
    for images, labels in sets:
        assert images.shape[1:] == (1, 10, 10)
        # Class 0 is the dark folder, class 1 the light one.
        assert ((images.float().mean(dim=(1, 2, 3)) > 128) == (labels == 1)).all()


def test_sets_are_listed_and_deleted(pictures, tmp_path):
    root = ["--data-root", str(tmp_path / "data")]
    name = CliRunner().invoke(app, ["images", str(pictures), *root]).stdout.strip()
    assert f"{name}  mine, 20 images" in CliRunner().invoke(app, ["images", "--list", *root]).stdout
    assert CliRunner().invoke(app, ["images", "--delete", name, *root]).exit_code == 0
    assert CliRunner().invoke(app, ["images", "--list", *root]).stdout == ""
    result = CliRunner().invoke(app, ["images", "--delete", name, *root])
    assert result.exit_code == 1
    assert "Error:" in result.stderr


def test_an_empty_folder_is_one_sentence(tmp_path):
    result = CliRunner().invoke(app, ["images", str(tmp_path), "--data-root", str(tmp_path / "d")])
    assert result.exit_code == 1
    assert "Error:" in result.stderr
    assert "Traceback" not in result.output


def test_what_was_left_out_is_said_and_the_command_can_be_typed(pictures, tmp_path):
    """Also after a success: linked folders, files that are no pictures; a root with a blank."""
    away = tmp_path / "away"
    (pictures / "dark").rename(away)
    (pictures / "dark").symlink_to(away)
    for number in range(3):
        (pictures / "light" / f"{number}.txt").write_text("words")
    root = tmp_path / "Tom's data"
    command = ["images", str(pictures), "--data-root", str(root)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    name = result.stdout.strip()
    assert "1 file is left out: it is a link to a folder (dark)." in result.stderr
    assert "3 files are left out: " in result.stderr
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("Train with: "))
    words = shlex.split(line.removeprefix("Train with: "))
    assert words == ["python", "-m", "draw_core", "train", "--data", name, "--data-root", str(root)]


def test_a_console_that_cannot_show_a_title_shows_question_marks(pictures, tmp_path):
    root = ["--data-root", str(tmp_path / "data")]
    assert (
        CliRunner().invoke(app, ["images", str(pictures), "--name", "数字 ż", *root]).exit_code == 0
    )
    listed = subprocess.run(
        [sys.executable, "-m", "draw_core", "images", "--list", *root],
        env={**process.ENVIRONMENT, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    assert b"  ?? ?, 20 images" in listed.stdout


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_never_ends_is_not_read(tmp_path, kind):
    source = Path("/dev/zero")
    if kind == "pipe":
        source = tmp_path / "pipe"
        os.mkfifo(source)
    result = CliRunner().invoke(app, ["images", str(source), "--data-root", str(tmp_path / "d")])
    assert result.exit_code == 1
    assert "is no plain file; name a folder or a zip archive." in result.stderr
