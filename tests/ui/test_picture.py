"""How an address names a drawing."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from ui.kit.picture import drawing_link, from_drawing_link

SIDES = st.integers(1, 64)
DRAWINGS = st.tuples(st.just(1), SIDES, SIDES).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.sampled_from([0, 255]))
)


@given(DRAWINGS)
def test_a_drawing_comes_back_from_its_link(pixels):
    link = drawing_link(pixels)
    assert link is not None
    np.testing.assert_array_equal(from_drawing_link(link), pixels)


def test_a_digit_fits_into_an_address():
    pixels = 255 * np.random.default_rng(0).integers(0, 2, (1, 28, 28)).astype(np.uint8)
    assert len(drawing_link(pixels)) < 150


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((1, 3, 3), 7, np.uint8),
        np.zeros((3, 3, 3), np.uint8),
        np.zeros((1, 65, 3), np.uint8),
    ],
)
def test_greys_colours_and_large_pictures_have_no_link(pixels):
    assert drawing_link(pixels) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    pixels = from_drawing_link(text)
    assert pixels is None or drawing_link(pixels) is not None


@pytest.mark.parametrize(
    "text", ["", "0x4.AA", "4x0.AA", "65x1.AAAAAAAAAAAA", "8x8.AA", "8x8.AAAAAAAAAAA$", "28x28."]
)
def test_links_that_do_not_fit_are_refused(text):
    assert from_drawing_link(text) is None
