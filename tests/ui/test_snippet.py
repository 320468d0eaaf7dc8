"""The code for what is shown makes the film that is shown."""

from typing import Any

import numpy as np
import pytest

from draw_core.families.registry import engine_of
from draw_core.store.checkpoint import load_checkpoint
from tests.support import films
from ui.models.catalogue import able, shipped
from ui.picture import data as picture_data
from ui.picture.data import Target
from ui.take import snippet


def run(code: str) -> dict[str, Any]:
    """Runs it as a program; returns its names."""
    names: dict[str, Any] = {}
    exec(compile(code, "<snippet>", "exec"), names)
    return names


@pytest.mark.parametrize("name", ["mnist-pen", "mnist-vae", "cifar-colour"])
def test_samples(name):
    model, card = load_checkpoint(shipped().models[name].folder)
    film = engine_of(card.config).generate(model, 3, 7, 0.35)
    again = run(snippet.of_samples(name, 3, 7, 0.35))["film"]
    for array, value in films.arrays(film).items():
        np.testing.assert_array_equal(films.arrays(again)[array], value)


@pytest.mark.parametrize("name", able(shipped().models, "reconstruct"))
@pytest.mark.parametrize("seed", [4, None])
def test_a_picture(name, seed):
    entry = shipped().models[name]
    model, card = load_checkpoint(entry.folder)
    target = Target.of(entry)
    picture = picture_data.from_link("strokes:3", target)
    how = card.training.binarisation
    expected = engine_of(card.config).reconstruct(model, picture.pixels, how, seed)
    names = run(snippet.of_picture(name, picture.pixels, seed))
    assert (names["run"].nll, names["run"].latent_loss) == (expected.nll, expected.latent_loss)
    np.testing.assert_array_equal(names["picture"], picture.pixels)
