"""The window against NumPy loops, hand values and the properties that the paper gives it."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from draw_core.nets.attention import (
    AttentionParams,
    decode_params,
    filterbank,
    read_patch,
    write_patch,
)
from tests.support import reference


@st.composite
def scenes(draw: st.DrawFn):
    """Two raw windows, an image size (rarely square), channels, and a grid size."""
    height = draw(st.integers(1, 9))
    width = draw(st.integers(2, 9))
    size = draw(st.integers(2, max(height, width)))
    channels = draw(st.sampled_from([1, 3]))
    # Near enough to the image that the plain loops do not underflow.
    spread = st.tuples(
        st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 4), st.floats(-3, 0), st.floats(-2, 2)
    )
    raw = np.array([draw(spread), draw(spread)])
    return raw, height, width, size, channels


def _random(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _window(
    g_x: float, g_y: float, delta: float, sigma2: float, gamma: float = 1.0
) -> AttentionParams:
    values = (g_x, g_y, delta, sigma2, gamma)
    return AttentionParams(*(torch.tensor([v], dtype=torch.float64) for v in values))


@given(scenes())
def test_decode_params_follows_the_paper(scene):
    raw, height, width, size, _ = scene
    params = decode_params(torch.from_numpy(raw), height, width, size)
    for index, row in enumerate(raw):
        paper = reference.window(row, A=width, B=height, N=size)
        expected = (paper.g_X - 1, paper.g_Y - 1, paper.delta, paper.sigma2, paper.gamma)
        got = [float(value[index]) for value in params]
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@given(scenes())
def test_filterbank_read_and_write_equal_the_loops(scene):
    raw, height, width, size, channels = scene
    params = decode_params(torch.from_numpy(raw), height, width, size)
    images = _random(2, channels, height, width)
    patches = _random(2, channels, size, size)
    f_x, f_y = filterbank(params, height, width, size)
    read = read_patch(images, params, size)
    written = write_patch(patches, params, height, width)
    for index, row in enumerate(raw):
        paper = reference.window(row, A=width, B=height, N=size)
        F_X, F_Y = reference.filters(paper, A=width, B=height, N=size)
        np.testing.assert_allclose(f_x[index], F_X, atol=1e-12)
        np.testing.assert_allclose(f_y[index], F_Y, atol=1e-12)
        for channel in range(channels):
            expected = reference.read(images[index, channel].numpy(), paper, size)
            np.testing.assert_allclose(read[index, channel], expected, atol=1e-11)
            expected = reference.write(patches[index, channel].numpy(), paper, width, height)
            np.testing.assert_allclose(written[index, channel], expected, atol=1e-11)


@pytest.mark.parametrize("width", [2, 5, 28, 29])
@pytest.mark.parametrize("size", [2, 5])
def test_raw_zeros_span_the_image_from_the_first_pixel_to_the_last(width, size):
    size = min(size, width)
    params = decode_params(torch.zeros(1, 5, dtype=torch.float64), width, width, size)
    narrow = params._replace(sigma2=torch.full((1,), 1e-3, dtype=torch.float64))
    for bank in filterbank(narrow, width, width, size):
        assert bank[0, 0].argmax() == 0
        assert bank[0, -1].argmax() == width - 1
        # All the weight of the outer filters lies on the outer pixels, so they are not half off.
        assert bank[0, 0, 0] > 1 - 1e-9
        assert bank[0, -1, -1] > 1 - 1e-9
    assert params.sigma2.item() == params.gamma.item() == 1


def test_raw_zeros_centre_a_wide_image_and_take_the_stride_of_the_longer_side():
    params = decode_params(torch.zeros(1, 5), height=5, width=9, size=3)
    assert [p.item() for p in params] == [4, 2, 4, 1, 1]


def test_a_narrow_window_reads_one_pixel_per_cell():
    # Grid columns 1, 3, 5 and rows 2, 4, 6 of a 9 x 7 image.
    params = _window(g_x=3, g_y=4, delta=2, sigma2=1e-3, gamma=2.5)
    for row in range(9):
        for column in range(7):
            image = torch.zeros(1, 1, 9, 7, dtype=torch.float64)
            image[0, 0, row, column] = 1
            expected = torch.zeros(3, 3, dtype=torch.float64)
            if row in (2, 4, 6) and column in (1, 3, 5):
                expected[(row - 2) // 2, (column - 1) // 2] = 2.5
            torch.testing.assert_close(read_patch(image, params, 3)[0, 0], expected)


@given(scenes())
def test_write_is_the_adjoint_of_read(scene):
    raw, height, width, size, channels = scene
    params = decode_params(torch.from_numpy(raw), height, width, size)
    images = _random(2, channels, height, width)
    patches = _random(2, channels, size, size)
    left = (read_patch(images, params, size) * patches).sum(dim=(1, 2, 3))
    right = (images * write_patch(patches, params, height, width)).sum(dim=(1, 2, 3))
    torch.testing.assert_close(left, params.gamma**2 * right, rtol=1e-9, atol=1e-9)


@given(
    st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(-80, 80), st.floats(-30, 10)),
    st.integers(1, 9),
    st.integers(2, 9),
    st.integers(2, 6),
)
def test_rows_sum_to_one_wherever_the_window_is(values, height, width, size):
    raw = torch.tensor([[*values, 0.0]], requires_grad=True)
    for bank in filterbank(decode_params(raw, height, width, size), height, width, size):
        assert bank.min() >= 0
        torch.testing.assert_close(bank.sum(dim=-1), torch.ones(1, size))
        (gradient,) = torch.autograd.grad((bank**2).sum(), raw, retain_graph=True)
        assert gradient.isfinite().all()


@pytest.mark.parametrize(("centre", "pixel"), [(-1e6, 0), (1e6, 5), (2.3, 2), (2.8, 3)])
def test_a_filter_narrower_than_a_pixel_takes_the_nearest_one(centre, pixel):
    f_x, _ = filterbank(_window(centre, 0, 1e-6, 0.0), height=4, width=6, size=2)
    expected = torch.zeros(2, 6, dtype=torch.float64)
    expected[:, pixel] = 1
    torch.testing.assert_close(f_x[0], expected)


def test_a_filter_wider_than_the_image_averages_it():
    image = _random(1, 1, 4, 6)
    patch = read_patch(image, _window(0, 0, 1, 1e12), 2)
    torch.testing.assert_close(patch, image.mean().expand(1, 1, 2, 2))


def test_gradients_of_read_and_write():
    raw = (0.3 * _random(2, 5)).requires_grad_()
    images, patches = _random(2, 3, 4, 6).requires_grad_(), _random(2, 3, 2, 2).requires_grad_()

    def read(raw, images):
        return read_patch(images, decode_params(raw, 4, 6, 2), 2)

    def write(raw, patches):
        return write_patch(patches, decode_params(raw, 4, 6, 2), 4, 6)

    assert torch.autograd.gradcheck(read, (raw, images))
    assert torch.autograd.gradcheck(write, (raw, patches))


@given(
    st.lists(st.floats(-300, 300, width=32), min_size=5, max_size=5),
    st.sampled_from([(28, 28), (5, 9)]),
)
def test_windows_that_nothing_trained_would_ask_for_still_have_filters(raw, shape):
    height, width = shape
    params = decode_params(torch.tensor([raw]), height, width, 3)
    for bank in filterbank(params, height, width, 3):
        np.testing.assert_allclose(bank.sum(dim=-1), 1, atol=1e-5)


@pytest.mark.parametrize("g", [1e20, -1e20, 3e38])
def test_centres_at_the_end_of_the_number_range(g):
    params = AttentionParams(*(torch.tensor([v]) for v in (g, g, 1e17, 0.0, 1.0)))
    for bank in filterbank(params, 6, 9, 3):
        np.testing.assert_allclose(bank.sum(dim=-1), 1, atol=1e-5)
