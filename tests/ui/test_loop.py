"""What the loop is sent, what it reports, and that it needs no torch to be shown."""

import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.engine import ENGINE
from draw_core.families.draw.model import DRAW
from draw_core.families.rebuilt import Rebuilt
from tests.support import browser, films, small
from ui.diagram.loop import About, pack
from ui.kit.view import View
from ui.kit.wire import told

ABOUT = About("m", 3, usual=84.2, images="digits")


def _run(model: DRAW, seed: int = 0) -> Rebuilt:
    image = small.pixels(1, model, seed)[0].mul(255).byte().numpy()
    return ENGINE.reconstruct(model, image, "grey", seed)


def _expected(run: Rebuilt) -> dict[str, np.ndarray]:
    return films.arrays(run.film) | {"x": run.x}


def test_packed_arrays_are_those_of_the_reconstruction():
    model = small.model()
    now = _run(model)
    arrays, expected = load(pack(now, ABOUT)), _expected(now)
    assert set(arrays) == set(expected)
    for name, array in arrays.items():
        assert array.dtype == expected[name].dtype
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("kind", ["read", "write"])
def test_without_a_window_there_are_no_numbers_of_it(kind):
    model = small.model(**{f"{kind}_attention": False})
    now = _run(model)
    arrays = load(pack(now, ABOUT))
    expected = {name for name, array in _expected(now).items() if array is not None}
    assert set(arrays) == expected
    assert f"{kind}_params" not in expected


def test_what_is_said_beside_the_arrays():
    model = small.model()
    now = _run(model)
    link = {"model": "m", "seed": 3}
    meta = told(pack(now, ABOUT, view=View(2, 0), link=link))
    assert (meta["step"], meta["link"]) == (2, link)
    assert (meta["nll"], meta["latent_loss"]) == (now.nll, now.latent_loss)
    assert meta["about"] == {
        "model": "m",
        "seed": 3,
        "drawn": False,
        "grey": False,
        "usual": 84.2,
        "images": "digits",
    }
    points = {t["name"]: t["points"] for t in meta["films"][""]["tracks"] if "points" in t}
    assert points == {"read": 2, "write": 3}
    meta = told(pack(now, ABOUT))
    assert (meta["step"], meta["link"]) == (None, None)


def test_the_name_tells_runs_apart():
    model = small.model()
    now, other = _run(model), _run(model, 1)
    name = told(pack(now, ABOUT))["id"]
    assert told(pack(now, ABOUT, view=View(1, 0), link={"a": 1}))["id"] == name
    others = {
        told(pack(other, ABOUT))["id"],
        told(pack(now, About("another")))["id"],
        told(pack(now, About("m", seed=None)))["id"],
    }
    assert len(others | {name}) == 4


def test_a_large_run_fits_in_five_megabytes():
    sizes = {"num_steps": 64, "height": 100, "width": 100, "channels": 3, "z_size": 200}
    model = browser.pen(**sizes, enc_size=800, dec_size=800, read_size=12, write_size=12)
    now = _run(model)
    assert len(pack(now, ABOUT)) <= 5_000_000


def test_importing_it_needs_no_torch():
    code = "import sys, ui.diagram.loop; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_loop_reports_a_wish_for_the_lab():
    def page():
        import streamlit as st

        from ui.diagram.loop import loop

        st.text(repr(loop(b"bytes of a run", key="it")))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert app.text[0].value == "None"
    app.session_state["it"] = {"lab": {"kind": "read", "step": 3, "id": 7}}
    assert app.run().text[0].value == "Wish(kind='read', step=3, id=7)"
    app.session_state["it"] = {"lab": {"kind": "read", "step": None}}
    assert app.run().text[0].value == "None"
    assert not app.exception
