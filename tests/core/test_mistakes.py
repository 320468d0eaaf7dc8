"""Mistakes that public DRAW code makes. Each is planted once, and the check must find it.

Every check runs twice: on draw_core as it is, where it passes, and with the mistake planted, where
it must fail.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from draw_core.families.draw import model
from draw_core.film import montage
from draw_core.film.codecs import BERNOULLI
from draw_core.nets import attention, losses
from draw_core.nets.attention import AttentionParams
from tests.support import films, reference, small

H, W, N = 6, 9, 3
RAW = torch.tensor([[0.2, -0.3, 0.1, -0.2, 0.3]], dtype=torch.float64)

# --- Checks ---


def check_window():
    """Where the window lies, against eqs 21-24."""
    paper = reference.window(RAW[0].numpy(), A=W, B=H, N=N)
    params = model.decode_params(RAW, H, W, N)
    expected = [paper.g_X - 1, paper.g_Y - 1, paper.delta, paper.sigma2, paper.gamma]
    np.testing.assert_allclose([float(p) for p in params], expected)


def check_filters():
    """The filters of a given window, against eqs 19, 20, 25, 26."""
    paper = reference.Window(g_X=5.3, g_Y=2.9, delta=1.4, sigma2=1.7, gamma=1.2)
    values = (4.3, 1.9, 1.4, 1.7, 1.2)
    params = AttentionParams(*(torch.tensor([v], dtype=torch.float64) for v in values))
    for bank, expected in zip(
        attention.filterbank(params, H, W, N), reference.filters(paper, W, H, N), strict=True
    ):
        np.testing.assert_allclose(bank[0], expected, atol=1e-9)


def check_far_filters():
    """Rows that sum to 1 far outside the image."""
    params = AttentionParams(*(torch.tensor([v]) for v in (1e4, -1e4, 1.0, 1.0, 1.0)))
    for bank in attention.filterbank(params, H, W, N):
        np.testing.assert_allclose(bank.sum(dim=-1), 1, atol=1e-5)


def check_kl():
    """Zero at the prior, and the closed form elsewhere."""
    network = small.model()
    trace = network(small.pixels(2, network), small.seeded(0))
    normal = torch.distributions.Normal
    q = normal(trace.mu, trace.log_sigma.exp())
    expected = torch.distributions.kl_divergence(q, normal(0.0, 1.0)).sum(dim=-1)
    np.testing.assert_allclose(trace.kl.detach(), expected.detach(), atol=1e-5)
    with torch.no_grad():
        network.posterior.weight.zero_()
        network.posterior.bias.zero_()
    assert not network(small.pixels(2, network)).kl.any()


def check_noise():
    """Noise that differs from step to step, in reconstruction and in generation."""
    network = small.model()
    seen = network(small.pixels(2, network), small.seeded(0))
    noise = (seen.z - seen.mu) / seen.log_sigma.exp()
    for values in (noise.detach(), network.generate(2, small.seeded(0)).z):
        for t in range(1, len(values)):
            assert (values[t] - values[t - 1]).abs().min() > 1e-3


def check_heads():
    """The write window stays where it is when the head of the read window changes."""
    network = model.DRAW(small.CONFIG)
    before = network.generate(2, small.seeded(0)).write_params.g_x
    with torch.no_grad():
        network.read_window.bias += 1
    assert torch.equal(network.generate(2, small.seeded(0)).write_params.g_x, before)


def check_display():
    """Pixels shown as 255 p, also where the picture uses a part of the range only."""
    canvases = np.linspace(90, 150, 2 * 2 * 5 * 7).astype(np.uint8).reshape(2, 2, 1, 5, 7)
    film = films.painted(canvases)
    sheet = montage.montage(film, 1)[..., 0]
    left, right = np.rint(255 * BERNOULLI.values[canvases[1, :, 0]]).astype(np.uint8)
    np.testing.assert_array_equal(sheet[:, :7], left)
    np.testing.assert_array_equal(sheet[:, 8:], right)


# --- Mistakes ---


def _decode_with(centre: Callable[[torch.Tensor, int], torch.Tensor]):
    right = attention.decode_params

    def decode(raw, height, width, size):
        params = right(raw, height, width, size)
        return params._replace(g_x=centre(raw[:, 0], width), g_y=centre(raw[:, 1], height))

    return decode


def _rows_with(weight: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], normalise=True):
    def rows(mu, sigma2, length):
        d = torch.arange(length, dtype=mu.dtype) - mu[..., None]
        bank = weight(d, sigma2[:, None, None])
        return bank / bank.sum(dim=-1, keepdim=True) if normalise else bank

    return rows


def _guarded_sum(mu, sigma2, length):
    d = torch.arange(length, dtype=mu.dtype) - mu[..., None]
    bank = (-(d**2) / (2 * sigma2[:, None, None])).exp()
    return bank / (bank.sum(dim=-1, keepdim=True) + 1e-8)


_filterbank = attention.filterbank


def _stride_off(params, height, width, size):
    shifted = params._replace(g_x=params.g_x - params.delta, g_y=params.g_y - params.delta)
    return _filterbank(shifted, height, width, size)


def _diagonal(params, height, width, size):
    return _filterbank(params._replace(g_y=params.g_x), height, width, size)


def _kl_with(constant: Callable[[int], float]):
    def kl(mu, log_sigma):
        terms = mu**2 + (2 * log_sigma).exp() - 2 * log_sigma
        return 0.5 * terms.sum(dim=-1) - constant(mu.shape[-1])

    return kl


_noise = model.DRAW.noise


def _one_noise(self, batch, generator=None):
    noise = _noise(self, batch, generator)
    return noise[:1].expand_as(noise)


_init = model.DRAW.__init__


def _one_head(self, config):
    _init(self, config)
    self.write_window = self.read_window


_montage = montage.montage


def _rescaled(film, step):
    sheet = _montage(film, step).astype(float)
    return np.rint(255 * (sheet - sheet.min()) / (sheet.max() - sheet.min())).astype(np.uint8)


T = small.CONFIG.num_steps
# name: (check, where it is planted, attribute, the wrong code)
MISTAKES = {
    "grid index from 0: one stride off": (
        check_filters, attention, "filterbank", _stride_off),
    "1-based centre on 0-based pixels": (
        check_window, model, "decode_params", _decode_with(lambda g, n: (n + 1) / 2 * (g + 1))),
    "centre half a pixel off": (
        check_window, model, "decode_params", _decode_with(lambda g, n: n / 2 * (g + 1))),
    "KL constant 1/2 instead of z/2": (
        check_kl, model, "gaussian_kl", _kl_with(lambda z: 0.5)),
    "KL constant T/2 per image instead of z/2 per step": (
        check_kl, model, "gaussian_kl", _kl_with(lambda z: 0.5 * T)),
    "one noise tensor for all steps": (
        check_noise, model.DRAW, "noise", _one_noise),
    "sigma2 squared": (
        check_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-(d**2) / (2 * s**2)).exp())),
    "whole exponent squared": (
        check_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-((d / (2 * s)) ** 2)).exp())),
    "1/2 missing from the exponent": (
        check_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-(d**2) / s).exp())),
    "F_Y built without g_Y": (
        check_filters, attention, "filterbank", _diagonal),
    "one head for both windows": (
        check_heads, model.DRAW, "__init__", _one_head),
    "filters not normalised": (
        check_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-(d**2) / (2 * s)).exp(), normalise=False)),
    "filters divided by a density instead of their sum": (
        check_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-(d**2) / (2 * s)).exp() / (2 * math.pi * s).sqrt(), False)),
    "0/0 far outside": (
        check_far_filters, attention, "_gaussian_rows",
        _rows_with(lambda d, s: (-(d**2) / (2 * s)).exp())),
    "rows of zeros far outside": (
        check_far_filters, attention, "_gaussian_rows", _guarded_sum),
    "display that rescales pixels": (
        check_display, montage, "montage", _rescaled),
}  # fmt: skip


@pytest.mark.parametrize("check", dict.fromkeys(check for check, *_ in MISTAKES.values()))
def test_draw_core_is_free_of_it(check):
    check()


@pytest.mark.parametrize("name", MISTAKES)
def test_the_check_finds_it_when_planted(name, monkeypatch):
    check, owner, attribute, wrong = MISTAKES[name]
    monkeypatch.setattr(owner, attribute, wrong)
    with pytest.raises(AssertionError):
        check()


def test_the_checked_kl_is_the_one_that_the_model_uses():
    assert model.gaussian_kl is losses.gaussian_kl
    assert model.decode_params is attention.decode_params
