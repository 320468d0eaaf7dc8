"""The test bound, by hand and against the two losses."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from draw_core.measure import evaluate as module
from draw_core.measure.evaluate import Tally, TallyError, evaluate, fingerprint
from draw_core.nets.losses import bernoulli_nll
from tests.support import small


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
    monkeypatch.setattr(module, "BLOCK", 3)
    done = []
    parts = evaluate(_silent_model(), images, 0, done.append)
    assert parts.L_x == pytest.approx(whole.L_x, rel=1e-6)
    assert done == [3, 3, 1]


def test_the_seed_decides_and_batches_have_noise_of_their_own(monkeypatch):
    images, model = small.byte_images(6), small.model()
    assert evaluate(model, images, 1) == evaluate(model, images, 1)
    assert evaluate(model, images, 1) != evaluate(model, images, 2)
    monkeypatch.setattr(module, "BLOCK", 3)
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


def _everything(model, images, samples):
    """L_x [S, N] and KL [S, T, N] of the samples that the public interface can be made to show."""
    nll, kl = [], []
    for sample in range(samples):
        noise = model.noise(len(images), module.noise_source(0, 0, sample))
        canvas, spent = model.unroll(images / 255, noise)
        nll.append(bernoulli_nll(canvas, images / 255).double().detach().numpy())
        kl.append(spent.double().detach().numpy())
    return np.array(nll), np.array(kl)


def test_samples_steps_and_standard_error_by_numpy():
    model, images = small.model(), _black_and_white(13)
    bound = evaluate(model, images, samples=4, iwae=2)
    nll, kl = _everything(model, images, 4)
    assert bound.L_x == pytest.approx(nll.mean(), rel=1e-6)
    np.testing.assert_allclose(bound.kl, kl.mean(axis=(0, 2)), rtol=1e-5)
    assert sum(bound.kl) == pytest.approx(bound.L_z, rel=1e-12)
    of_images = nll.mean(axis=0) + kl.sum(axis=1).mean(axis=0)
    assert bound.nll_bound == pytest.approx(of_images.mean(), rel=1e-6)
    expected = np.std(of_images, ddof=1) / np.sqrt(13)
    assert bound.standard_error == pytest.approx(expected, rel=1e-5)
    assert (bound.samples, bound.seed, bound.iwae_samples) == (4, 0, 2)
    assert len({evaluate(model, images, samples=s).L_x for s in (1, 2, 4)}) == 3


def test_a_single_image_has_no_standard_error():
    bound = evaluate(small.model(), _black_and_white(1))
    assert bound.standard_error is None
    assert "standard_error" not in bound.to_dict()


def test_more_samples_leave_the_first_ones_alone():
    """One sample is the noise of earlier cards; the weighted bound uses the same samples."""
    model, images = small.model(), small.byte_images(5)
    alone = evaluate(model, images, seed=3)
    with_more = evaluate(model, images, seed=3, iwae=4)
    for name in ("nll_bound", "L_x", "L_z", "kl", "standard_error"):
        assert getattr(with_more, name) == pytest.approx(getattr(alone, name), rel=1e-6)
    assert with_more.iwae == pytest.approx(evaluate(model, images, 3, samples=2, iwae=4).iwae)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 500])
def test_the_batch_size_changes_no_more_than_the_last_digits(monkeypatch, batch_size):
    monkeypatch.setattr(module, "BLOCK", 4)
    model, images = small.model(), small.byte_images(10)
    whole = evaluate(model, images, samples=2, iwae=3).to_dict()
    parts = evaluate(model, images, samples=2, iwae=3, batch_size=batch_size).to_dict()
    assert parts.pop("kl") == pytest.approx(whole.pop("kl"), rel=1e-5)
    assert parts == pytest.approx(whole, rel=1e-5)


def test_fewer_images_are_the_first_of_the_whole(monkeypatch):
    """Their pixels and their noise are the same, also where a block is cut."""
    monkeypatch.setattr(module, "BLOCK", 4)
    model, images = small.model(), small.byte_images(10)
    tallies = {count: Tally(count, 3, 2, 2) for count in (6, 10)}
    for count, tally in tallies.items():
        evaluate(model, images[:count], samples=2, iwae=2, tally=tally)
    for name in ("nll", "latent", "first", "log_weight"):
        few, all_of_them = (getattr(tallies[count], name) for count in (6, 10))
        np.testing.assert_allclose(few, all_of_them[:6], rtol=1e-5)


class _Cut(Exception):
    pass


@pytest.mark.parametrize("after", [1, 3, 4, 8, 11])
def test_resumed_is_bit_for_bit_the_uninterrupted(monkeypatch, tmp_path, after):
    monkeypatch.setattr(module, "BLOCK", 4)
    model, images = small.model(), small.byte_images(10)
    options = {"samples": 2, "iwae": 4, "batch_size": 3}
    settings = fingerprint(model, images, 5, "bernoulli", **options)
    calls = 0

    def cut(_count):
        nonlocal calls
        calls += 1
        if calls == after:
            raise _Cut

    tally = Tally(10, 3, 2, 4)
    with pytest.raises(_Cut):
        evaluate(model, images, 5, cut, tally=tally, **options)
    assert tally.done == after
    tally.save(tmp_path / "state", settings)
    again = Tally(10, 3, 2, 4)
    again.load(tmp_path / "state", settings)
    counts = []
    resumed = evaluate(model, images, 5, counts.append, tally=again, **options)
    assert len(counts) == 12 - after
    assert resumed == evaluate(model, images, 5, **options)


def test_the_first_thousand_are_the_first_sample_of_the_first_thousand():
    images = _black_and_white(1003)
    model = small.model()
    bound = evaluate(model, images, samples=2)
    assert bound.first_1000 == pytest.approx(evaluate(model, images[:1000]).nll_bound, rel=1e-6)
    assert bound.first_1000 != pytest.approx(bound.nll_bound, rel=1e-5)
    assert evaluate(model, images[:999]).first_1000 is None


def test_bits_per_dimension_are_for_grey_values_alone():
    images = small.byte_images(5)
    bound = evaluate(small.model(), images, binarisation="grey")
    assert bound.bits_per_dim == pytest.approx(bound.nll_bound / 70 / math.log(2))
    assert evaluate(small.model(), images).bits_per_dim is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 6}, "other settings: its seed is 5, here it is 6"),
        ({"samples": 3}, "its number of samples is 2, here it is 3"),
        ({"binarisation": "grey"}, "its binarisation is bernoulli, here it is grey"),
        ({"batch_size": 7}, "its batch size is 500"),
        ({"model": small.model(num_steps=4)}, "its model is"),
        ({"images": small.byte_images(10, seed=1)}, "its image content is"),
    ],
)
def test_a_stored_evaluation_of_something_else_is_refused(tmp_path, change, message):
    options = {"model": small.model(), "images": small.byte_images(10), "seed": 5}
    options |= {"binarisation": "bernoulli", "samples": 2, "iwae": 0, "batch_size": 500}
    Tally(10, 3, 2).save(tmp_path / "state", fingerprint(**options))
    with pytest.raises(TallyError, match=message):
        Tally(10, 3, 2).load(tmp_path / "state", fingerprint(**{**options, **change}))


def test_a_damaged_state_is_one_sentence(tmp_path):
    path, settings = tmp_path / "state", {"seed": 1}
    with pytest.raises(TallyError, match="no evaluation to go on with.*leave out --resume"):
        Tally(10, 3).load(path, settings)
    Tally(10, 3).save(path, settings)
    content = path.read_bytes()
    for broken in (b"", content[:-1], content[:40], b"{}" + content):
        path.write_bytes(broken)
        with pytest.raises(TallyError, match="damaged|no stored evaluation"):
            Tally(10, 3).load(path, settings)
    path.write_bytes(content)
    for other in (Tally(9, 3), Tally(10, 4)):
        with pytest.raises(TallyError, match="damaged; delete it"):
            other.load(path, settings)
    spoilt = Tally(10, 3)
    spoilt.nll[2] = math.nan
    spoilt.save(path, settings)
    with pytest.raises(TallyError, match="damaged; delete it"):
        Tally(10, 3).load(path, settings)


@pytest.mark.parametrize("options", [{"samples": 0}, {"iwae": -1}, {"batch_size": 0}])
def test_numbers_below_one_are_refused(options):
    with pytest.raises(ValueError, match="1 or more|1 to 100,000"):
        evaluate(small.model(), small.byte_images(2), **options)


def test_a_tally_of_another_evaluation_is_refused():
    ahead = Tally(2, 3)
    ahead.done = 2
    for tally in (Tally(3, 3), Tally(2, 3, 2), ahead):
        with pytest.raises(ValueError, match="belongs to another evaluation"):
            evaluate(small.model(), small.byte_images(2), tally=tally)


def test_what_is_stored_leaves_out_what_is_not_known():
    stored = evaluate(small.model(), small.byte_images(4)).to_dict()
    names = {field.name for field in dataclasses.fields(module.Bound)}
    unknown = {"iwae", "iwae_samples", "iwae_standard_error", "bits_per_dim", "first_1000"}
    assert stored.keys() == names - unknown
    assert isinstance(stored["kl"], list)
