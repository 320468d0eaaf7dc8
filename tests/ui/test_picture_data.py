"""Galleries, and pictures by the names that addresses give them."""

import numpy as np
import pytest

from draw_core.data.drawn import strokes
from draw_core.data.drawn.scenes import SCENES, scene
from draw_core.data.registry import COMPOSITES, DataError
from draw_core.film.codecs import BERNOULLI
from draw_core.film.files import load_film
from tests.support import browser
from ui.kit.picture import Picture
from ui.picture import data as picture_data
from ui.picture.data import Target

DIGITS = Target(1, 28, 28, binary=True)
COLOURS = Target(3, 32, 32, binary=False)


@pytest.fixture
def checkpoints(tmp_path, monkeypatch):
    """A model, no data set but the strokes, and no other training."""
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    browser.write_checkpoint(tmp_path / "checkpoints", browser.pen())
    return tmp_path / "checkpoints"


@pytest.fixture
def entry(checkpoints):
    from ui.models.catalogue import shipped

    return shipped().models["mnist-attention"]


def test_a_test_image_is_black_and_white_for_a_network_of_digits(checkpoints):
    images, labels = strokes.make("test", 8)
    picture = picture_data.from_link("strokes:7", DIGITS)
    np.testing.assert_array_equal(picture.pixels, 255 * (images[7] >= 128))
    assert picture.link == "strokes:7"
    np.testing.assert_array_equal(picture_data.from_link("strokes:7").pixels, images[7])
    assert labels[7] == 14
    assert picture.words == "test image 7 of Drawn strokes (spiral)"


def test_what_a_network_of_colours_gets(checkpoints):
    name = next(iter(SCENES))
    picture = picture_data.from_link("scene:0", COLOURS)
    assert picture.pixels.shape == (3, 32, 32)
    assert len(np.unique(picture.pixels)) > 20
    np.testing.assert_array_equal(picture_data.from_link("scene:0").pixels, scene(name))
    assert picture.words == f"the test picture “{name}” ({SCENES[name]})"
    grey = picture_data.from_link(f"scene:{len(SCENES)}")
    luma = np.tensordot([0.299, 0.587, 0.114], scene(name), 1)
    np.testing.assert_allclose(grey.pixels[0], luma, atol=1)


def test_a_sample_is_what_the_model_painted(checkpoints):
    film = load_film(checkpoints / "mnist-attention" / "preview.npz")
    picture = picture_data.from_link("sample:mnist-attention:5", DIGITS)
    p = BERNOULLI.values[film.last[5]]
    np.testing.assert_array_equal(picture.pixels, 255 * (np.rint(255 * p) >= 128))
    assert picture.words == "sample 6 of mnist-attention"


def test_a_drawing_is_named_by_its_pixels(checkpoints):
    pixels = 255 * np.random.default_rng(0).integers(0, 2, (1, 28, 28)).astype(np.uint8)
    drawn = picture_data.drawn(pixels)
    np.testing.assert_array_equal(picture_data.from_link(drawn.link, DIGITS).pixels, pixels)
    assert picture_data.drawn(np.full((1, 28, 28), 9, np.uint8)).link is None


@pytest.mark.parametrize(
    "link",
    [
        *("", ":", "strokes", "strokes:", "strokes:x", "strokes:-1", "strokes:10000"),
        *("mnist:0", "no-such:0", "folder:../../etc/passwd:0", "scene:99", "drawing:5x5"),
        *("sample:none:1", "sample::0", "sample:0", "sample:mnist-attention:64"),
        *("sample:../mnist-attention:1", "strokes:99999999999", "drawing:28x28.AAAA"),
        *("1x28x28@scene:99", "2x28x28@scene:0", "1x1x28@scene:0", "1x999x28@scene:0"),
        *("1x28x28@1x20x20@scene:0", "1x28x28@"),
    ],
)
def test_a_link_that_names_nothing_here_gives_none(checkpoints, link):
    assert picture_data.from_link(link, DIGITS) is None


def test_what_is_offered(checkpoints, entry):
    offered = picture_data.offered([], entry, scenes=True)
    assert list(offered) == ["scene", "strokes", *COMPOSITES, "sample"]
    assert offered["sample"] == "Samples of mnist-attention"
    assert list(picture_data.offered([], None, scenes=False)) == ["strokes", *COMPOSITES]


def test_strokes_that_were_never_drawn_are_had_without_a_wait(checkpoints):
    assert picture_data.at_once("strokes") == 250
    assert picture_data.count("strokes") == 10_000
    with pytest.raises(DataError, match="There is no picture 10000"):
        picture_data.picture("strokes", 10_000)


def test_the_target_is_what_the_model_takes(entry):
    assert Target.of(entry) == DIGITS
    half = Picture(np.array([[[127, 128]]], np.uint8), "", None)
    np.testing.assert_array_equal(Target(1, 1, 2, True).take(half.pixels), [[[0, 255]]])
