"""The words of one step on the page Generate."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from draw_core.checkpoint import load_preview
from draw_core.rollout import BYTE_PROBABILITIES
from tests import browser, process


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
    assert any(text.startswith("While the pictures play, the last step serves") for text in texts)
    assert "## What happens in step 11 of sample 2" in said(step="11", sample="2")


@pytest.mark.parametrize(("model", "matter"), [("mnist-attention", "ink"), ("colour", "light")])
def test_what_is_painted_is_ink_or_in_colour_light(root, model, matter):
    canvases = BYTE_PROBABILITIES[load_preview(root / model).canvases[6:8, 0]]
    change = np.diff(canvases, axis=0)[0].mean(axis=0)
    added, taken = change.clip(min=0).sum(), -change.clip(max=0).sum()
    (text,) = (t for t in said(model=model, step="7") if t.startswith("A patch of"))
    amount = f"It puts {added:.1f} pixels' worth of {matter} on the canvas and takes {taken:.1f}"
    assert amount in text
