"""What the attention lab is sent, what its address may say, and its page."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.data.drawn.scenes import scene
from tests.support import browser, process
from ui.attention import ask as lab_ask
from ui.attention.page import _fitting
from ui.kit import state
from ui.kit.picture import Picture
from ui.lab.handed import Handed
from ui.lab.lab import LIMITS, Askable, Asked, Question, Window, pack
from ui.models.catalogue import DEFAULT_MODEL, shipped
from ui.picture import data as picture_data

PAGE = "pages/3_Attention.py"
GREY = Picture(np.arange(28 * 28, dtype=np.uint8).reshape(1, 28, 28), "a test", "strokes:1")
WINDOW = Window(3.5, -2.0, 1.5, 0.7, 2.0)


def _meta(data: bytes) -> dict:
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["told"])


# --- What is sent ---


def test_picture_window_and_answer_are_sent():
    read = np.arange(15, dtype=np.float32).reshape(3, 5)
    asked = Asked("one", 5, read, 7, read + 1)
    choice = Askable("one", "<One>", (1, 28, 28))
    data = pack(GREY, window=WINDOW, n=9, asked=asked, link={"image": None}, choices=[choice])
    arrays, meta = load(data), _meta(data)
    np.testing.assert_array_equal(arrays["image"], GREY.pixels)
    np.testing.assert_array_equal(arrays["asked_read"], read)
    np.testing.assert_array_equal(arrays["asked_write"], read + 1)
    assert meta["window"] == {
        "gX": 3.5, "gY": -2.0, "delta": 1.5, "sigma": 0.7, "gamma": 2.0, "n": 9,
    }  # fmt: skip
    assert meta["asked"] == {"model": "one", "read_size": 5, "write_size": 7}
    assert meta["models"] == [{"name": "one", "label": "<One>", "shape": [1, 28, 28]}]
    assert meta["link"] == {"image": None}


def test_a_picture_has_a_name_of_its_own():
    other = Picture(GREY.pixels.reshape(1, 14, 56), "a test", None)
    names = {_meta(pack(p))["id"] for p in (GREY, GREY, other)}
    assert len(names) == 2
    assert _meta(pack(GREY))["window"] is None


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 28, 28), np.uint8),
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 28, 101), np.uint8),
        np.zeros((1, 1, 28), np.uint8),
        np.zeros((1, 28, 28), np.float32),
    ],
)
def test_pictures_that_the_lab_cannot_show_are_refused(pixels):
    with pytest.raises(ValueError, match="The lab shows"):
        pack(Picture(pixels, "", None))


@pytest.mark.parametrize("n", [1, 25])
def test_n_has_limits(n):
    with pytest.raises(ValueError, match="must be from 2 to 24"):
        pack(GREY, n=n)


@pytest.mark.parametrize("name", list(LIMITS))
def test_a_window_has_limits(name):
    good = {"g_x": 0.0, "g_y": 0.0, "delta": 1.0, "sigma": 1.0, "gamma": 1.0}
    low, high = LIMITS[name]
    for value in (low, high):
        assert getattr(Window(**{**good, name: value}), name) == value
    for value in (np.nextafter(low, -np.inf), np.nextafter(high, np.inf), np.nan, np.inf):
        with pytest.raises(ValueError, match=name):
            Window(**{**good, name: value})
    assert getattr(Window.nearest(**{**good, name: 1e9}), name) == high
    assert getattr(Window.nearest(**{**good, name: -1e9}), name) == low


def test_limits_are_the_browsers():
    script = (process.ROOT / "ui" / "lab/presets.js").read_text()
    found = re.findall(r"\b(n|gX|gY|delta|sigma|gamma): \[([-\d.e]+), ([-\d.e]+)\]", script)
    ours = {"n": (2, 24)} | {k.replace("_x", "X").replace("_y", "Y"): v for k, v in LIMITS.items()}
    assert {name: (float(low), float(high)) for name, low, high in found} == ours


# --- The address ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-4", -4.0), ("13.5", 13.5), ("1e-3", 0.001), ("-1e2", -100.0), ("0", 0.0),
        ("--4", None), ("", None), ("nan", None), ("inf", None), ("1000.5", None), ("1e99", None),
        ("１", None), (" 4", None), ("+4", None), ("-", None),
    ],
)  # fmt: skip
def test_numbers_with_a_sign(text, value):
    assert state.decimal("gx", 0.0, -1000, 1000).parse(text) == value


# --- The page ---


@pytest.fixture(autouse=True)
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkpoints"
    browser.write_checkpoint(root, browser.pen())
    browser.write_checkpoint(root, browser.pen(read_attention=False), "no-window")
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    return root


def _open(handed: Handed | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    if handed:
        app.session_state["lab_handed"] = handed
    app.switch_page(PAGE)
    app.run()
    assert not app.exception
    assert [e.value for e in app.error] == []
    return app


def _sent(app: AppTest) -> bytes:
    (component,) = (e for e in app.get("bidi_component") if e.proto.component_name == "draw_lab")
    return component.proto.bytes


def test_the_page_begins_with_a_photo_like_picture():
    app = _open()
    data = _sent(app)
    np.testing.assert_array_equal(load(data)["image"], scene("still-life"))
    meta = _meta(data)
    assert meta["window"] is None
    assert meta["link"] == {"image": "scene:0"}
    assert [choice["name"] for choice in meta["models"]] == [DEFAULT_MODEL]
    assert len(app.info) == 0


def test_the_address_names_picture_and_window():
    app = _open(image="scene:4", n="7", gx="-3.5", delta="2", gamma="1e-1", other="kept")
    data = _sent(app)
    np.testing.assert_array_equal(load(data)["image"], scene("test-card"))
    assert _meta(data)["window"] == {
        "gX": -3.5, "gY": 49.5, "delta": 2, "sigma": 2, "gamma": 0.1, "n": 7,
    }  # fmt: skip
    assert not _meta(data)["full"]
    assert len(app.info) == 0


@pytest.mark.parametrize(
    ("query", "full"),
    [({}, True), ({"gx": "1"}, False), ({"gx": "1", "strength": "full"}, True)],
)
def test_what_is_written_back_is_made_up_for_the_stride_at_first_and_on_demand(query, full):
    assert _meta(_sent(_open(**query)))["full"] == full


def test_what_the_address_says_wrongly_is_told():
    app = _open(image="scene:99", n="1", gx="abc", gy="2000", delta="-1", sigma="0", gamma="[x](y)")
    (info,) = app.info
    for name in ("image", "n", "gx", "gy", "delta", "sigma", "gamma"):
        assert f"The address asks for {name} = " in info.value
    assert "[x](y)" not in info.value
    assert _meta(_sent(app))["window"] is None


def test_a_window_is_handed_over_once():
    handed = Handed(GREY, 5, Window(3.0, -4.0, 2.0, 1e4, 1.0), "a *gaze*")
    app = _open(handed)
    data = _sent(app)
    np.testing.assert_array_equal(load(data)["image"], GREY.pixels)
    assert _meta(data)["window"] == {
        "gX": 3, "gY": -4, "delta": 2, "sigma": 1e4, "gamma": 1, "n": 5,
    }  # fmt: skip
    assert any("a \\*gaze\\*" in m.value for m in app.markdown)
    assert "lab_handed" not in app.session_state
    app.run()
    assert _sent(app) == data


def test_a_window_that_wrote_is_handed_over_as_the_pen():
    eye, pen = Window(3.0, 4.0, 2.0, 1.0, 1.0), Window(5.0, 6.0, 1.5, 0.5, 0.02)
    handed = Handed(GREY, 4, eye, "two windows", pen)
    meta = _meta(_sent(_open(handed)))
    assert meta["window"]["gX"] == 3
    assert meta["pen"] == {"gX": 5, "gY": 6, "delta": 1.5, "sigma": 0.5, "gamma": 0.02}
    assert not meta["full"]


def test_the_address_names_the_pen():
    meta = _meta(_sent(_open(gx="1", pen="5,-6,1.5,5e-1,2")))
    assert meta["pen"] == {"gX": 5, "gY": -6, "delta": 1.5, "sigma": 0.5, "gamma": 2}
    (info,) = _open(pen="5,6,1").info
    assert "The address asks for pen =" in info.value


# --- Asking a model ---


def _usable() -> dict:
    return dict(shipped().models)


def test_the_answer_is_the_models_own_windows():
    from ui.models import cache

    usable = _usable()
    (choice,) = lab_ask.choices(usable)
    assert choice == Askable(DEFAULT_MODEL, DEFAULT_MODEL, (1, 28, 28))
    question = lab_ask.Question(choice.name, scale=False)
    asked, refusal = lab_ask.ask(usable, question, GREY)
    assert refusal == ""
    film = cache.reconstruction(usable[choice.name], GREY.pixels, 0).film
    np.testing.assert_array_equal(asked.read_params, film.windows("read").parameters[:, 0])
    np.testing.assert_array_equal(asked.write_params, film.windows("write").parameters[:, 0])
    assert (asked.read_size, asked.write_size) == (3, 4)
    assert len(np.unique(asked.read_params[:, 0])) > 1


def test_a_picture_of_another_shape_is_scaled_first():
    usable = _usable()
    (choice,) = lab_ask.choices(usable)
    photo = Picture(scene("lake"), "a lake", "scene:1")
    assert lab_ask.ask(usable, lab_ask.Question(choice.name, scale=True), photo) == (None, "")
    small = picture_data.scaled(photo, choice.shape)
    assert small.pixels.shape == (1, 28, 28)
    assert small.link == "1x28x28@scene:1"
    np.testing.assert_array_equal(picture_data.from_link(small.link).pixels, small.pixels)
    assert "scaled to 28×28" in small.words
    assert abs(float(small.pixels.mean()) - float(photo.pixels.mean())) < 12
    assert picture_data.scaled(GREY, choice.shape) is GREY
    assert lab_ask.ask(usable, lab_ask.Question(choice.name, scale=True), small)[0] is not None


def test_questions_that_have_no_answer_get_a_sentence():
    usable = _usable()
    for name, words in (("gone", "no longer on this server"), ("no-window", "has no window")):
        asked, refusal = lab_ask.ask(usable, lab_ask.Question(name, scale=False), GREY)
        assert asked is None
        assert words in refusal


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((1, 28, 28), (1, 28, 28)), ((3, 50, 200), (3, 25, 100)), ((4, 9, 9), (3, 9, 9))],
)
def test_a_picture_that_is_too_large_is_made_smaller(shape, shown):
    picture = Picture(np.full(shape, 100, np.uint8), "large", "x:1")
    fitted = _fitting(picture)
    assert fitted.pixels.shape == shown
    assert (np.abs(fitted.pixels.astype(int) - 100) <= 1).all()
    assert fitted.link == picture.link


def _ask(app: AppTest, **question: object) -> bytes:
    app.session_state["lab_question"] = Question(**{"model": None, "scale": False, **question})
    app.session_state["lab_question_new"] = True
    app.run()
    assert not app.exception
    return _sent(app)


def test_a_digit_says_why_it_came_and_the_picture_comes_back():
    app = _open()
    data = _ask(app, digit=True, number=1)
    assert load(data)["image"].shape == (1, 28, 28)
    assert "asked_read" in load(data)
    why = _meta(data)["instead"]
    assert why.startswith("The model learned from digits, so it looks at one instead of")
    assert "still-life" in why
    # Another digit does not take the place of the first.
    assert _meta(_ask(app, digit=True, model=DEFAULT_MODEL, number=2))["instead"] == why
    data = _ask(app, back=True, number=3)
    np.testing.assert_array_equal(load(data)["image"], scene("still-life"))
    assert _meta(data)["instead"] == _meta(data)["refusal"] == ""
    assert "asked_read" not in load(data)


def test_the_same_refusal_again_is_something_new_to_the_browser():
    app = _open(image="scene:1")
    first, second = (_ask(app, model="gone", number=number) for number in (1, 2))
    assert "no longer on this server" in _meta(first)["refusal"]
    assert _meta(first) == _meta(second) | {"answered": 1}
    assert _meta(second)["answered"] == 2


def test_who_comes_back_to_the_page_finds_the_answer():
    app = _open()
    before = load(_ask(app, digit=True, number=1))
    app.switch_page("pages/6_Paper.py").run()
    app.switch_page(PAGE).run()
    after = load(_sent(app))
    for name in ("image", "asked_read", "asked_write"):
        np.testing.assert_array_equal(after[name], before[name])
