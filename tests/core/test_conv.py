"""The convolutional baseline computes what its two convolutions say."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from draw_core.base.fields import described
from draw_core.families.conv.config import ConvConfig
from draw_core.families.conv.engine import ENGINE
from draw_core.families.conv.model import ConvClassifier
from tests.support import small

# No two sizes are equal, so that a mixed-up axis shows.
CONFIG = ConvConfig(
    height=31,
    width=27,
    channels=2,
    classes=4,
    filters_1=3,
    filters_2=5,
    kernel=4,
    stride=2,
    pool_1=2,
    pool_2=3,
)


def _pixels(batch: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.rand((batch, *CONFIG.shape), generator=small.seeded(4), dtype=dtype)


def _convolve(v: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int) -> np.ndarray:
    """[C, H, W] seen through every filter [F, C, K, K], a cut at a time, and what is above 0."""
    count, _, kernel, _ = weight.shape
    rows, columns = ((n - kernel) // stride + 1 for n in v.shape[1:])
    out = np.zeros((count, rows, columns))
    for f in range(count):
        for r in range(rows):
            for k in range(columns):
                cut = v[:, r * stride : r * stride + kernel, k * stride : k * stride + kernel]
                out[f, r, k] = (cut * weight[f]).sum() + bias[f]
    return np.maximum(out, 0)


def _pool(v: np.ndarray, side: int) -> np.ndarray:
    """The largest of each square; what is left over at the right and at the bottom is cut off."""
    rows, columns = (n // side for n in v.shape[1:])
    v = v[:, : rows * side, : columns * side]
    return v.reshape(len(v), rows, side, columns, side).max(axis=(2, 4))


def test_it_is_two_convolutions_and_a_linear_layer():
    torch.manual_seed(0)
    network, x = ConvClassifier(CONFIG).double(), _pixels(2)
    w = {name: value.detach().numpy() for name, value in network.named_parameters()}
    for image, found in zip(x.numpy(), network(x), strict=True):
        v = _pool(_convolve(image, w["first.weight"], w["first.bias"], 2), 2)
        v = _pool(_convolve(v, w["second.weight"], w["second.bias"], 1), 3)
        assert v.shape == (5, *CONFIG.grid)
        expected = w["answer.weight"] @ v.ravel() + w["answer.bias"]
        np.testing.assert_allclose(found.detach(), expected, rtol=1e-9)
    assert ConvConfig(height=100, width=100).grid == (10, 10)


def test_its_gradient_agrees_with_differences_of_the_loss():
    torch.manual_seed(1)
    network, x, labels = ConvClassifier(CONFIG).double(), _pixels(2), torch.tensor([3, 1])
    ENGINE.gradients(network, 2, None)(x, labels[None])
    small.slopes_agree(
        network.parameters(),
        lambda: F.cross_entropy(network.logits(x), labels),
        every=7,
        abs_=1e-7,
    )


def test_rounded_factors_change_its_answer_by_their_precision_only():
    torch.manual_seed(2)
    network, x = ConvClassifier(CONFIG), _pixels(8, torch.float32)
    exact, rounded = network.logits(x), network.logits(x, torch.bfloat16)
    assert rounded.dtype == torch.float32
    difference = (rounded - exact).norm() / exact.norm()
    assert 1e-5 < difference < 0.02  # bfloat16 has 8 bits


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"filters_1": 1024}, "Lower filters_1 or filters_2, or raise stride"),
        ({"kernel": 65}, "kernel is 65; set it to 64 or less"),
        ({"kernel": 40}, "leaves nothing of the image"),
    ],
)
def test_networks_that_cannot_be_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        replace(ConvConfig(height=100, width=100), **values)


@pytest.mark.parametrize("name", [field.name for field in described(ConvConfig) if field.group])
def test_what_is_said_of_it_names_every_size(name):
    config = replace(CONFIG, height=100, width=100)
    assert replace(config, **{name: getattr(config, name) + 1}).facts() != config.facts()
