"""The bounds and errors of the shipped models, measured anew on a thousand images."""

from pathlib import Path

import pytest
import torch

from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load
from draw_core.data.drawn import strokes
from draw_core.data.folders.folder import import_folder
from draw_core.data.registry import default_root, is_available
from draw_core.families.glimpse.checkpoint import list_classifiers, load_classifier
from draw_core.families.glimpse.evaluate import error_rate
from draw_core.measure.evaluate import evaluate
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.store.checkpoint import list_checkpoints, load_checkpoint

ROOT = Path(__file__).resolve().parents[2] / "checkpoints"
COLOUR = "cifar-colour"
NAMES = [entry.name for entry in list_checkpoints(ROOT) if entry.card]
NETWORKS = [
    pytest.param(entry.folder, part, id=f"{entry.name}-{part}")
    for entry in list_classifiers(ROOT)
    for part in ("model", "baseline")
    if entry.card and getattr(entry.card, part)
]


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
