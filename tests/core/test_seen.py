"""What a trained network sees of an image."""

import numpy as np

from draw_core.data.seen import as_seen

GREYS = np.array([[[0, 1, 127, 128, 254, 255]]], np.uint8)


def test_half_grey_is_the_border_between_black_and_white():
    for how in ("bernoulli", "threshold"):
        np.testing.assert_array_equal(as_seen(GREYS, how), [[[0, 0, 0, 1, 1, 1]]])


def test_a_network_of_greys_sees_greys():
    seen = as_seen(GREYS, "grey")
    np.testing.assert_allclose(seen, GREYS / 255, atol=1e-7)
    assert seen.dtype == np.float32
