"""Data sets and binarisation."""

import numpy as np
import pytest
import torch

from draw_core.data import DATASETS, DataError, binarise, default_root, load
from tests import small


@pytest.mark.parametrize(
    ("split", "prefix", "count"), [("train", "train", 24), ("test", "t10k", 11)]
)
def test_mnist_gives_the_bytes_of_its_files(mnist_root, split, prefix, count):
    images = load("mnist", split, mnist_root)
    content = (mnist_root / "MNIST" / "raw" / f"{prefix}-images-idx3-ubyte").read_bytes()
    expected = np.frombuffer(content[16:], np.uint8).reshape(count, 1, 28, 28)
    assert images.dtype == torch.uint8
    np.testing.assert_array_equal(images, expected)
    assert tuple(images.shape[1:]) == DATASETS["mnist"].shape


def test_missing_files_say_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"could not be read from .*--data-root .* --download"):
        load("mnist", "test", tmp_path)


def test_broken_files_say_where(mnist_root, tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in (mnist_root / "MNIST" / "raw").iterdir():
        (raw / path.name).write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=str(tmp_path)):
        load("mnist", "train", tmp_path)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match="no data set 'mnits'; choose one of mnist"):
        load("mnits", "train")


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
