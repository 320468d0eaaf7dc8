"""Both halves of the loss against torch.distributions, in nats."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from draw_core.nets.losses import bernoulli_nll, gaussian_kl


def _random(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(len(shape))
    return 2 * torch.randn(shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("shape", [(3, 1), (3, 5), (4, 2, 7)])
def test_kl_equals_the_closed_form_of_torch(shape):
    mu, log_sigma = _random(*shape), _random(*shape).flip(0) / 2
    expected = kl_divergence(Normal(mu, log_sigma.exp()), Normal(0.0, 1.0)).sum(dim=-1)
    torch.testing.assert_close(gaussian_kl(mu, log_sigma), expected)


@pytest.mark.parametrize("z_size", [1, 2, 100])
def test_kl_is_exactly_zero_at_the_prior(z_size):
    zeros = torch.zeros(2, z_size)
    assert gaussian_kl(zeros, zeros).tolist() == [0, 0]


def test_kl_by_hand():
    # 1/2 (mu^2 + sigma^2 - log sigma^2 - 1) = 1/2 (9 + 4 - log 4 - 1)
    value = gaussian_kl(torch.tensor([[3.0]]), torch.tensor([[math.log(2)]])).item()
    assert value == pytest.approx(6 - math.log(2))


@pytest.mark.parametrize("binary", [True, False])
def test_nll_equals_bernoulli_and_sums_over_pixels(binary):
    logits = _random(3, 2, 4, 5)
    x = _random(3, 2, 4, 5).flip(0).sigmoid()
    if binary:
        x = x.round()
    # Away from 0 and 1 the same formula serves as a cross-entropy.
    bernoulli = Bernoulli(logits=logits, validate_args=binary)
    torch.testing.assert_close(bernoulli_nll(logits, x), -bernoulli.log_prob(x).sum(dim=(1, 2, 3)))


def test_nll_of_a_grey_canvas_is_log_two_per_pixel():
    nll = bernoulli_nll(torch.zeros(2, 1, 28, 28), torch.ones(2, 1, 28, 28))
    torch.testing.assert_close(nll, torch.full((2,), 784 * math.log(2)))


def test_nll_stays_finite_where_the_probability_underflows():
    logits = torch.tensor([-200.0, 200.0]).view(2, 1, 1, 1)
    assert bernoulli_nll(logits, 1 - logits.sign().clamp_min(0)).tolist() == [200, 200]
