"""The page Inside without a browser: which film it sends, and what an address says of the hand."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.engine import ENGINE
from draw_core.families.draw.film import film_of
from draw_core.store.checkpoint import load_checkpoint
from tests.support import browser, pages, small
from ui.kit.wire import told
from ui.live import serve
from ui.picture import data as picture_data
from ui.picture.data import Target


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkpoints"
    browser.write_checkpoint(root, browser.pen())
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    return root


def visit(**query: str) -> AppTest:
    return pages.visit("pages/7_Inside.py", **query)


def sent(app: AppTest) -> bytes:
    return pages.sent(app, "draw_inside")


def test_a_new_picture_needs_the_painting_half(root):
    data = sent(visit(seed="5", step="3"))
    film = film_of(browser.pen().generate(1, small.seeded(5)))
    np.testing.assert_array_equal(load(data)["canvases"], film.frames())
    meta = told(data)
    assert meta["live"]["url"] == serve.address(root / "mnist-attention", paints=True)
    assert (meta["live"]["seed"], meta["step"]) == (5, 3)
    assert meta["link"] == {"model": "mnist-attention", "seed": "5"}
    assert "x" not in load(data)


def test_a_picture_that_it_sees_needs_the_whole_network(root):
    app = visit(paints="seen", image="strokes:4", seed="2")
    model, card = load_checkpoint(root / "mnist-attention")
    picture = picture_data.from_link("strokes:4", Target(1, 28, 28, binary=True))
    run = ENGINE.reconstruct(model, picture.pixels, card.training.binarisation, 2)
    np.testing.assert_array_equal(load(sent(app))["canvases"], run.film.frames())
    np.testing.assert_array_equal(load(sent(app))["x"], run.x)
    assert told(sent(app))["live"]["url"] == serve.address(root / "mnist-attention")
    next(b for b in app.button if b.label == "Another picture").click().run()
    assert told(sent(app))["link"]["image"] == "strokes:5"


def test_the_address_says_what_the_hand_does(root):
    hand = {"tool": "pixel", "hand": "5_x20_y2.5*9_silence", "z": "z_3_2_1.25", "pixel": "3_4"}
    app = visit(**hand)
    assert told(sent(app))["hand"] == hand
    assert not app.info


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("tool", "hammer"), ("hand", "<b>"), ("z", "1;2"), ("pixel", "3,4"), ("seed", "-1")),
        *(("paints", "both"), ("image", "../x"), ("model", "none"), ("step", "99")),
    ],
)
def test_what_an_address_asks_in_vain_is_said(root, name, value):
    app = visit(**{name: value})
    (notice,) = app.info
    assert f"The address asks for {name} =" in notice.value
    assert told(sent(app))["hand"] == {}


def test_a_damaged_network_is_one_sentence(root):
    (root / "mnist-attention" / "model.safetensors").write_bytes(b"torn")
    app = visit(seed="3")
    assert len([*app.error, *app.warning]) == 1
    assert not app.get("bidi_component") or "draw_inside" not in {
        e.proto.component_name for e in app.get("bidi_component")
    }
