"""The bounds and errors of the shipped models, measured anew on a thousand images."""

from pathlib import Path

import pytest
import torch

from draw_core.data.datasets import load
from draw_core.data.drawn import strokes
from draw_core.data.folders.folder import import_images
from draw_core.data.registry import default_root, is_available
from draw_core.measure.evaluate import evaluate, result_of
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.store.checkpoint import list_checkpoints, load_checkpoint

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
COLOUR = "cifar-colour"
ENTRIES = list_checkpoints(ROOT)
NAMES, CLASSIFIERS = (
    [e.name for e in ENTRIES if e.card and e.card.family.classifies == errs]
    for errs in (False, True)
)


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
    return import_images(pictures, root, name="Part of CIFAR-10", **size)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_errs_as_its_card_says(name):
    """Measured again on the first thousand test pages, beside the card's error on those."""
    model, card = load_checkpoint(ROOT / name)
    if not is_available(card.data):
        pytest.skip(f"{card.data} is not on this machine; DRAW_DATA_ROOT names a folder with it")
    images, labels = (part[:QUICK_IMAGES] for part in load(card.data, "test"))
    found = result_of(model, images, labels, "grey")
    # The first thousand are such pages as the others: four of their own standard errors.
    share = card.value / 100
    spread = 100 * (share * (1 - share) / QUICK_IMAGES) ** 0.5
    assert abs(found.error - card.value) <= 4 * spread
    # Another processor rounds differently and may turn a page or two.
    assert found.error == pytest.approx(card.test["first_1000"], abs=0.3)
    after = card.test.get("after_glimpse", [])
    assert len(found.after_glimpse) == len(after)
    assert not after or after[-1] == pytest.approx(card.value)
