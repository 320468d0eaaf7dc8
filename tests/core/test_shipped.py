"""The checkpoints that come with the project are what their cards say."""

from pathlib import Path

import numpy as np
import pytest
import torch

from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load
from draw_core.data.drawn import strokes
from draw_core.data.folders.folder import import_folder
from draw_core.data.registry import default_root, is_available
from draw_core.families.glimpse.checkpoint import list_classifiers, load_classifier
from draw_core.families.glimpse.evaluate import error_rate
from draw_core.film.pen import measure_pen
from draw_core.measure.evaluate import evaluate
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.store.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    load_preview,
    make_preview,
)
from tests.support import films, small

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
FOLDER, COLOUR = ROOT / "mnist-attention", "cifar-colour"
ENTRIES = list_checkpoints(ROOT)
NAMES = [entry.name for entry in ENTRIES if entry.card]
CLASSIFIERS = list_classifiers(ROOT)
NETWORKS = [
    pytest.param(entry.folder, part, id=f"{entry.name}-{part}")
    for entry in CLASSIFIERS
    for part in ("model", "baseline")
    if entry.card and getattr(entry.card, part)
]
# All checkpoints together, so that the project can be cloned in a lesson.
LARGEST_MB = 60


def test_every_shipped_checkpoint_works():
    assert set(NAMES) == {
        *("mnist-attention", "mnist-attention-short", "mnist-no-attention", "mnist-two-digits"),
        *("mnist-pen", "strokes-attention", "cifar-colour"),
    }
    assert [entry.name for entry in CLASSIFIERS] == ["cluttered-classifier"]
    assert [entry.fault for entry in [*ENTRIES, *CLASSIFIERS] if entry.fault] == []


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
    trace = model.generate(4, small.seeded(1))
    assert trace.canvases.shape == (
        card.config.num_steps + 1,
        4,
        *(card.config.channels, card.config.height, card.config.width),
    )
    pictures = trace.canvases[-1].sigmoid()
    assert trace.canvases.isfinite().all()
    assert (pictures - trace.canvases[0].sigmoid()).abs().flatten(1).amax(dim=1).min() > 0.3
    assert torch.pdist(pictures.flatten(1)).min() > 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_preview_was_painted_by_these_weights(name):
    model, card = load_checkpoint(ROOT / name)
    stored, painted = load_preview(ROOT / name), make_preview(model)
    # Another processor may round differently, by far less than this.
    stored, painted = films.arrays(stored), films.arrays(painted)
    np.testing.assert_allclose(stored["z"], painted["z"], atol=1e-4)
    assert ("write_params" in stored) == card.config.write_attention
    if card.config.write_attention:
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


@pytest.mark.parametrize("name", NAMES)
def test_the_card_states_the_test_bound_of_these_weights(name, tmp_path):
    """Measured again on the first thousand images, whose own mean the card states beside the whole.

    Pixels and noise are those of the card, so that nothing but the weights and the rounding of
    another processor can move it. An older card states only the mean over all images.
    """
    model, card = load_checkpoint(ROOT / name)
    data, root = (card.data, None) if name != COLOUR else (_part_of_cifar(tmp_path), tmp_path)
    if not is_available(data, root):
        pytest.skip(f"{card.data} is not on this machine; DRAW_DATA_ROOT names a folder with it")
    assert data == card.data  # its name says which pictures are in it
    test = card.test
    count = QUICK_IMAGES if "first_1000" in test else int(test["images"])
    if data == "strokes":
        images = torch.from_numpy(strokes.make("test", count)[0])  # faster than all of them
    else:
        images = load(data, "test", root).images[:count]
    seed, how = test.get("seed", 0), card.training.binarisation
    found = evaluate(model, images, seed, binarisation=how)
    assert found.images == count
    assert found.nll_bound == pytest.approx(test.get("first_1000", test["nll_bound"]), abs=0.1)


def _part_of_cifar(root: Path) -> str:
    """The pictures of the colour model, made a data set as ``checkpoints/README.md`` says."""
    pictures = default_root() / "cifar10" / "train"
    if not pictures.is_dir():
        return "cifar10"
    size = {"height": 32, "width": 32, "channels": 3}
    return import_folder(pictures, root, name="Part of CIFAR-10", **size)


if NETWORKS:  # pytest would skip a test of none

    @pytest.mark.parametrize(("folder", "part"), NETWORKS)
    def test_a_classifier_errs_as_its_card_says(folder, part):
        """Measured again on the first thousand test pages, beside the card's error on those."""
        loaded = load_classifier(folder)
        data, test = loaded.card.data, getattr(loaded.card, part).test
        if not is_available(data):
            pytest.skip(f"{data} is not on this machine; DRAW_DATA_ROOT names a folder with it")
        composer = open_composer(data, "test")
        found = error_rate(getattr(loaded, part), composer, range(QUICK_IMAGES))
        # The first thousand are such pages as the others: four of their own standard errors.
        share = test.error / 100
        spread = 100 * (share * (1 - share) / QUICK_IMAGES) ** 0.5
        assert abs(found.error - test.error) <= 4 * spread
        if test.first_1000 is not None:
            # Another processor rounds differently and may turn a page or two.
            assert found.error == pytest.approx(test.first_1000, abs=0.3)
        if test.after_glimpse:
            assert test.after_glimpse[-1] == pytest.approx(test.error)
            assert len(found.after_glimpse) == len(test.after_glimpse)
