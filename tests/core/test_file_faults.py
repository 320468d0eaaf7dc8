"""Data sets whose files are damaged, exchanged or missing are named with their file."""

import gzip
import os
import re
import shutil
import zipfile

import pytest
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.data.datasets import load
from draw_core.data.idx import read_idx
from draw_core.data.registry import (
    COMPOSITES,
    DATASETS,
    DataError,
    is_available,
    nearly_there,
    pinned,
)
from tests.core.test_whereabouts import _labels
from tests.support.mnist_files import FOLDERS, HTML, STEMS, idx, name_of, place_files

FAULTS = {
    "empty": (b"", "is empty"),
    "cut": (idx(24, 28, 28)[:-1], "is cut off: 18,831 of 18,832 bytes"),
    "cut in its header": (b"\0\0\10\3\0", "is cut off: 5 bytes"),
    "a web page": (HTML, "holds a web page instead of the data, as after a failed download"),
    "a web page, indented": (b"\xef\xbb\xbf\n  <html>", "holds a web page"),
    "an error": (b'{"message": "Not Found"}', "holds text instead of the data"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid", "holds a pointer of Git LFS"),
    "labels": (idx(24), "holds labels instead of images"),
    "other numbers": (b"\0\0\15\3" + bytes(50), "does not begin as a file of MNIST does"),
    "a zip": (b"PK\3\4" + bytes(50), "is a zip archive that must be unpacked"),
    "longer": (idx(24, 28, 28) + b"x", "is broken: 18,833 bytes where it tells of 18,832"),
    "other sizes": (idx(24, 32, 32), "holds images of 32 × 32 pixels, not of 28 × 28"),
    "none": (idx(0, 28, 28), "holds no images"),
    "packed, cut": (
        gzip.compress(idx(24, 28, 28))[:-9],
        "is cut off or broken: its gzip packing does not end as it should",
    ),
    "packed, a page": (gzip.compress(HTML), "holds a web page instead of the data"),
    "packed, spoilt": (b"\x1f\x8b" + bytes(100), "is broken: its gzip packing cannot be undone"),
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("called", ["train-images-idx3-ubyte", "train-images.idx3-ubyte.gz"])
def test_a_fault_is_named_with_its_file(
    mnist_root, tmp_path, kind, name, called, monkeypatch, capfd
):
    content, words = FAULTS[kind]
    raw = f"{FOLDERS[name]}/raw"
    names = {stem: name_of(stem) for stem in STEMS[1:]}
    place_files(mnist_root, tmp_path / raw, names)
    (tmp_path / raw / called).write_bytes(content)
    title = DATASETS[name].title
    assert not is_available(name, tmp_path)
    with pytest.raises(DataError) as raised:
        load(name, "train", tmp_path)
    said = str(raised.value)
    assert said.startswith(f"{title} could not be read from {tmp_path} ({raw}/{called} {words}")
    assert "Put a whole file in its place, or download it (" in said
    assert said.endswith("MB, --download).")
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    on_the_page = nearly_there(name)
    assert on_the_page.startswith(f"{title} is in {tmp_path}, but {raw}/{called} {words}")
    assert on_the_page.endswith("Put a whole file in its place, or download it.")


def test_a_file_that_ends_too_early_is_no_array(tmp_path):
    path = tmp_path / "train-labels-idx1-ubyte"
    for content in (idx(24, 28, 28)[:length] for length in (0, 2, 4, 6, 15, 16, 800)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="it does not hold what it tells of"):
            read_idx(path)
    path.write_bytes(idx(24, 28, 28) + b"x")
    with pytest.raises(ValueError, match="it does not hold what it tells of"):
        read_idx(path)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", COMPOSITES)
def test_nobody_gets_strokes_who_meant_a_broken_mnist(mnist_root, tmp_path, kind, name):
    """Where it is absent, strokes stand in for it; see tests/core/test_composites.py."""
    content, words = FAULTS[kind]
    place_files(mnist_root, tmp_path / "MNIST/raw", {stem: name_of(stem) for stem in STEMS[1:]})
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(content)
    assert not is_available(name, tmp_path)
    assert is_available(f"{name}:strokes", tmp_path)
    started = re.escape(f"MNIST is in {tmp_path}, but MNIST/raw/train-images-idx3-ubyte {words}")
    advice = f"download it with --download, or take {name}:strokes, which needs none\\."
    for split in ("train", "test"):  # of which the one is whole
        with pytest.raises(DataError, match=f"^{started}.*{advice}$"):
            load(name, split, tmp_path)
    assert pinned(name, tmp_path, prefer_mnist=True) == f"{name}:mnist"


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--data", "two_digits"),
        ("train", "--data", "cluttered"),
        ("train", "--family", "glimpse", "--data", "cluttered"),
        ("evaluate", "mnist-two-digits", "--data", "two_digits"),
    ],
)
def test_a_command_for_composites_names_the_broken_file(mnist_root, tmp_path, words):
    names = {stem: name_of(stem) for stem in STEMS}
    place_files(mnist_root, tmp_path / "MNIST/raw", names)
    (tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte").write_bytes(b"")
    options = () if words[0] == "evaluate" else ("--run-dir", str(tmp_path / "run"))
    result = CliRunner().invoke(app, [*words, *options, "--data-root", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: MNIST is in ")
    assert "but MNIST/raw/t10k-labels-idx1-ubyte is empty. Put a whole" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("missing", STEMS)
def test_the_one_that_is_missing_is_named(mnist_root, tmp_path, missing, monkeypatch):
    place_files(mnist_root, tmp_path / "MNIST/raw", {s: name_of(s) for s in STEMS if s != missing})
    split = "train" if missing.startswith("train") else "test"
    with pytest.raises(DataError, match=rf"\(MNIST/raw/{name_of(missing)} is not there\)"):
        load("mnist", split, tmp_path)
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    assert f"but MNIST/raw/{name_of(missing)} is not there. Put" in nearly_there("mnist")


def test_what_is_whole_but_does_not_fit(mnist_root, tmp_path):
    raw = place_files(mnist_root, tmp_path / "MNIST/raw", {stem: name_of(stem) for stem in STEMS})
    shutil.copy(raw / "t10k-labels-idx1-ubyte", raw / "train-labels-idx1-ubyte")
    with pytest.raises(DataError, match=r"\(it has 24 images of train and 11 labels for them\)"):
        load("mnist", "train", tmp_path)
    _labels(raw, [0, 12], "t10k")
    with pytest.raises(DataError, match=r"\(a label of test is 12, not 0 to 9\)"):
        load("mnist", "test", tmp_path)


@pytest.mark.parametrize("form", ["{}", "{}.gz"])
@pytest.mark.parametrize("name", FOLDERS)
def test_training_and_test_files_that_changed_places(tmp_path, name, form, monkeypatch):
    raw = tmp_path / FOLDERS[name] / "raw"
    raw.mkdir(parents=True)
    names = {}
    for split, count in (("train", 10_000), ("t10k", 60_000)):
        for kind, content in (("images", idx(count, 28, 28)), ("labels", idx(count))):
            names[split, kind] = form.format(name_of(f"{split}-{kind}"))
            packed = gzip.compress(content, 1) if form.endswith("gz") else content
            (raw / names[split, kind]).write_bytes(packed)
    words = {
        "train": f"({FOLDERS[name]}/raw/{names['train', 'images']} is exchanged with "
        f"{names['t10k', 'images']}: it holds 10,000 images, that one 60,000)",
        "test": f"({FOLDERS[name]}/raw/{names['t10k', 'images']} is exchanged with "
        f"{names['train', 'images']}: it holds 60,000 images, that one 10,000)",
    }
    assert not is_available(name, tmp_path)
    for split, expected in words.items():
        with pytest.raises(DataError, match=re.escape(expected)):
            load(name, split, tmp_path)
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    assert "is exchanged with" in nearly_there(name)
    for kind in ("images", "labels"):  # a part of the training images is nobody's fault
        (raw / names["t10k", kind]).unlink()
    assert len(load(name, "train", tmp_path).images) == 10_000


def test_a_folder_and_a_dead_link_in_the_place_of_a_file(mnist_root, tmp_path):
    raw = place_files(
        mnist_root, tmp_path / "MNIST/raw", {stem: name_of(stem) for stem in STEMS[1:]}
    )
    (raw / "train-images-idx3-ubyte").mkdir()
    with pytest.raises(DataError, match="train-images-idx3-ubyte is not there"):
        load("mnist", "train", tmp_path)
    (raw / "train-images-idx3-ubyte").rmdir()
    (raw / "train-images-idx3-ubyte").symlink_to(tmp_path / "away")
    with pytest.raises(DataError, match="images-idx3-ubyte is a link that leads nowhere"):
        load("mnist", "train", tmp_path)
    (raw / "train-images-idx3-ubyte").unlink()
    os.mkfifo(raw / "train-images-idx3-ubyte")
    with pytest.raises(DataError, match="images-idx3-ubyte is no plain file"):
        load("mnist", "train", tmp_path)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("MNIST/raw/train-images-idx3-ubyte", "Too many levels of symbolic links"),
        ("MNIST/raw", "it is not there"),
        ("MNIST.zip", "MNIST.zip cannot be read"),
    ],
)
def test_a_link_that_leads_to_itself(tmp_path, place, why):
    """Pages ask for every set; one broken link in their folder must not end them."""
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).symlink_to(tmp_path / place)
    assert not is_available("mnist", tmp_path)
    with pytest.raises(DataError, match=why):
        load("mnist", "train", tmp_path)


def test_an_archive_that_was_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    assert nearly_there("mnist") is None
    with zipfile.ZipFile(tmp_path / "MNIST.zip", "w") as archive:
        archive.writestr("x", "y")
    assert "but MNIST.zip is there but not unpacked; unpack it" in nearly_there("mnist")
    with pytest.raises(DataError, match=r"\(MNIST\.zip is there but not unpacked"):
        load("mnist", "test", tmp_path)
    assert nearly_there("fashion_mnist") is None
