"""The checkpoints that come with the project are what their cards say."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from draw_core.families.family import BOUND, ERROR, EXACT
from draw_core.families.registry import FAMILIES, engine_of, family_of
from draw_core.film.description import describe
from draw_core.film.pen import measure_pen
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.store.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    load_preview,
    make_preview,
)

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
FOLDER = ROOT / "mnist-attention"
ENTRIES = list_checkpoints(ROOT)
CARDS = {entry.name: entry.card for entry in ENTRIES if entry.card}
# All checkpoints together, so that the project can be cloned in a lesson.
LARGEST_MB = 60


def able(ability: str):
    """Those that can be asked for this."""
    found = [name for name, card in CARDS.items() if ability in family_of(card.config).abilities]
    return pytest.mark.parametrize("name", found)


def test_every_shipped_checkpoint_works():
    assert [entry.fault for entry in ENTRIES if entry.fault] == []
    assert set(CARDS) == {folder.name for folder in ROOT.iterdir() if folder.is_dir()}
    assert {family_of(card.config).name for card in CARDS.values()} == set(FAMILIES)
    lines = (ROOT / "README.md").read_text().splitlines()
    headings = [word for line in lines if line.startswith("## ") for word in line.split()]
    assert set(CARDS) <= set(headings)


def test_they_are_small():
    unkept = ("training.safetensors", "metrics.jsonl")  # of a run, which git leaves out
    files = [path for path in ROOT.rglob("[!.]*") if path.is_file() and path.name not in unkept]
    assert 0 < sum(path.stat().st_size for path in files) < LARGEST_MB * 1e6


def test_the_model_is_what_the_project_promises():
    model, card = load_checkpoint(FOLDER)
    assert card.config.read_attention
    assert card.config.write_attention
    assert card.config.initial_canvas == "blank"
    assert card.config.num_steps == 64
    assert card.train_images == 60_000
    assert card.steps == card.training.steps
    assert card.test["images"] == 10_000
    assert card.test["nll_bound"] <= 82
    assert model.initial_canvas.sigmoid().max() < 0.1  # an empty page


@able("generate")
def test_it_loads_and_paints_different_pictures(name):
    model, card = load_checkpoint(ROOT / name)
    film = engine_of(card.config).generate(model, 4, 1)
    assert (film.num_steps, film.num_samples) == (card.config.film_steps, 4)
    assert film.shape == card.config.shape
    assert film.is_finite
    first, pictures = (torch.from_numpy(film.values(step)) for step in (0, film.num_steps))
    assert (pictures - first).abs().flatten(1).amax(dim=1).min() > 0.3
    assert torch.pdist(pictures.flatten(1)).min() > 0.5


@able("classify")
def test_it_loads_and_believes_other_things_of_other_pictures(name):
    model, card = load_checkpoint(ROOT / name)
    dark, bright = torch.zeros(2, *card.config.shape), torch.ones(2, *card.config.shape)
    belief = engine_of(card.config).look(model, torch.cat([dark, bright])).vectors("belief").values
    np.testing.assert_allclose(belief.sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(belief[:, 0], belief[:, 1], atol=1e-5)
    assert np.abs(belief[-1, 0] - belief[-1, 2]).max() > 0.05


# Another processor may round differently, by far less than this: grey levels, pixels, numbers.
LEVELS, PIXELS, NUMBERS = 2, 1e-2, 1e-4


@able("generate")
def test_the_preview_was_painted_by_these_weights(name):
    model, _ = load_checkpoint(ROOT / name)
    both = load_preview(ROOT / name), make_preview(model)
    stored, painted = (describe(film)[0] for film in both)
    assert stored.keys() == painted.keys()
    for part, array in stored.items():
        there = painted[part].astype(float)
        if array.dtype == np.uint8:
            assert np.abs(array.astype(float) - there).max() <= LEVELS, part
        elif part.endswith(("_params", "_corners")):
            np.testing.assert_allclose(array, there, rtol=PIXELS, atol=PIXELS, err_msg=part)
        else:
            np.testing.assert_allclose(array, there, rtol=PIXELS, atol=NUMBERS, err_msg=part)


def test_the_window_moves_and_narrows():
    params = load_preview(FOLDER).windows("write").parameters  # [T, B, 5]
    assert np.ptp(params[..., :2], axis=0).mean() > 3  # pixels that the centre travels
    delta = params[..., 2].mean(axis=1)
    assert delta[-1] < delta[0] / 2


PENS = [name for name, card in CARDS.items() if getattr(card.config, "max_write_side", None)]


@pytest.mark.parametrize("name", PENS)
def test_the_window_of_the_pen_is_small_and_travels(name):
    pen = measure_pen(load_preview(ROOT / name))
    assert pen.side <= 0.35
    assert pen.path >= 40


@pytest.mark.parametrize("name", CARDS)
def test_the_cards_numbers_belong_together(name):
    card = CARDS[name]
    test, value, count = card.test, card.value, card.test["images"]
    assert value == card.objective.of(test)
    if card.objective is BOUND:
        assert value == pytest.approx(test["L_x"] + test["L_z"])
        if "kl" in test:
            assert sum(test["kl"]) == pytest.approx(test["L_z"])
            assert len(test["kl"]) == card.config.latent_steps
        if "iwae" in test:  # it lies below, and not by more than all that the latents cost
            assert test["L_x"] < test["iwae"] < value
    elif card.objective is ERROR:
        share = value / 100
        standard_error = 100 * (share * (1 - share) / count) ** 0.5
        assert test["standard_error"] == pytest.approx(standard_error, abs=1e-4)
        if "after_glimpse" in test:
            assert test["after_glimpse"][-1] == value
            assert len(test["after_glimpse"]) == card.config.film_steps
    else:
        assert card.objective is EXACT
    if "bits_per_dim" in test:
        assert test["bits_per_dim"] == pytest.approx(value / card.config.pixels / math.log(2))
    if "first_1000" in test:
        # The first thousand are such images as the others: five of their own standard errors.
        error = test["standard_error"] * (count / QUICK_IMAGES) ** 0.5
        assert abs(test["first_1000"] - value) < 5 * error
