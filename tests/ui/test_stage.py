"""What the Stage is sent, what it reports, and the settings of an address."""

import dataclasses

import numpy as np
import pytest
import streamlit as st
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.film import film_of
from draw_core.film.film import Film
from draw_core.film.tracks import Bars, Vectors
from tests.support import browser, films, small
from ui.kit import seeds, state
from ui.kit.view import View
from ui.kit.wire import told
from ui.stage import stage as stage_module
from ui.stage.stage import pack


@pytest.fixture(scope="module")
def generated() -> Film:
    return film_of(browser.pen().generate(3, small.seeded(0)))


def test_packed_arrays_are_those_of_the_film(generated):
    arrays = load(pack(generated))
    assert set(arrays) == {"canvases", "write_patches", "write_params", "z", "memory"}
    for name, array in arrays.items():
        expected = films.arrays(generated)[name]
        assert array.dtype == expected.dtype
        np.testing.assert_array_equal(array, expected)


def test_a_reconstruction_is_packed_with_kl_and_read_window():
    model = small.model()
    film = film_of(model(small.pixels(2, model)))
    arrays = load(pack(film))
    np.testing.assert_array_equal(arrays["kl"], film.bars("kl").values)
    np.testing.assert_array_equal(arrays["read_params"], film.windows("read").parameters)
    meta = told(pack(film))
    points = {t["name"]: t["points"] for t in meta["films"][""]["tracks"] if "points" in t}
    assert points == {"read": 2, "write": 3}


def test_without_write_attention_no_patch_is_sent():
    model = small.model(write_attention=False)
    arrays = load(pack(film_of(model.generate(2))))
    assert set(arrays) == {"canvases", "z", "memory"}


def test_a_large_film_fits_in_three_megabytes():
    steps, samples = 32, 64
    canvases = np.zeros((steps + 1, samples, 1, 28, 28), np.uint8)
    patches = np.zeros((steps, samples, 1, 7, 7), np.float32)
    film = films.painted(canvases, patches, np.zeros((steps, samples, 5), np.float32))
    more = (  # of a reconstruction
        Bars("kl", np.zeros((steps, samples), np.float32), "nats"),
        Vectors("z", np.zeros((steps, samples, 32), np.float32)),
    )
    film = dataclasses.replace(film, tracks=(*film.tracks, *more))
    assert len(pack(film)) <= 3_000_000


def test_the_same_pictures_have_the_same_name_and_others_another(generated):
    name = told(pack(generated))["id"]
    assert told(pack(generated, view=View(2, 1)))["id"] == name
    assert told(pack(generated.first(2)))["id"] != name


def test_where_to_start_is_sent(generated):
    link = {"model": "m", "seed": 3}
    meta = told(pack(generated, view=View(2, 1), link=link))
    assert (meta["step"], meta["sample"], meta["link"]) == (2, 1, link)
    meta = told(pack(generated))
    assert (meta["step"], meta["sample"], meta["link"]) == (None, None, None)


def test_whether_it_is_compact_is_sent(generated):
    assert told(pack(generated, compact=True))["compact"] is True
    assert told(pack(generated))["compact"] is False


def test_the_stage_reports_where_it_rests():
    def page():
        import streamlit as st

        from ui.stage.stage import stage

        st.text(repr(stage(b"bytes of a film", key="it")))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert app.text[0].value == "None"
    app.session_state["it"] = {"view": {"step": 3, "sample": 1}}
    assert app.run().text[0].value == "View(step=3, sample=1)"
    app.session_state["it"] = {"view": {"step": None, "sample": 0}}
    assert app.run().text[0].value == "View(step=None, sample=0)"
    assert not app.exception


def test_a_step_of_other_pictures_is_not_this_ones(generated, monkeypatch):
    data = pack(generated)
    view = {"step": 3, "sample": 1, "id": told(data)["id"]}
    monkeypatch.setattr(stage_module, "_component", lambda **_: None)
    monkeypatch.setattr(stage_module, "reported", lambda *_: view)
    assert stage_module.stage(data, key="it") == View(3, 1)
    view["id"] = "of the pictures before"
    assert stage_module.stage(data, key="it") is None


@pytest.mark.parametrize(
    ("setting", "good", "bad"),
    [
        (
            seeds.setting(),
            ["0", "2147483647"],
            ["", "-1", "1.5", "1e3", "2147483648", "٣", "9" * 99],
        ),
        (
            state.whole_number("n", 16, 1, state.MAX_SAMPLES),
            ["1", "64"],
            ["0", "65", "many", " 3", "3.7", "1_0", "+5", "٣", "1e9999"],
        ),
        (
            state.number("temperature", 1.0, 2.0, 0.05),
            ["0", "0.85", "2"],
            ["-0.1", "2.05", "nan", "inf", "warm", "", "0.333"],
        ),
        (state.one_of("model", "a", ["a", "b"]), ["a", "b"], ["c", "", "A"]),
    ],
)
def test_what_a_setting_accepts(setting, good, bad):
    assert [text for text in good if setting.parse(text) is None] == []
    assert [text for text in bad if setting.parse(text) is not None] == []
    assert setting.parse(str(setting.default)) == setting.default


@pytest.mark.parametrize(
    ("query", "view", "notices"),
    [
        ({}, None, 0),
        ({"step": "5", "sample": "4"}, View(5, 3), 0),
        ({"step": "5"}, View(5, 0), 0),
        ({"sample": "4"}, View(None, 3), 0),
        ({"step": "17", "sample": "4"}, View(None, 3), 1),
        ({"step": "16", "sample": "10"}, View(16, 0), 1),
        ({"step": "x" * 99, "sample": "0"}, None, 2),
    ],
)
def test_step_and_sample_of_an_address(query, view, notices):
    def page():
        import streamlit as st

        from ui.kit.state import linked_view

        view, notices = linked_view(num_steps=16, n=9)
        st.text(repr(view))
        for notice in notices:
            st.info(notice)

    app = AppTest.from_function(page, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert app.text[0].value == repr(view)
    assert len(app.info) == notices
    assert all(len(info.value) < 200 for info in app.info)


def test_an_original_and_the_wish_to_stay_are_sent():
    model = small.model()
    film = film_of(model(small.pixels(1, model)))
    original = np.arange(70, dtype=np.uint8).reshape(1, 2, 5, 7)
    data = pack(dataclasses.replace(film, original=original), keep=True)
    np.testing.assert_array_equal(load(data)["original"], original)
    assert told(data)["keep"] is True
    assert told(pack(film))["keep"] is False


@pytest.mark.parametrize(
    ("text", "value"),
    [("3e-4", 3e-4), ("0.005", 0.005), ("1", 1.0), ("1.5", None), ("-1", None), ("1e9", None)],
)
def test_a_decimal_of_an_address(text, value):
    assert state.decimal("x", 0.1, 1e-6, 1).parse(text) == value


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("no", False), ("1", None), ("", None)])
def test_a_switch_of_an_address(text, value):
    assert state.yes_or_no("x", True).parse(text) is value


@pytest.mark.parametrize(("drawn", "then"), [(6, 6), (7, 8), (9998, 9999)])
def test_a_seed_is_never_drawn_twice_in_a_row(monkeypatch, drawn, then):
    monkeypatch.setattr(st, "session_state", {"seed": 7})
    monkeypatch.setattr(seeds.secrets, "randbelow", lambda _: drawn)
    seed = seeds.setting()
    seeds.draw(seed)
    assert seed.get() == then
