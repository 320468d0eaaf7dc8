"""MNIST and its like, nearly there: found under every usual name, or the fault is named."""

import gzip
import hashlib
import os
import re
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.data import torchvision_sets
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

STEMS = ("train-images", "train-labels", "t10k-images", "t10k-labels")
HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"
FOLDERS = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST"}


def _name(stem: str, dot: bool = False, packed: bool = False) -> str:
    kind = "idx3" if stem.endswith("images") else "idx1"
    return f"{stem}{'.' if dot else '-'}{kind}-ubyte{'.gz' if packed else ''}"


def _place(source: Path, folder: Path, names: dict[str, str]) -> Path:
    """The small MNIST of the tests in a folder, under other names by stem; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, name in names.items():
        content = (source / "MNIST" / "raw" / _name(stem)).read_bytes()
        (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    return folder


def _same(root: Path, mnist_root: Path, name: str = "mnist") -> None:
    """Both splits are those of the small MNIST, and the registry says that they are there."""
    for split in ("train", "test"):
        images, labels = load(name, split, root)
        right_images, right_labels = load("mnist", split, mnist_root)
        assert torch.equal(images, right_images)
        assert torch.equal(labels, right_labels)
    assert is_available(name, root)


MIXTURES = {
    "dots": {stem: _name(stem, dot=True) for stem in STEMS},
    "gz only": {stem: _name(stem, packed=True) for stem in STEMS},
    "dots, gz": {stem: _name(stem, dot=True, packed=True) for stem in STEMS},
    "upper case": {stem: _name(stem).upper() for stem in STEMS},
    "upper case, gz": {stem: _name(stem, dot=True, packed=True).upper() for stem in STEMS},
    "all at once": {
        stem: _name(stem, dot=k % 2 == 0, packed=k < 2) for k, stem in enumerate(STEMS)
    },
}


@pytest.mark.parametrize("mixture", MIXTURES)
@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("place", ["{}/raw", "{}", ".", "raw"])
def test_every_name_in_every_place(mnist_root, tmp_path, mixture, name, place):
    _place(mnist_root, tmp_path / place.format(FOLDERS[name]), MIXTURES[mixture])
    _same(tmp_path, mnist_root, name)


@pytest.mark.parametrize("folder", ["mnist/RAW", "Mnist/Raw", "mnist"])
def test_folders_in_another_case(mnist_root, tmp_path, folder):
    _place(mnist_root, tmp_path / folder, MIXTURES["dots"])
    _same(tmp_path, mnist_root)


@pytest.mark.parametrize("folder", ["fashion-mnist/raw", "fashion_mnist", "FASHIONMNIST/raw"])
def test_folders_of_fashion_under_other_names(mnist_root, tmp_path, folder):
    _place(mnist_root, tmp_path / folder, MIXTURES["gz only"])
    _same(tmp_path, mnist_root, "fashion_mnist")
    assert not is_available("mnist", tmp_path)


@pytest.mark.parametrize("inner", ["", "MNIST", "MNIST/raw"])
def test_the_root_may_be_the_folder_itself(mnist_root, tmp_path, inner):
    folder = _place(mnist_root, tmp_path / "MNIST" / "raw", MIXTURES["gz only"])
    root = tmp_path / inner
    assert root in (folder, *folder.parents)
    _same(root, mnist_root)
    assert not is_available("fashion_mnist", root)


def test_each_file_in_a_folder_of_its_own_name(mnist_root, tmp_path):
    for stem in STEMS:
        _place(mnist_root, tmp_path / _name(stem), {stem: _name(stem)})
    _same(tmp_path, mnist_root)


def test_gzip_is_known_by_its_bytes(mnist_root, tmp_path):
    folder = _place(mnist_root, tmp_path / "MNIST/raw", MIXTURES["dots"])
    for file in folder.iterdir():
        file.write_bytes(gzip.compress(file.read_bytes()))
    _same(tmp_path, mnist_root)


def test_of_two_the_whole_one_is_read(mnist_root, tmp_path):
    """A file that was cut off beside its archive, and an archive whose middle is spoilt."""
    raw = _place(mnist_root, tmp_path / "MNIST/raw", MIXTURES["gz only"])
    _place(mnist_root, raw, MIXTURES["dots"])
    (raw / "train-images-idx3-ubyte").write_bytes(b"\0\0\10\3")
    (raw / "train-images.idx3-ubyte").write_bytes(HTML)
    packed = bytearray((raw / "train-labels-idx1-ubyte.gz").read_bytes())
    packed[len(packed) // 2] ^= 255
    (raw / "train-labels-idx1-ubyte.gz").write_bytes(packed)
    _same(tmp_path, mnist_root)


def _labels(root: Path, first: list[int], prefix: str) -> None:
    content = struct.pack(">HBBI", 0, 8, 1, 11) + bytes([*first, *[1] * (11 - len(first))])
    (root / f"{prefix}-labels-idx1-ubyte").write_bytes(content)


@pytest.mark.parametrize(
    ("own", "other", "train", "test"),
    [
        ("mnist", "fashion_mnist", [5, 0, 4, 1, 9, 2, 1, 3], [7, 2, 1, 0, 4, 1, 4, 9]),
        ("fashion_mnist", "mnist", [9, 0, 0, 3, 0, 2, 7, 2], [9, 2, 1, 1, 6, 1, 4, 6]),
    ],
)
def test_loose_files_belong_to_the_set_of_their_labels(
    mnist_root, tmp_path, own, other, train, test
):
    names = {stem: _name(stem) for stem in STEMS}
    names["train-images"] = names["t10k-images"]
    _place(mnist_root, tmp_path, {"t10k-images": "t10k-images-idx3-ubyte"})
    _place(mnist_root, tmp_path, {"t10k-images": "train-images-idx3-ubyte"})
    _labels(tmp_path, train, "train")
    _labels(tmp_path, test, "t10k")
    assert is_available(own, tmp_path)
    assert not is_available(other, tmp_path)
    assert load(own, "test", tmp_path).labels[:8].tolist() == test
    with pytest.raises(DataError, match="it is not there"):
        load(other, "test", tmp_path)


def _idx(*sides: int) -> bytes:
    return struct.pack(f">HBB{len(sides)}I", 0, 8, len(sides), *sides) + bytes(np.prod(sides))


FAULTS = {
    "empty": (b"", "is empty"),
    "cut": (_idx(24, 28, 28)[:-1], "is cut off: 18,831 of 18,832 bytes"),
    "cut in its header": (b"\0\0\10\3\0", "is cut off: 5 bytes"),
    "a web page": (HTML, "holds a web page instead of the data, as after a failed download"),
    "a web page, indented": (b"\xef\xbb\xbf\n  <html>", "holds a web page"),
    "an error": (b'{"message": "Not Found"}', "holds text instead of the data"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid", "holds a pointer of Git LFS"),
    "labels": (_idx(24), "holds labels instead of images"),
    "other numbers": (b"\0\0\15\3" + bytes(50), "does not begin as a file of MNIST does"),
    "a zip": (b"PK\3\4" + bytes(50), "is a zip archive that must be unpacked"),
    "longer": (_idx(24, 28, 28) + b"x", "is broken: 18,833 bytes where it tells of 18,832"),
    "other sizes": (_idx(24, 32, 32), "holds images of 32 × 32 pixels, not of 28 × 28"),
    "none": (_idx(0, 28, 28), "holds no images"),
    "packed, cut": (
        gzip.compress(_idx(24, 28, 28))[:-9],
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
    names = {stem: _name(stem) for stem in STEMS[1:]}
    _place(mnist_root, tmp_path / raw, names)
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
    for content in (_idx(24, 28, 28)[:length] for length in (0, 2, 4, 6, 15, 16, 800)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="it does not hold what it tells of"):
            read_idx(path)
    path.write_bytes(_idx(24, 28, 28) + b"x")
    with pytest.raises(ValueError, match="it does not hold what it tells of"):
        read_idx(path)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", COMPOSITES)
def test_nobody_gets_strokes_who_meant_a_broken_mnist(mnist_root, tmp_path, kind, name):
    """Where it is absent, strokes stand in for it; see tests/core/test_composites.py."""
    content, words = FAULTS[kind]
    _place(mnist_root, tmp_path / "MNIST/raw", {stem: _name(stem) for stem in STEMS[1:]})
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
        ("classify", "train"),
        ("evaluate", "mnist-two-digits", "--data", "two_digits"),
    ],
)
def test_a_command_for_composites_names_the_broken_file(mnist_root, tmp_path, words):
    names = {stem: _name(stem) for stem in STEMS}
    _place(mnist_root, tmp_path / "MNIST/raw", names)
    (tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte").write_bytes(b"")
    options = () if words[0] == "evaluate" else ("--run-dir", str(tmp_path / "run"))
    result = CliRunner().invoke(app, [*words, *options, "--data-root", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: MNIST is in ")
    assert "but MNIST/raw/t10k-labels-idx1-ubyte is empty. Put a whole" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("missing", STEMS)
def test_the_one_that_is_missing_is_named(mnist_root, tmp_path, missing, monkeypatch):
    _place(mnist_root, tmp_path / "MNIST/raw", {s: _name(s) for s in STEMS if s != missing})
    split = "train" if missing.startswith("train") else "test"
    with pytest.raises(DataError, match=rf"\(MNIST/raw/{_name(missing)} is not there\)"):
        load("mnist", split, tmp_path)
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    assert f"but MNIST/raw/{_name(missing)} is not there. Put" in nearly_there("mnist")


def test_what_is_whole_but_does_not_fit(mnist_root, tmp_path):
    raw = _place(mnist_root, tmp_path / "MNIST/raw", {stem: _name(stem) for stem in STEMS})
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
        for kind, content in (("images", _idx(count, 28, 28)), ("labels", _idx(count))):
            names[split, kind] = form.format(_name(f"{split}-{kind}"))
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
    raw = _place(mnist_root, tmp_path / "MNIST/raw", {stem: _name(stem) for stem in STEMS[1:]})
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


def test_nothing_is_fetched_that_is_here_under_another_name(mnist_root, tmp_path, monkeypatch):
    _place(mnist_root, tmp_path, MIXTURES["all at once"])
    monkeypatch.setattr(torchvision_sets, "remotes", lambda _: pytest.fail("it asked for a server"))
    assert len(load("mnist", "test", tmp_path, download=True).images) == 11


def test_the_command_line_says_it_in_one_line(mnist_root, tmp_path):
    raw = _place(mnist_root, tmp_path / "MNIST/raw", {stem: _name(stem) for stem in STEMS})
    (raw / "t10k-images-idx3-ubyte").write_bytes(HTML)
    arguments = ["evaluate", "mnist-attention-short", "--data-root", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "Error: MNIST could not be read from" in result.stderr
    assert "t10k-images-idx3-ubyte holds a web page" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def _mat(path: Path, count: int = 5) -> np.ndarray:
    from scipy.io import savemat

    images = np.random.default_rng(0).integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    labels = np.full((count, 1), 10, np.uint8)
    savemat(path, {"X": images.transpose(2, 3, 1, 0), "y": labels}, do_compression=True)
    return images


@pytest.mark.parametrize("place", ["test_32x32.mat", "SVHN/test_32x32.mat", "svhn/TEST_32X32.MAT"])
def test_svhn_in_its_places(tmp_path, monkeypatch, place):
    from torchvision.datasets import SVHN

    (tmp_path / place).parent.mkdir(exist_ok=True)
    images = _mat(tmp_path / place)
    md5 = hashlib.md5((tmp_path / place).read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(SVHN.split_list, "test", ["", "test_32x32.mat", md5])
    found = load("svhn", "test", tmp_path)
    np.testing.assert_array_equal(found.images, images)
    assert found.labels.tolist() == [0] * 5


def test_the_faults_of_svhn(tmp_path):
    path = tmp_path / "test_32x32.mat"
    _mat(path)
    whole = path.read_bytes()
    for content, words in (
        (b"", "is empty"),
        (HTML, "holds a web page"),
        (whole[:-50], f"is cut off: {len(whole) - 50:,} bytes of"),
        (whole[:100], "is cut off: 100 bytes"),
        (whole + b"abcd", "is cut off"),
        (b"MATLAB 7.3 MAT-file" + bytes(500), "is no file of MATLAB 5"),
        (b"\x89HDF\r\n\x1a\n" + bytes(500), "is a file of MATLAB 7.3"),
        (bytes(600), "is no file of MATLAB 5"),
        (whole, "is broken: its MD5 sum is not that of the file its authors publish"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError) as raised:
            load("svhn", "test", tmp_path)
        assert f"SVHN could not be read from {tmp_path} (test_32x32.mat {words}" in str(
            raised.value
        )


def _batch(labels: list[int]) -> bytes:
    return b"".join(bytes([label]) + bytes(3072) for label in labels)


@pytest.mark.parametrize("place", ["cifar-10-batches-bin", ".", "CIFAR-10-BATCHES-BIN", "cifar10"])
def test_cifar10_in_its_places(tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    for number in range(1, 6):
        (folder / f"data_batch_{number}.bin").write_bytes(_batch([number, 9]))
    (folder / "test_batch.bin").write_bytes(_batch([3]))
    assert load("cifar10", "train", tmp_path).labels.tolist() == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]
    assert is_available("cifar10", tmp_path)


def test_the_faults_of_cifar10(tmp_path, monkeypatch):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    path = folder / "test_batch.bin"
    for content, words in (
        (b"", "is empty"),
        (HTML, "holds a web page"),
        (_batch([3])[:-1], "is cut off: 3,072 bytes are no whole number"),
        (b"\x80\2}q" + bytes(3069), "is no batch of CIFAR-10"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError) as raised:
            load("cifar10", "test", tmp_path)
        assert f"(cifar-10-batches-bin/test_batch.bin {words}" in str(raised.value)
    path.unlink()
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    for name, content, words in (
        ("cifar-10-binary.tar.gz", b"\x1f\x8b" + bytes(9), "is there but not unpacked; unpack it"),
        ("cifar-10-binary.tar.gz", HTML, "holds a web page"),
        ("cifar-10-python.tar.gz", b"\x1f\x8b", "is the edition for Python"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=rf"\({name} {words}"):
            load("cifar10", "train", tmp_path)
        assert f"but {name} {words}" in nearly_there("cifar10")
        (tmp_path / name).unlink()
    (tmp_path / "cifar-10-batches-py").mkdir()
    assert "cifar-10-batches-py is the edition for Python" in nearly_there("cifar10")
