"""Pictures of samples: which pixel is where, and its grey value."""

import io

import numpy as np
import pytest
from PIL import Image

from draw_core.film.codecs import BERNOULLI
from draw_core.film.film import Film
from draw_core.film.montage import encode_row, montage
from tests.support import films

LINE = 64  # grey between samples: 255 / 4


def _film(samples: int, channels: int = 1, steps: int = 4) -> Film:
    shape = (steps + 1, samples, channels, 3, 5)
    canvases = np.random.default_rng(0).integers(60, 200, shape).astype(np.uint8)
    return films.painted(canvases)


def _grey(film: Film, step: int, sample: int) -> np.ndarray:
    return np.rint(255 * BERNOULLI.values[film.frames()[step, sample]]).transpose(1, 2, 0)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("samples", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (5, 2, 3)])
def test_each_sample_has_its_place_and_its_values(samples, rows, columns, channels):
    film = _film(samples, channels)
    sheet = montage(film, 2)
    expected = np.full((rows * 4 - 1, columns * 6 - 1, channels), LINE)
    for index in range(samples):
        top, left = 4 * (index // columns), 6 * (index % columns)
        expected[top : top + 3, left : left + 5] = _grey(film, 2, index)
    np.testing.assert_array_equal(sheet, expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_row_repeats_pixels_and_leaves_gaps_clear(channels):
    images = np.random.default_rng(0).integers(0, 256, (3, channels, 28, 20), np.uint8)
    row = np.asarray(Image.open(io.BytesIO(encode_row(images))))
    assert row.shape == (56, 3 * 40 + 2 * 4, 4)
    for k, image in enumerate(images):
        left = 44 * k
        shown = row[:, left : left + 40]
        expected = np.broadcast_to(image, (3, 28, 20)).transpose(1, 2, 0)
        np.testing.assert_array_equal(shown[::2, ::2, :3], expected)
        np.testing.assert_array_equal(shown[1::2, 1::2, :3], expected)
        assert (shown[..., 3] == 255).all()
        assert (row[:, left + 40 : left + 44] == 0).all()


def test_a_row_ends_where_the_page_does():
    for side in (8, 28, 128):
        images = np.zeros((400, 1, side, side), np.uint8)
        width = Image.open(io.BytesIO(encode_row(images))).width
        assert 1460 - 140 < width <= 1460
