"""The words of one step on the page Generate."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from draw_core.film.codecs import BERNOULLI
from draw_core.store.checkpoint import load_preview
from tests.support import browser, process
from ui.generate import explain
from ui.generate.page import SERVED


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grey model and one of colours."""
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    browser.write_checkpoint(tmp_path, browser.pen())
    browser.write_checkpoint(tmp_path, browser.pen(channels=3, height=20, width=20), "colour")
    return tmp_path


def said(**query: str) -> list[str]:
    """What stands on the page."""
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("pages/1_Generate.py").run()
    assert not app.exception
    return [element.value for element in app.markdown]


def test_no_heading_names_a_step_while_the_stage_plays_through_all(root):
    texts = said()
    headings = [text for text in texts if text.startswith("#")]
    assert "## What happens in each step of sample 1" in headings
    assert not any(character.isdigit() for text in headings for character in text[:-1])
    assert any(
        text.startswith("While the pictures play, the text explains step 16, the last.")
        for text in texts
    )
    assert "## What happens in step 11 of sample 2" in said(step="11", sample="2")


@pytest.mark.parametrize(("model", "matter"), [("mnist-attention", "ink"), ("colour", "light")])
def test_what_is_painted_is_ink_or_in_colour_light(root, model, matter):
    canvases = BERNOULLI.values[load_preview(root / model).frames()[6:8, 0]]
    change = np.diff(canvases, axis=0)[0].mean(axis=0)
    added, taken = change.clip(min=0).sum(), -change.clip(max=0).sum()
    (text,) = (t for t in said(model=model, step="7") if t.startswith("A patch of"))
    amount = f"It puts {added:.1f} pixels' worth of {matter} on the canvas and takes {taken:.1f}"
    assert amount in text


@pytest.mark.parametrize(
    ("added", "removed", "text"),
    [
        (3.24, 2.6, "It puts 3.2 pixels' worth of ink on the canvas and takes 2.6 away."),
        (3.24, 0.04, "It puts 3.2 pixels' worth of ink on the canvas."),
        (0.04, 2.6, "It takes 2.6 pixels' worth of ink off the canvas."),
        (0.04, 0.04, "It changes less than 0.1 pixels' worth of ink."),
    ],
)
def test_an_amount_that_rounds_to_nothing_is_not_named(added, removed, text):
    assert explain._moved(added, removed, "ink") == text
