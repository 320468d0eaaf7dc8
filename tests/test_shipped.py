"""The checkpoint that comes with the project is what its card says."""

import os
from pathlib import Path

import numpy as np
import pytest

from draw_core.checkpoint import list_checkpoints, load_checkpoint, load_preview, make_preview
from draw_core.data.datasets import load
from draw_core.evaluate import evaluate

ROOT = Path(__file__).resolve().parents[1] / "checkpoints"
FOLDER = ROOT / "mnist-attention"


def test_every_shipped_checkpoint_works():
    entries = list_checkpoints(ROOT)
    assert "mnist-attention" in {entry.name for entry in entries}
    assert [entry.fault for entry in entries if entry.fault] == []


def test_the_model_is_what_the_project_promises():
    model, card = load_checkpoint(FOLDER)
    assert card.config.read_attention
    assert card.config.write_attention
    assert card.config.initial_canvas == "blank"
    assert 16 <= card.config.num_steps <= 32
    assert card.train_images == 60_000
    assert card.steps == card.training.steps
    assert card.test["images"] == 10_000
    assert card.test["nll_bound"] <= 86
    assert card.test["nll_bound"] == pytest.approx(card.test["L_x"] + card.test["L_z"])
    assert model.initial_canvas.sigmoid().max() < 0.1  # an empty page


@pytest.mark.parametrize("name", [entry.name for entry in list_checkpoints(ROOT)])
def test_the_preview_was_painted_by_these_weights(name):
    model, _ = load_checkpoint(ROOT / name)
    stored, painted = load_preview(ROOT / name), make_preview(model)
    # Another processor may round differently, by far less than this.
    np.testing.assert_allclose(stored.z, painted.z, atol=1e-4)
    np.testing.assert_allclose(stored.write_params, painted.write_params, rtol=1e-2, atol=1e-2)
    assert np.abs(stored.canvases.astype(int) - painted.canvases).max() <= 2


def test_the_window_moves_and_narrows():
    params = load_preview(FOLDER).write_params  # [T, B, 5]
    assert np.ptp(params[..., :2], axis=0).mean() > 3  # pixels that the centre travels
    delta = params[..., 2].mean(axis=1)
    assert delta[-1] < delta[0] / 2


@pytest.mark.skipif(
    "DRAW_DATA_ROOT" not in os.environ, reason="set DRAW_DATA_ROOT to a folder with MNIST"
)
def test_the_card_states_the_test_bound_of_these_weights():
    model, card = load_checkpoint(FOLDER)
    bound = evaluate(model, load("mnist", "test").images)
    assert bound.to_dict() == pytest.approx(card.test, abs=0.01)
