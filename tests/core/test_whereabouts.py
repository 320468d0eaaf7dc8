"""MNIST and its like, nearly there: found under every usual name, or the fault is named."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.data import torchvision_sets
from draw_core.data.datasets import load
from draw_core.data.registry import (
    DataError,
    is_available,
    nearly_there,
)
from tests.support.mnist_files import FOLDERS, HTML, STEMS, name_of, place_files


def _same(root: Path, mnist_root: Path, name: str = "mnist") -> None:
    """Both splits are those of the small MNIST, and the registry says that they are there."""
    for split in ("train", "test"):
        images, labels = load(name, split, root)
        right_images, right_labels = load("mnist", split, mnist_root)
        assert torch.equal(images, right_images)
        assert torch.equal(labels, right_labels)
    assert is_available(name, root)


MIXTURES = {
    "dots": {stem: name_of(stem, dot=True) for stem in STEMS},
    "gz only": {stem: name_of(stem, packed=True) for stem in STEMS},
    "dots, gz": {stem: name_of(stem, dot=True, packed=True) for stem in STEMS},
    "upper case": {stem: name_of(stem).upper() for stem in STEMS},
    "upper case, gz": {stem: name_of(stem, dot=True, packed=True).upper() for stem in STEMS},
    "all at once": {
        stem: name_of(stem, dot=k % 2 == 0, packed=k < 2) for k, stem in enumerate(STEMS)
    },
}


@pytest.mark.parametrize("mixture", MIXTURES)
@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("place", ["{}/raw", "{}", ".", "raw"])
def test_every_name_in_every_place(mnist_root, tmp_path, mixture, name, place):
    place_files(mnist_root, tmp_path / place.format(FOLDERS[name]), MIXTURES[mixture])
    _same(tmp_path, mnist_root, name)


@pytest.mark.parametrize("folder", ["mnist/RAW", "Mnist/Raw", "mnist"])
def test_folders_in_another_case(mnist_root, tmp_path, folder):
    place_files(mnist_root, tmp_path / folder, MIXTURES["dots"])
    _same(tmp_path, mnist_root)


@pytest.mark.parametrize("folder", ["fashion-mnist/raw", "fashion_mnist", "FASHIONMNIST/raw"])
def test_folders_of_fashion_under_other_names(mnist_root, tmp_path, folder):
    place_files(mnist_root, tmp_path / folder, MIXTURES["gz only"])
    _same(tmp_path, mnist_root, "fashion_mnist")
    assert not is_available("mnist", tmp_path)


@pytest.mark.parametrize("inner", ["", "MNIST", "MNIST/raw"])
def test_the_root_may_be_the_folder_itself(mnist_root, tmp_path, inner):
    folder = place_files(mnist_root, tmp_path / "MNIST" / "raw", MIXTURES["gz only"])
    root = tmp_path / inner
    assert root in (folder, *folder.parents)
    _same(root, mnist_root)
    assert not is_available("fashion_mnist", root)


def test_each_file_in_a_folder_of_its_own_name(mnist_root, tmp_path):
    for stem in STEMS:
        place_files(mnist_root, tmp_path / name_of(stem), {stem: name_of(stem)})
    _same(tmp_path, mnist_root)


def test_gzip_is_known_by_its_bytes(mnist_root, tmp_path):
    folder = place_files(mnist_root, tmp_path / "MNIST/raw", MIXTURES["dots"])
    for file in folder.iterdir():
        file.write_bytes(gzip.compress(file.read_bytes()))
    _same(tmp_path, mnist_root)


def test_of_two_the_whole_one_is_read(mnist_root, tmp_path):
    """A file that was cut off beside its archive, and an archive whose middle is spoilt."""
    raw = place_files(mnist_root, tmp_path / "MNIST/raw", MIXTURES["gz only"])
    place_files(mnist_root, raw, MIXTURES["dots"])
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
    names = {stem: name_of(stem) for stem in STEMS}
    names["train-images"] = names["t10k-images"]
    place_files(mnist_root, tmp_path, {"t10k-images": "t10k-images-idx3-ubyte"})
    place_files(mnist_root, tmp_path, {"t10k-images": "train-images-idx3-ubyte"})
    _labels(tmp_path, train, "train")
    _labels(tmp_path, test, "t10k")
    assert is_available(own, tmp_path)
    assert not is_available(other, tmp_path)
    assert load(own, "test", tmp_path).labels[:8].tolist() == test
    with pytest.raises(DataError, match="it is not there"):
        load(other, "test", tmp_path)


def test_nothing_is_fetched_that_is_here_under_another_name(mnist_root, tmp_path, monkeypatch):
    place_files(mnist_root, tmp_path, MIXTURES["all at once"])
    monkeypatch.setattr(torchvision_sets, "remotes", lambda _: pytest.fail("it asked for a server"))
    assert len(load("mnist", "test", tmp_path, download=True).images) == 11


def test_the_command_line_says_it_in_one_line(mnist_root, tmp_path):
    raw = place_files(mnist_root, tmp_path / "MNIST/raw", {stem: name_of(stem) for stem in STEMS})
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
