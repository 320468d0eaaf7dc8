"""The registry of data sets, reading MNIST, and binarisation."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from draw_core.data import registry
from draw_core.data.binarise import binarise
from draw_core.data.datasets import load, require_shape
from draw_core.data.registry import DATASETS, DataError, default_root, describe, is_available
from tests.support import small


@pytest.mark.parametrize(
    ("split", "prefix", "count"), [("train", "train", 24), ("test", "t10k", 11)]
)
def test_mnist_gives_the_bytes_of_its_files(mnist_root, split, prefix, count):
    images, labels = load("mnist", split, mnist_root)
    raw = mnist_root / "MNIST" / "raw"
    content = (raw / f"{prefix}-images-idx3-ubyte").read_bytes()
    expected = np.frombuffer(content[16:], np.uint8).reshape(count, 1, 28, 28)
    assert images.dtype == torch.uint8
    np.testing.assert_array_equal(images, expected)
    assert tuple(images.shape[1:]) == DATASETS["mnist"].shape
    assert labels.dtype == torch.int64
    assert labels.tolist() == list((raw / f"{prefix}-labels-idx1-ubyte").read_bytes()[8:])


def test_missing_files_say_what_to_do(tmp_path):
    with pytest.raises(
        DataError,
        match=r"MNIST could not be read from .*it is not there.*--data-root .* --download",
    ):
        load("mnist", "test", tmp_path)


def test_broken_files_say_where(mnist_root, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (mnist_root / "MNIST" / "raw").iterdir():
        (raw / path.name).write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=str(tmp_path)):
        load("mnist", "train", tmp_path)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match="no data set 'mnits'; choose one of strokes, mnist"):
        load("mnits", "train")


def test_more_images_than_labels_are_broken_files(mnist_root, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (mnist_root / "MNIST" / "raw").iterdir():
        other = path.name.replace("train-labels", "t10k-labels")
        (raw / path.name).write_bytes((path.parent / other).read_bytes())
    assert len(load("mnist", "test", tmp_path).images) == 11
    with pytest.raises(DataError, match="24 images of train and 11 labels for them"):
        load("mnist", "train", tmp_path)


def test_the_registry_needs_the_standard_library_only():
    program = """
import sys
from draw_core.data.registry import DATASETS, describe, is_available
from draw_core.data.shelf import list_folders
is_available("mnist"), list_folders()
print(sorted({"numpy", "torch", "PIL", "safetensors", "jaxtyping"} & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_the_registry_begins_with_what_needs_no_network():
    first = next(iter(DATASETS.values()))
    assert (first.name, first.needs_download, first.download_bytes) == ("strokes", False, None)
    assert [d.name for d in DATASETS.values() if d.needs_download] == [
        "mnist",
        "fashion_mnist",
        "svhn",
        "cifar10",
    ]
    for name, dataset in DATASETS.items():
        assert describe(name) is dataset
        assert dataset.title
        assert dataset.source
        assert dataset.licence
        assert dataset.how.endswith(".")


def test_a_set_is_available_when_all_its_files_are_there(mnist_root, tmp_path):
    assert is_available("strokes", tmp_path)
    assert is_available("mnist", mnist_root)
    assert not is_available("mnist", tmp_path)
    assert not is_available("mnits", mnist_root)
    assert not is_available("folder:0123456789abcdef", mnist_root)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in list((mnist_root / "MNIST" / "raw").glob("*ubyte"))[:3]:
        (raw / path.name).write_bytes(b"")
    assert not is_available("mnist", tmp_path)


def test_availability_looks_in_the_default_root(mnist_root, monkeypatch):
    monkeypatch.setattr(registry, "default_root", lambda: mnist_root)
    assert is_available("mnist")


def test_images_of_another_shape_are_refused():
    config = small.config(channels=1)
    require_shape(torch.zeros(2, 1, 5, 7, dtype=torch.uint8), config.shape)
    with pytest.raises(ValueError, match=r"images are \(1, 7, 5\) .* is for \(1, 5, 7\)"):
        require_shape(torch.zeros(2, 1, 7, 5, dtype=torch.uint8), config.shape)


def test_the_root_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    assert default_root() == tmp_path
    monkeypatch.delenv("DRAW_DATA_ROOT")
    assert default_root().name == "draw-explorer"


def test_binarisation_is_bernoulli_with_the_grey_value():
    levels = torch.tensor([0, 1, 64, 128, 254, 255], dtype=torch.uint8)
    images = levels.view(1, 6, 1, 1).expand(40_000, 6, 1, 1)
    x = binarise(images, small.seeded(0))
    assert set(x.unique().tolist()) == {0, 1}
    mean = x.mean(dim=(0, 2, 3)).numpy()
    np.testing.assert_allclose(mean, levels / 255, atol=0.01)


@pytest.mark.parametrize("uniform", [0.0, 1 - 2**-24])  # the ends of what torch.rand gives
def test_black_stays_black_and_white_stays_white(monkeypatch, uniform):
    monkeypatch.setattr(torch, "rand", lambda shape, generator: torch.full(shape, uniform))
    images = torch.tensor([0, 255], dtype=torch.uint8).view(1, 2, 1, 1)
    assert binarise(images).flatten().tolist() == [0, 1]


def test_binarisation_repeats_with_the_generator():
    images = small.byte_images(3)
    assert torch.equal(binarise(images, small.seeded(0)), binarise(images, small.seeded(0)))
    assert not torch.equal(binarise(images, small.seeded(0)), binarise(images, small.seeded(1)))


def test_bernoulli_is_one_uniform_number_per_pixel():
    images = small.byte_images(3)
    uniform = torch.rand(images.shape, generator=small.seeded(5))
    expected = (uniform < images / 255).float()
    assert torch.equal(binarise(images, small.seeded(5)), expected)
    assert torch.equal(binarise(images, small.seeded(5), "bernoulli"), expected)


def test_threshold_and_grey_by_hand():
    images = torch.tensor([0, 1, 127, 128, 254, 255], dtype=torch.uint8).view(1, 6, 1, 1)
    threshold = binarise(images, how="threshold")
    assert threshold.dtype == torch.float32
    assert threshold.flatten().tolist() == [0, 0, 0, 1, 1, 1]
    grey = binarise(images, how="grey")
    assert grey.dtype == torch.float32
    expected = [0, 1 / 255, 127 / 255, 128 / 255, 254 / 255, 1]
    np.testing.assert_allclose(grey.flatten(), expected, rtol=1e-6)


def test_what_is_not_random_uses_no_random_numbers():
    generator = small.seeded(0)
    before = generator.get_state()
    binarise(small.byte_images(2), generator, "threshold")
    binarise(small.byte_images(2), generator, "grey")
    assert torch.equal(generator.get_state(), before)
