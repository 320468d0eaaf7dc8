"""The test bound, by hand and against the two losses."""

import math

import pytest
import torch

from draw_core import evaluate as module
from draw_core.evaluate import evaluate
from tests import small


def _black_and_white(count: int) -> torch.Tensor:
    return (small.byte_images(count) > 127).to(torch.uint8) * 255


def _silent_model():
    """Paints nothing: the last canvas is the first one, logit -2, and the posterior the prior."""
    model = small.model()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.initial_canvas.fill_(-2.0)
    return model


def test_bound_by_hand():
    images = _black_and_white(7)
    model = _silent_model()
    with torch.no_grad():
        model.posterior.bias[:4] = 1.0  # mu = 1, sigma = 1: a KL of 1/2 per latent
    white = (images > 0).double().mean().item() * 70  # of the 2 x 5 x 7 pixels
    bound = evaluate(model, images)
    black_cost = math.log1p(math.exp(-2))
    assert bound.L_x == pytest.approx(70 * black_cost + 2 * white, rel=1e-5)
    assert bound.L_z == pytest.approx(3 * 4 / 2)
    assert bound.nll_bound == bound.L_x + bound.L_z
    assert bound.images == 7


@pytest.mark.parametrize("how", ["bernoulli", "threshold", "grey"])
def test_test_images_are_binarised_as_training_images_are(how):
    images = torch.full((50, 2, 5, 7), 200, dtype=torch.uint8)
    mean = {"bernoulli": 200 / 255, "threshold": 1.0, "grey": 200 / 255}[how]
    black_cost = math.log1p(math.exp(-2))
    bound = evaluate(_silent_model(), images, binarisation=how)
    # 3500 draws of a pixel; the other two ways leave nothing to chance.
    tolerance = 0.05 if how == "bernoulli" else 1e-5
    assert bound.L_x == pytest.approx(70 * black_cost + 2 * 70 * mean, rel=tolerance)
    if how == "bernoulli":
        assert bound.L_x != evaluate(_silent_model(), images, binarisation="grey").L_x


def test_silence_costs_no_latent_nats():
    assert evaluate(_silent_model(), _black_and_white(3)).L_z == 0


def test_every_image_counts_the_same_when_the_last_batch_is_short(monkeypatch):
    images = _black_and_white(7)
    whole = evaluate(_silent_model(), images)
    monkeypatch.setattr(module, "BATCH_SIZE", 3)
    done = []
    parts = evaluate(_silent_model(), images, 0, done.append)
    assert parts.L_x == pytest.approx(whole.L_x, rel=1e-6)
    assert done == [3, 3, 1]


def test_the_seed_decides_and_batches_have_noise_of_their_own(monkeypatch):
    images, model = small.byte_images(6), small.model()
    assert evaluate(model, images, 1) == evaluate(model, images, 1)
    assert evaluate(model, images, 1) != evaluate(model, images, 2)
    monkeypatch.setattr(module, "BATCH_SIZE", 3)
    noises, batches = [], []
    right_noise, right_binarise = model.noise, module.binarise
    monkeypatch.setattr(
        model, "noise", lambda *a: noises.append(right_noise(*a)) or noises[-1], raising=False
    )
    monkeypatch.setattr(
        module, "binarise", lambda *a: batches.append(right_binarise(*a)) or batches[-1]
    )
    evaluate(model, images[:3].repeat(2, 1, 1, 1))
    assert not torch.equal(noises[0], noises[1])
    assert not torch.equal(batches[0], batches[1])


def test_the_model_is_left_as_it_was():
    model = small.model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluate(model, small.byte_images(3))
    assert all(torch.equal(value, before[n]) for n, value in model.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())


def test_no_images_are_refused():
    with pytest.raises(ValueError, match="no images"):
        evaluate(small.model(), small.byte_images(0))
