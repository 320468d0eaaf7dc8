"""The gradient by hand against autograd through :meth:`DRAW.step`."""

import itertools

import pytest
import torch

from draw_core.families.draw.backprop import Backprop
from draw_core.families.draw.model import DRAW
from draw_core.nets.losses import bernoulli_nll
from tests.support import small

SWITCHES = ("read_attention", "write_attention", "square", "colour", "data_mean", "bounded")
CASES = [
    case
    for case in itertools.product([True, False], repeat=len(SWITCHES))
    if case[1] or not case[-1]  # without a write window there is nothing to bound
]


def _network(
    dtype=torch.float64, *, square=False, colour=True, data_mean=False, bounded=False, **changes
) -> DRAW:
    return small.model(
        dtype,
        height=7 if square else 5,
        channels=2 if colour else 1,
        initial_canvas="data_mean" if data_mean else "blank",
        max_write_side=0.4 if bounded else None,
        **changes,
    )


def _batch(network: DRAW, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return small.pixels(4, network, seed), network.noise(4, small.seeded(seed))


def _by_autograd(network: DRAW, x, noise):
    canvas, kl = network.unroll(x, noise)
    nll, kl = bernoulli_nll(canvas, x).mean(), kl.mean(dim=1)
    gradients = torch.autograd.grad(nll + kl.sum(), list(network.parameters()))
    return nll.detach(), kl.detach(), gradients


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=lambda case: (
        "-".join(name for name, on in zip(SWITCHES, case, strict=True) if on) or "none"
    ),
)
def test_it_equals_autograd(case):
    network = _network(**dict(zip(SWITCHES, case, strict=True)))
    x, noise = _batch(network)
    expected = _by_autograd(network, x, noise)
    backprop = Backprop(network, batch=4)
    backprop.add_gradients(*_batch(network, seed=1))  # its buffers are full of another batch
    network.zero_grad()
    nll, kl = backprop.add_gradients(x, noise)
    torch.testing.assert_close(nll, expected[0])
    torch.testing.assert_close(kl, expected[1])
    for (name, parameter), gradient in zip(network.named_parameters(), expected[2], strict=True):
        scale = gradient.abs().max()
        assert scale > 0, name
        torch.testing.assert_close(
            parameter.grad, gradient, rtol=0, atol=1e-10 * scale.item(), msg=name
        )


def test_gradients_add_up_as_those_of_autograd_do():
    network = _network()
    x, noise = _batch(network)
    backprop = Backprop(network, batch=4)
    backprop.add_gradients(x, noise)
    once = [parameter.grad.clone() for parameter in network.parameters()]
    backprop.add_gradients(x, noise)
    for parameter, gradient in zip(network.parameters(), once, strict=True):
        torch.testing.assert_close(parameter.grad, 2 * gradient)


def test_it_takes_the_weights_of_the_moment():
    network = _network()
    x, noise = _batch(network)
    backprop = Backprop(network, batch=4)
    backprop.add_gradients(x, noise)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(0.5)
    nll, kl = backprop.add_gradients(x, noise)
    expected = _by_autograd(network, x, noise)
    torch.testing.assert_close(nll, expected[0])
    torch.testing.assert_close(kl, expected[1])


def test_rounded_factors_change_a_gradient_by_little():
    network = _network(torch.float32)
    x, noise = _batch(network)
    *losses, exact = _by_autograd(network, x, noise)
    nll, kl = Backprop(network, batch=4, dtype=torch.bfloat16).add_gradients(x, noise)
    torch.testing.assert_close(nll, losses[0], rtol=0.02, atol=0)
    torch.testing.assert_close(kl.sum(), losses[1].sum(), rtol=0.02, atol=0)
    rounded = torch.cat([p.grad.flatten() for p in network.parameters()])
    exact = torch.cat([gradient.flatten() for gradient in exact])
    assert torch.cosine_similarity(rounded, exact, dim=0) > 0.999
    assert not torch.equal(rounded, exact)
