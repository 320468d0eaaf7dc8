"""What is sent to the browser for two models."""

import dataclasses

import numpy as np
import pytest
from safetensors.numpy import load

from draw_core.families.draw.film import film_of
from tests.support import browser, small
from ui.kit.view import View
from ui.kit.wire import told
from ui.twins.twins import Twin, pack


def generated(samples: int = 3, **changes: object) -> Twin:
    model = browser.pen(**changes)
    film = film_of(model.generate(samples, small.seeded(0)))
    return Twin("one of them", film)


def rebuilt(**changes: object) -> Twin:
    model = browser.pen(**changes)
    film = film_of(model(small.pixels(1, model), small.seeded(1)))
    return Twin("a reconstruction", film, nll=12.5)


def test_both_films_are_sent_under_their_letters():
    a = generated()
    b = generated(num_steps=5, height=20, width=40, channels=3, write_attention=False)
    arrays = load(pack(a, b))
    assert set(arrays) == {"a.canvases", "a.write_params", "b.canvases"}
    np.testing.assert_array_equal(arrays["a.canvases"], a.film.frames())
    np.testing.assert_array_equal(arrays["a.write_params"], a.film.windows("write").parameters)
    np.testing.assert_array_equal(arrays["b.canvases"], b.film.frames())


def test_reconstructions_have_nats_and_both_windows():
    a, b = rebuilt(), rebuilt(read_attention=False)
    data = pack(a, b, view=View(3, 0), pace="share", link={"x": 1})
    arrays, meta = load(data), told(data)
    np.testing.assert_array_equal(arrays["a.kl"], a.film.bars("kl").values)
    np.testing.assert_array_equal(arrays["a.read_params"], a.film.windows("read").parameters)
    np.testing.assert_array_equal(arrays["b.kl"], b.film.bars("kl").values)
    assert "b.read_params" not in arrays
    expected = {
        "name": "a reconstruction",
        "nll": 12.5,
        "note": "",
    }
    assert meta["a"] == expected
    assert (meta["step"], meta["sample"], meta["pace"], meta["link"]) == (3, 0, "share", {"x": 1})


def test_one_model_with_itself_is_sent_once():
    a = generated()
    data = pack(a, dataclasses.replace(a, name="the same"))
    assert set(load(data)) == {"a.canvases", "a.write_params"}
    assert told(data)["films"]["b."] == "a."
    assert told(data)["b"]["name"] == "the same"


def test_the_name_of_a_pair_tells_it_from_others_but_not_by_its_address():
    a, b = generated(), generated(num_steps=5)
    pairs = [pack(a, b), pack(b, a), pack(a, a), pack(a, dataclasses.replace(b, name="other"))]
    assert len({told(data)["id"] for data in pairs}) == len(pairs)
    assert told(pack(a, b, link={"seed": 4}))["id"] == told(pairs[0])["id"]


def test_what_cannot_stand_side_by_side_is_refused():
    with pytest.raises(ValueError, match="3 samples of one and 2 of the other"):
        pack(generated(), generated(2))
    with pytest.raises(ValueError, match="two reconstructions or two generations"):
        pack(generated(1), rebuilt())
    with pytest.raises(ValueError, match="two reconstructions or two generations"):
        pack(rebuilt(), dataclasses.replace(rebuilt(), nll=None))
