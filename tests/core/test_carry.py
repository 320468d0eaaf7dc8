"""What each step carries: against the bound, by a second implementation, and as a file."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from draw_core.families.registry import engine_of, find
from draw_core.measure import carry
from draw_core.measure.carry import CARRY, Carry, CarryError
from draw_core.measure.evaluate import evaluate, noise_source
from draw_core.store.checkpoint import WEIGHTS
from tests.support import small

GREY = "grey"
FOUND = Carry(
    kl=np.array([[0.5, 1.25], [0.125, 0.0], [0.0, 0.0]]),
    lost=np.array([3.0, 0.25, -0.001]),
    lost_error=np.array([0.5, 0.01, 0.002]),
    loss=80.0,
    standard_error=1.0,
    images=10,
    seed=3,
    data="mnist",
)


def test_the_steps_are_those_of_the_bound():
    model, images = small.model(), small.byte_images(7)
    found = carry.measure(model, images, "bernoulli", seed=2)
    bound = evaluate(model, images, 2, binarisation="bernoulli")
    np.testing.assert_allclose(found.steps, bound.kl, atol=1e-4)
    assert found.kl.shape == (3, 4)
    assert found.loss == pytest.approx(bound.nll_bound, abs=1e-4)
    assert found.standard_error == pytest.approx(bound.standard_error, rel=1e-5)
    assert (found.images, found.seed) == (7, 2)


def _plain_loss(model, x, noise, without):
    """L_x + L_z of images without the latents of one step, as numbers of NumPy, one image."""
    state, cost = model.initial_state(1), 0.0
    for t, eps in enumerate(noise):
        seen = model.step(state, x, eps)
        if t != without:
            mu, sigma = seen.mu[0].double(), seen.log_sigma[0].double().exp()
            cost += 0.5 * sum(
                m * m + s * s - math.log(s * s) - 1 for m, s in zip(mu, sigma, strict=True)
            )
            state = seen
            continue
        # The encoder's state goes on; what is painted comes from the prior.
        painted = model.step(state, None, eps)
        state = seen._replace(canvas=painted.canvas, h_dec=painted.h_dec, cell_dec=painted.cell_dec)
    p = state.canvas[0].double().sigmoid().numpy()
    pixels = x[0].double().numpy()
    return float(cost - (pixels * np.log(p) + (1 - pixels) * np.log(1 - p)).sum())


@torch.inference_mode()
def test_the_loss_without_a_step_by_a_second_implementation():
    model, images = small.model(), small.byte_images(5)
    found = carry.measure(model, images, GREY)
    noise = model.noise(5, noise_source(0, 0))
    x = images / 255
    losses = np.array(
        [
            [_plain_loss(model, x[i : i + 1], noise[:, i : i + 1], t) for i in range(5)]
            for t in (None, 0, 1, 2)
        ]
    )
    lost = losses[1:] - losses[0]
    np.testing.assert_allclose(found.lost, lost.mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(found.lost_error, lost.std(axis=1, ddof=1) / 5**0.5, atol=1e-4)
    assert np.abs(found.lost).min() > 0.01  # else this would show nothing


def test_a_step_whose_posterior_is_the_prior_loses_nothing():
    model = small.model()
    with torch.no_grad():
        model.posterior.weight.zero_()
        model.posterior.bias.zero_()
    found = carry.measure(model, small.byte_images(4), GREY)
    assert found.kl.max() == 0
    np.testing.assert_array_equal(found.lost, 0)
    assert carry.in_words(found) == "No step sends anything."


@torch.inference_mode()
def test_more_images_leave_the_first_ones_alone():
    model, images = small.model(), small.byte_images(510)
    first, all_ = (carry.measure(model, images[:n], GREY) for n in (500, 510))
    noise = model.noise(10, noise_source(0, 1))  # of the second block
    rest = engine_of(model.config).carried(model, images[500:] / 255, noise)
    lost = (rest.without - rest.nll - rest.kl.sum(dim=(0, 2))).sum(dim=1)
    np.testing.assert_allclose(500 * first.lost + lost.numpy(), 510 * all_.lost, rtol=1e-4)
    np.testing.assert_allclose(
        500 * first.kl + rest.kl.sum(dim=1).numpy(), 510 * all_.kl, rtol=1e-4
    )


def test_what_cannot_be_measured_is_said():
    vae = find("vae")
    config = replace(next(iter(vae.presets.values())).model, height=5, width=7)
    images = torch.zeros(2, 1, 5, 7, dtype=torch.uint8)
    with pytest.raises(CarryError, match="measured of DRAW, and this is a VAE"):
        carry.measure(vae.load_engine().build(config), images, GREY)
    model = small.model()
    with pytest.raises(CarryError, match="no images"):
        carry.measure(model, small.byte_images(0), GREY)
    with pytest.raises(ValueError, match="5"):
        carry.measure(model, images, GREY)
    with torch.no_grad():
        model.write_content.bias.fill_(math.inf)
    with pytest.raises(CarryError, match="spoilt"):
        carry.measure(model, small.byte_images(2), GREY)


def test_work_is_bounded(monkeypatch):
    monkeypatch.setattr(carry, "MOST_WORK", 24)  # steps: 6 for each image
    assert carry.measure(small.model(), small.byte_images(4), GREY).images == 4
    with pytest.raises(CarryError, match="5 images would take too long; take 4"):
        carry.measure(small.model(), small.byte_images(5), GREY)


# ---- words


def _words(lost, errors=None, kl=None):
    count = len(lost)
    kl = np.eye(count) if kl is None else kl
    errors = np.full(count, 0.1) if errors is None else errors
    return carry.in_words(replace(FOUND, kl=kl, lost=np.array(lost), lost_error=errors))


def test_words_are_the_numbers():
    words = carry.in_words(FOUND)
    assert "Step 1 sends most: 1.8 of 1.9 nats." in words
    assert (
        "It is also the one that is missed most: without it the loss is 3.0 nats higher." in words
    )
    assert "Step 3 could be left out for free" in words
    assert "Step 2 is the one that is missed most" in _words([1.0, 2.0, 0.5])
    assert "even without step 3 the loss is 0.50 nats higher" in _words([1.0, 2.0, 0.5])
    assert "Any one of the steps 1, 3 to 5 and 7 could" in _words([0, 9, 0, 0, 0, 9, 0.0])
    assert "Each of them could be left out for free." in _words([0.0, 0.1])
    silent = _words([2.0, -0.0], np.zeros(2))  # a step that sends nothing, as a file rounds it
    assert "Step 2 could be left out for free" in silent


# ---- the file


def _written(tmp_path, **changes):
    weights = tmp_path / WEIGHTS
    weights.write_bytes(b"some weights")
    found = replace(FOUND, weights=carry.digest_of(weights), **changes)
    (tmp_path / CARRY).write_text(found.to_json())
    return found


def test_what_is_written_is_read_again(tmp_path):
    written = _written(tmp_path)
    read = carry.load_carry(tmp_path, tmp_path / WEIGHTS)
    assert read
    for name in ("kl", "lost", "lost_error"):
        np.testing.assert_allclose(getattr(read, name), getattr(written, name), atol=5.1e-5)
    for name in ("loss", "standard_error", "images", "seed", "data", "weights"):
        assert getattr(read, name) == getattr(written, name)


def test_the_largest_network_of_the_paper_fits_its_file():
    many = np.full((64, 200), 0.0123)
    steps = np.full(64, 0.1234)
    text = replace(FOUND, kl=many[:, :100], lost=steps, lost_error=steps).to_json()
    assert len(text) < 50_000


def test_without_a_file_there_is_none(tmp_path):
    assert carry.load_carry(tmp_path, tmp_path / WEIGHTS) is None


def test_a_measurement_of_other_weights_is_refused(tmp_path):
    _written(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"others")
    with pytest.raises(CarryError, match="with other weights"):
        carry.load_carry(tmp_path, tmp_path / WEIGHTS)


BROKEN = {
    "format": "draw-carry/2",
    "images": True,
    "seed": -1,
    "loss": "80",
    "standard_error": None,
    "data": "a\u202eb",
    "weights": 5,
    "lost": [1.0, 2.0],
    "lost_error": [1.0, -2.0, 1.0],
    "kl": [[1.0], [1.0, 2.0], [1.0, 2.0]],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_field_is_one_sentence(tmp_path, name):
    _written(tmp_path)
    values = json.loads((tmp_path / CARRY).read_text())
    (tmp_path / CARRY).write_text(json.dumps({**values, name: BROKEN[name]}))
    with pytest.raises(CarryError, match=r"^carry\.json [^\n]*\.$"):
        carry.load_carry(tmp_path, tmp_path / WEIGHTS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[1]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"format": "draw-carry/1"}',
        b'{"format": "draw-carry/1", "kl": [[1e999]], "lost": [0], "lost_error": [0]}',
        b" " * (2 << 20),
        b"PK\x03\x04 and more",
    ],
)
def test_a_hostile_file_is_one_sentence(tmp_path, content):
    _written(tmp_path)
    (tmp_path / CARRY).write_bytes(content)
    with pytest.raises(CarryError, match=r"^carry\.json [^\n]*\.$"):
        carry.load_carry(tmp_path, tmp_path / WEIGHTS)
