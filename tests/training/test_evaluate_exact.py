"""The bounds against likelihoods that are known exactly: in closed form, and by quadrature."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from draw_core.measure.evaluate import BLOCK, Tally, evaluate
from tests.support import small

# A network whose latents can be laid on a grid: one for each of two steps.
TINY = {"height": 3, "width": 2, "channels": 1, "num_steps": 2, "z_size": 1, "write_size": 2}


def _deaf(mu: float, log_sigma: float):
    """Its decoder ignores z, so that p(x) is known; its posterior is what the arguments say."""
    model = small.model()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.initial_canvas.fill_(-2.0)
        model.posterior.bias[: model.config.z_size] = mu
        model.posterior.bias[model.config.z_size :] = log_sigma
    return model


def _black_and_white(count: int) -> torch.Tensor:
    return (small.byte_images(count) > 127).to(torch.uint8) * 255


def _exact_deaf_nll(images: torch.Tensor) -> np.ndarray:
    """-log p(x) of each image under pixels that are white with probability sigmoid(-2)."""
    white = (images > 0).flatten(1).sum(dim=1).double().numpy()
    pixels = images[0].numel()
    return white * math.log1p(math.exp(2)) + (pixels - white) * math.log1p(math.exp(-2))


def test_where_the_posterior_is_the_prior_all_bounds_are_exact():
    images = _black_and_white(9)
    for iwae in (1, 7):
        bound = evaluate(_deaf(0.0, 0.0), images, samples=3, iwae=iwae)
        assert bound.nll_bound == pytest.approx(_exact_deaf_nll(images).mean(), rel=1e-6)
        assert bound.iwae == pytest.approx(bound.nll_bound, rel=1e-6)
        assert bound.iwae_standard_error == pytest.approx(bound.standard_error, rel=1e-4)


def test_the_bound_is_off_by_the_kl_and_the_weighted_bound_gets_there():
    images, (mu, log_sigma) = _black_and_white(200), (0.3, 0.2)
    exact = _exact_deaf_nll(images)
    kl = 3 * 4 * (mu**2 + math.exp(2 * log_sigma) - 2 * log_sigma - 1) / 2
    assert kl > 0.5  # a gap that can be seen
    tally = Tally(200, 3, 1, 150)
    bound = evaluate(_deaf(mu, log_sigma), images, iwae=150, tally=tally)
    assert bound.nll_bound == pytest.approx(exact.mean() + kl, rel=1e-6)
    gap = tally.importance_bounds() - exact
    assert bound.iwae == pytest.approx(exact.mean() + gap.mean(), abs=1e-9)
    # To second order K weights of a relative variance v give v / 2K nats too much.
    weights = _weights(tally, -exact)
    error = gap.std(ddof=1) / math.sqrt(len(gap))
    assert abs(gap.mean() - weights.var() / 2) < 4 * error < 0.1 * kl


def _weights(tally: Tally, log_p: np.ndarray) -> np.ndarray:
    """The mean importance weight of each image, in units of p(x): 1 on average."""
    return np.exp(-tally.importance_bounds() - log_p)


def _log_likelihoods(model, x: torch.Tensor) -> np.ndarray:
    """log p(x) of each image by quadrature over a grid of z_1 and z_2, in float64."""
    model = copy.deepcopy(model).double()
    axis = torch.linspace(-8, 8, 161, dtype=torch.float64)
    z1, z2 = (z.reshape(-1, 1) for z in torch.meshgrid(axis, axis, indexing="ij"))
    state = model.initial_state(len(z1))
    for z in (z1, z2):
        state = model.step(state, None, z)  # as in generation: only z goes in
    log_prior = -(z1**2 + z2**2)[:, 0] / 2 - math.log(2 * math.pi) + 2 * math.log(16 / 160)
    assert log_prior.logsumexp(0).item() == pytest.approx(0, abs=1e-12)  # the grid is dense
    found = []
    for image in x.double():
        target = image.expand_as(state.canvas)
        missed = F.binary_cross_entropy_with_logits(state.canvas, target, reduction="none")
        found.append((log_prior - missed.flatten(1).sum(dim=1)).logsumexp(0).item())
    return np.array(found)


@pytest.fixture(scope="module")
def painted():
    """A network that reads and paints in two steps, four images, and their exact log p(x)."""
    model = small.model(**TINY)
    images = torch.randint(0, 2, (4, 1, 3, 2), generator=small.seeded(3)).to(torch.uint8) * 255
    with torch.inference_mode():
        log_p = _log_likelihoods(model, images / 255)
    repeated = images.repeat_interleave(BLOCK // 4, dim=0)
    return model, repeated, np.repeat(log_p, BLOCK // 4)


def test_probabilities_of_all_images_sum_to_one():
    """Of the quadrature itself: 2^6 images are all that there are."""
    bits = torch.arange(64)[:, None] >> torch.arange(6) & 1
    log_p = _log_likelihoods(small.model(**TINY), bits.reshape(-1, 1, 3, 2))
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-9)


def test_weights_are_right_on_average(painted):
    """E[p(x, z) / q(z | x)] = p(x), with z_2 drawn where z_1 has led."""
    model, images, log_p = painted
    tally = Tally(len(images), 2, 1, 100)
    evaluate(model, images, iwae=100, tally=tally)
    weights = _weights(tally, log_p).reshape(4, -1)
    error = weights.std(axis=1, ddof=1) / math.sqrt(weights.shape[1])
    assert (error < 0.015).all()  # so that 1 is told from its neighbours
    assert (np.abs(weights.mean(axis=1) - 1) < 4 * error).all()


def test_bounds_are_bounds_and_the_weighted_one_converges(painted):
    model, images, log_p = painted
    bound = evaluate(model, images, samples=20)
    gaps, errors = [], []
    for count in (1, 4, 16, 200):
        tally = Tally(len(images), 2, 1, count)
        evaluate(model, images, seed=1, iwae=count, tally=tally)
        gap = tally.importance_bounds() + log_p
        gaps.append(gap.mean())
        errors.append(gap.std(ddof=1) / math.sqrt(len(gap)))
    exact = -log_p.mean()
    assert bound.nll_bound > exact + 0.05
    # With one sample it is another estimate of the same bound.
    assert abs(gaps[0] - (bound.nll_bound - exact)) < 5 * errors[0]
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert abs(gaps[3]) < 4 * errors[3] + 1e-3
    assert errors[3] < 0.01
