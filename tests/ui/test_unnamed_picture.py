"""A picture that no address can name: the address says so, and after a reload the page does."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.support import browser as machine
from tests.support.browser import HOME
from ui.kit.picture import UNNAMED, Picture, drawing_link
from ui.picture.choice import Choice

LOST = "The picture that was here is gone"
GREY = Picture(np.full((1, 28, 28), 100, np.uint8), "your upload", None)
# By the page's name in the session: its file, and what its address must say beside the picture.
PAGES = {
    "lab": ("pages/3_Attention.py", {}),
    "reconstruct": ("pages/2_Reconstruct.py", {}),
    "compare": ("pages/5_Compare.py", {"mode": "reconstruct"}),
}


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    machine.write_checkpoint(tmp_path, machine.pen())
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))

    def open_page(name: str, had: Picture | None = None, **query: str) -> AppTest:
        app = AppTest.from_file(str(HOME), default_timeout=200)
        path, always = PAGES[name]
        for key, value in {**always, **query}.items():
            app.query_params[key] = value
        if had:
            app.session_state[f"{name}_picture_now"] = had
            app.session_state[f"{name}_picture_base"] = had
        app.switch_page(path)
        app.run()
        assert not app.exception
        return app

    return open_page


def _address(app: AppTest) -> str | None:
    """What the page writes into the address for its picture."""
    said = None
    for element in app.get("bidi_component"):
        proto = element.proto
        if proto.component_name == "draw_browser":
            said = json.loads(json.loads(proto.json)[0])["parameters"].get("image", said)
        elif proto.component_name == "draw_lab":
            end = 8 + int.from_bytes(proto.bytes[:8], "little")  # of the header of safetensors
            header = json.loads(proto.bytes[8:end])
            said = json.loads(header["__metadata__"]["told"])["link"]["image"]
    return said


@pytest.mark.parametrize("name", PAGES)
def test_an_upload_in_greys_is_said_to_be_gone_after_a_reload(open_page, name):
    before = open_page(name, GREY)
    assert [e.value for e in before.info] == []
    assert _address(before) == UNNAMED
    after = open_page(name, image=UNNAMED)
    (info,) = after.info
    assert info.value.startswith(LOST)
    assert _address(after) not in (None, UNNAMED)


@pytest.mark.parametrize("name", PAGES)
def test_whoever_still_has_the_picture_is_told_nothing(open_page, name):
    app = open_page(name, GREY, image=UNNAMED)
    assert [e.value for e in app.info] == []
    assert _address(app) == UNNAMED


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_in_black_and_white_is_named(open_page, name):
    pixels = np.zeros((1, 28, 28), np.uint8)
    pixels[:, 5:9, 4:20] = 255
    link = f"drawing:{drawing_link(pixels)}"
    app = open_page(name, image=link)
    assert [e.value for e in app.info] == []
    assert _address(app) == link


def test_what_an_address_may_say_of_a_picture():
    assert Choice.known(UNNAMED) == UNNAMED
    assert Choice.known("strokes:1") == "strokes:1"
    assert Choice.known("unnamed:1") is None
