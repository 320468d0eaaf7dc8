"""What a program calls: draw_core.load, generate and reconstruct."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import draw_core
from draw_core.families.registry import engine_of
from draw_core.store.checkpoint import CheckpointError, load_checkpoint
from tests.support import films, process

FOLDER = process.ROOT / "checkpoints"


@pytest.fixture(scope="module")
def model():
    return draw_core.load("mnist-pen")


def test_nothing_heavy_is_imported_before_it_is_used():
    code = "import sys, draw_core; print({'torch', 'streamlit'} & set(sys.modules), dir(draw_core))"
    run = [sys.executable, "-c", code]
    out = subprocess.run(run, cwd=process.ROOT, capture_output=True, text=True, check=True).stdout
    assert out.startswith("set()")
    with pytest.raises(AttributeError, match="no attribute 'paint'"):
        draw_core.paint  # noqa: B018


def test_it_is_what_the_pages_play(model):
    network, card = load_checkpoint(FOLDER / "mnist-pen")
    engine = engine_of(card.config)
    film = draw_core.generate(model, 3, seed=5, temperature=0.5)
    expected = engine.generate(network, 3, 5, 0.5)
    for name, array in films.arrays(expected).items():
        np.testing.assert_array_equal(films.arrays(film)[name], array)
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 12:16] = 255
    run = draw_core.reconstruct(model, picture, seed=2)
    rebuilt = engine.reconstruct(network, picture[None], card.training.binarisation, 2)
    assert (run.nll, run.latent_loss) == (rebuilt.nll, rebuilt.latent_loss)
    assert draw_core.load(FOLDER / "mnist-pen").card == model.card
    assert model.shape == (1, 28, 28)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: draw_core.load("nobody"), "There is no checkpoint or run folder 'nobody'"),
        (lambda m: draw_core.load("../checkpoints/x"), "There is no checkpoint or run folder"),
        (lambda m: draw_core.generate(m, 0), "n is 0"),
        (lambda m: draw_core.generate(m, 1, 0, -1.0), "temperature is -1.0"),
        (lambda m: draw_core.reconstruct(m, np.zeros((3, 28, 28), np.uint8)), "images are"),
        (lambda m: draw_core.reconstruct(m, np.zeros((28, 28))), "holds float64"),
        (
            lambda m: draw_core.generate(draw_core.load("cluttered-classifier"), 1),
            "cluttered-classifier paints nothing",
        ),
    ],
)
def test_what_cannot_be_is_said(model, ask, message):
    with pytest.raises((ValueError, CheckpointError), match=re.escape(message)):
        ask(model)


def test_the_notebook_runs(monkeypatch):
    monkeypatch.chdir(process.ROOT / "docs")
    monkeypatch.syspath_prepend(str(process.ROOT))
    cells = json.loads((process.ROOT / "docs" / "draw.ipynb").read_text())["cells"]
    names: dict = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["grid"].size == (8 * 28, 2 * 28)
    assert names["run"].film.num_steps == 28


def test_the_code_of_the_guide_runs():
    text = (process.ROOT / "docs" / "python.md").read_text()
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    assert names["film"].num_samples == 16
