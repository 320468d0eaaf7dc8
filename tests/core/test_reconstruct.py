"""One image through the whole network: the numbers of the paper's loops, the mean, refusals."""

import numpy as np
import pytest
import torch

from draw_core.families.draw.engine import ENGINE
from tests.support import films, reference, small

ATTENTION = [{}, {"read_attention": False}, {"write_attention": False}]


def _image(seed: int = 0) -> np.ndarray:
    return small.byte_images(1, seed)[0].numpy()


@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize("binarisation", ["grey", "bernoulli"])
def test_numbers_are_those_of_the_loops_of_the_paper(attention, binarisation):
    model, image = small.model(**attention), _image()
    run = ENGINE.reconstruct(model, image, binarisation, seed=3)
    x = image / 255 if binarisation == "grey" else (image >= 128).astype(float)
    np.testing.assert_allclose(run.x, x, atol=1e-7)
    weights = {name: value.double().numpy() for name, value in model.state_dict().items()}
    noise = model.noise(1, small.seeded(3))[:, 0].double().numpy()
    c = model.config
    canvases, kls = reference.draw(weights, x, noise, c.read_size, c.write_size)
    np.testing.assert_allclose(run.film.bars("kl").values[:, 0], kls, atol=1e-4)
    p = 1 / (1 + np.exp(-np.asarray(canvases[-1])))
    nll = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum()
    assert run.nll == pytest.approx(nll, abs=1e-3)
    assert run.latent_loss == pytest.approx(np.sum(kls), abs=1e-4)
    assert run.bound == pytest.approx(nll + np.sum(kls), abs=1e-3)


@pytest.mark.parametrize("attention", ATTENTION)
def test_every_tensor_is_that_of_the_trace(attention):
    model, image = small.model(**attention), _image()
    run = ENGINE.reconstruct(model, image, "grey", seed=5)
    trace = model(torch.from_numpy(image[None]) / 255, small.seeded(5))
    for name in ("mu", "log_sigma", "h_enc", "h_dec"):
        expected = getattr(trace, name)[:, 0].detach()
        np.testing.assert_allclose(films.inside(run.film, name), expected, atol=1e-6)
    if attention.get("read_attention", True):
        reads = trace.read_patches[:, 0].detach()
        shown = [run.film.patches(name).values[:, 0] for name in ("read", "error")]
        np.testing.assert_allclose(np.stack(shown, axis=1), reads, atol=1e-6)
    else:
        assert run.film.patches("read") is run.film.patches("error") is None
        assert run.film.windows("read") is None


def test_the_mean_draws_nothing_at_random():
    model, image = small.model(), _image()
    film = ENGINE.reconstruct(model, image, "grey", seed=None).film
    np.testing.assert_array_equal(films.inside(film, "z"), films.inside(film, "mu"))
    sampled = ENGINE.reconstruct(model, image, "grey", seed=1).film
    assert np.abs(films.inside(sampled, "z") - films.inside(sampled, "mu")).max() > 0.1


def test_the_same_seed_gives_the_same_run_and_another_another():
    model, image = small.model(), _image()
    first, again, other = (ENGINE.reconstruct(model, image, "grey", seed) for seed in (2, 2, 4))
    np.testing.assert_array_equal(first.film.frames(), again.film.frames())
    assert first.bound == again.bound != other.bound


def test_an_image_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"images are \(2, 5, 6\)"):
        ENGINE.reconstruct(small.model(), _image()[..., :-1].copy(), "grey")
