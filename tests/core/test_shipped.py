"""The checkpoints that come with the project are what their cards say."""

from pathlib import Path

import numpy as np
import pytest
import torch

from draw_core.families.registry import engine_of
from draw_core.film.pen import measure_pen
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.store.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    load_preview,
    make_preview,
)
from tests.support import films

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
FOLDER = ROOT / "mnist-attention"
ENTRIES = list_checkpoints(ROOT)
NAMES, CLASSIFIERS = (
    [e.name for e in ENTRIES if e.card and e.card.family.classifies == errs]
    for errs in (False, True)
)
# All checkpoints together, so that the project can be cloned in a lesson.
LARGEST_MB = 60


def test_every_shipped_checkpoint_works():
    assert set(NAMES) == {
        *("mnist-attention", "mnist-attention-short", "mnist-no-attention", "mnist-two-digits"),
        *("mnist-pen", "strokes-attention", "cifar-colour", "mnist-vae"),
    }
    assert CLASSIFIERS == ["cluttered-baseline", "cluttered-classifier"]
    assert [entry.fault for entry in ENTRIES if entry.fault] == []


def test_they_are_small():
    unkept = ("training.safetensors", "metrics.jsonl")  # of a run, which git leaves out
    files = [path for path in ROOT.rglob("[!.]*") if path.is_file() and path.name not in unkept]
    assert 0 < sum(path.stat().st_size for path in files) < LARGEST_MB * 1e6


def test_the_model_is_what_the_project_promises():
    model, card = load_checkpoint(FOLDER)
    assert card.config.read_attention
    assert card.config.write_attention
    assert card.config.initial_canvas == "blank"
    assert card.config.num_steps == 32
    assert card.train_images == 60_000
    assert card.steps == card.training.steps
    assert card.test["images"] == 10_000
    assert card.test["nll_bound"] <= 83
    assert model.initial_canvas.sigmoid().max() < 0.1  # an empty page


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_and_paints_different_pictures(name):
    model, card = load_checkpoint(ROOT / name)
    film = engine_of(card.config).generate(model, 4, 1)
    assert (film.num_steps, film.num_samples) == (card.config.film_steps, 4)
    assert film.shape == card.config.shape
    assert film.is_finite
    first, pictures = (torch.from_numpy(film.values(step)) for step in (0, film.num_steps))
    assert (pictures - first).abs().flatten(1).amax(dim=1).min() > 0.3
    assert torch.pdist(pictures.flatten(1)).min() > 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_preview_was_painted_by_these_weights(name):
    model, card = load_checkpoint(ROOT / name)
    stored, painted = load_preview(ROOT / name), make_preview(model)
    # Another processor may round differently, by far less than this.
    stored, painted = films.arrays(stored), films.arrays(painted)
    np.testing.assert_allclose(stored["z"], painted["z"], atol=1e-4)
    writes = getattr(card.config, "write_attention", False)
    assert ("write_params" in stored) == writes
    if writes:
        ours, theirs = stored["write_params"], painted["write_params"]
        np.testing.assert_allclose(ours, theirs, rtol=1e-2, atol=1e-2)
    assert np.abs(stored["canvases"].astype(int) - painted["canvases"]).max() <= 2


def test_the_window_moves_and_narrows():
    params = load_preview(FOLDER).windows("write").parameters  # [T, B, 5]
    assert np.ptp(params[..., :2], axis=0).mean() > 3  # pixels that the centre travels
    delta = params[..., 2].mean(axis=1)
    assert delta[-1] < delta[0] / 2


@pytest.mark.parametrize("name", ["mnist-pen", "strokes-attention"])
def test_the_window_of_the_pen_is_small_and_travels(name):
    pen = measure_pen(load_preview(ROOT / name))
    assert pen.side <= 0.35
    assert pen.path >= 40


@pytest.mark.parametrize("name", NAMES)
def test_the_cards_numbers_belong_together(name):
    _, card = load_checkpoint(ROOT / name)
    test = card.test
    assert test["nll_bound"] == pytest.approx(test["L_x"] + test["L_z"])
    if "kl" in test:
        assert sum(test["kl"]) == pytest.approx(test["L_z"])
    if "iwae" in test:  # it lies below, and not by more than all that the latents cost
        assert test["L_x"] < test["iwae"] < test["nll_bound"]
    if "first_1000" in test:
        # The first thousand are such images as the others: five of their own standard errors.
        error = test["standard_error"] * (test["images"] / QUICK_IMAGES) ** 0.5
        assert abs(test["first_1000"] - test["nll_bound"]) < 5 * error
