"""Generate where the browser paints: what it is told, and what the server does with its answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.film import film_of
from tests.support import browser, pages, small
from ui.generate.asked import Asked
from ui.kit.wire import told
from ui.live import serve

ASKED = {"n": 5, "seed": 42, "temperature": 0.35}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkpoints"
    browser.write_checkpoint(root, browser.pen())
    browser.write_checkpoint(root, browser.pen(num_steps=5), "other")
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    return root


def visit(**query: str) -> AppTest:
    return pages.visit("pages/1_Generate.py", **query)


def sent(app: AppTest) -> bytes:
    return pages.sent(app, "draw_live_stage")


def says(app: AppTest, **view: Any) -> AppTest:
    """The browser reports."""
    app.session_state["generate_stage"] = {"view": {"step": 3, "sample": 2, "id": "live", **view}}
    return app.run()


def headings(app: AppTest) -> list[str]:
    return [m.value for m in app.markdown if m.value.startswith("## ")]


def test_the_browser_gets_the_painting_half_and_the_controls(root):
    app = visit(seed="3", n="4", temperature="0.5")
    live = told(sent(app))["live"]
    assert live["asked"] == {"n": 4, "seed": 3, "temperature": 0.5}
    assert live["url"] == serve.address(root / "mnist-attention", paints=True)
    assert live["config"] == browser.pen().config.to_dict()
    assert not app.slider
    assert not app.number_input
    assert headings(app) == []  # nothing is explained unless it is asked for


def test_a_step_of_what_the_browser_painted_is_explained_on_request(root):
    app = says(visit(), asked=ASKED, explain=True)
    assert "What happens in step 3 of sample 3" in headings(app)[0]
    film = film_of(browser.pen().generate(5, small.seeded(42), 0.35))
    text = " ".join(m.value for m in app.markdown)
    assert all(f"{v:.2f}".replace("-", "−") in text for v in film.vectors("z").values[2, 2, :3])
    assert headings(says(app, asked=ASKED, explain=False)) == []


def test_what_was_asked_in_the_browser_goes_along_to_another_model(root):
    app = says(visit(), asked=ASKED, explain=False)
    app.selectbox(key="model").set_value("other").run()
    assert told(sent(app))["live"]["asked"] == ASKED
    assert told(sent(app))["link"] == {
        "model": "other",
        "n": "5",
        "seed": "42",
        "temperature": "0.35",
    }
    expected = film_of(browser.pen(num_steps=5).generate(5, small.seeded(42), 0.35))
    np.testing.assert_array_equal(load(sent(app))["canvases"], expected.frames())


def test_a_browser_that_cannot_is_served(root):
    app = visit()
    app.session_state["generate_stage"] = {"serve": True}
    app.run()
    assert told(sent(app))["live"] is None
    assert [w.label for w in app.slider] == ["Samples", "Temperature"]
    assert any("This browser cannot run the network" in c.value for c in app.caption)
    assert headings(app)


@pytest.mark.parametrize(
    "said",
    [
        *(None, 3, {}, ASKED | {"n": 65}, ASKED | {"n": "4;"}, ASKED | {"seed": -1}),
        *(ASKED | {"seed": 1.5}, ASKED | {"temperature": 0.33}, ASKED | {"temperature": 3}),
    ],
)
def test_what_a_browser_cannot_have_asked_is_not_taken(said):
    assert Asked.of(said) is None
