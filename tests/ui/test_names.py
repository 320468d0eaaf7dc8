"""What samples are called: by what the reader finds on the pictures that are shown."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from draw_core.film.codecs import BERNOULLI
from draw_core.film.film import Film
from draw_core.measure.reader.network import CLASSES, shipped
from draw_core.store.checkpoint import load_card, load_preview
from tests.support import films
from ui.generate.page import SERVED
from ui.kit import names, wire

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINTS = ROOT / "checkpoints"


def _film(pictures: np.ndarray) -> Film:
    """Two steps that end as these pictures."""
    canvases = np.stack([np.zeros_like(pictures)] * 2 + [pictures])
    return films.painted(canvases)


class Reader:
    """Answers as it is told."""

    def __init__(self, answers):
        self.answers = answers

    def read(self, pictures, classes):
        self.seen, self.classes = pictures, classes
        return self.answers

    read_page = lambda self, pictures: self.read(pictures, None)  # noqa: E731


@pytest.fixture
def told(monkeypatch):
    """Makes a reader that answers as it is told."""

    def tell(answers) -> Reader:
        reader = Reader(answers)
        monkeypatch.setattr(names, "shipped", lambda: reader)
        names._read.cache_clear()
        return reader

    yield tell
    names._read.cache_clear()


def test_a_digit_a_figure_and_neither_in_words(told):
    reader = told([6, 8, 12, None])
    pictures = np.random.default_rng(0).integers(0, 256, (4, 1, 28, 28)).astype(np.uint8)
    assert names.of_samples(_film(pictures), "strokes") == (
        "looks like a 6",
        "looks like an 8",
        "looks like a star",
        "shows no clear digit or figure",
    )
    assert reader.classes == len(CLASSES)
    np.testing.assert_array_equal(reader.seen, BERNOULLI.values[pictures[:, 0]])
    assert names.of_samples(_film(pictures), "mnist")[3] == "shows no clear digit"
    assert reader.classes == 10


@pytest.mark.parametrize("data", ["two_digits", "two_digits:strokes", "two_digits_apart:mnist"])
def test_the_digits_of_a_page_in_words(told, data):
    told([(3, 7), (8, 1, 1), (8,), ()])
    assert names.of_samples(_film(np.zeros((4, 1, 60, 60), np.uint8)), data) == (
        "looks like a 3 and a 7",
        "looks like an 8, a 1 and a 1",
        "looks like an 8 and no other clear digit",
        "shows no clear digit",
    )


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        *(("fashion_mnist", (1, 28, 28)), ("folder:0123456789abcdef", (1, 28, 28))),
        *(("svhn", (3, 32, 32)), ("cifar10", (3, 32, 32)), ("cluttered:mnist", (1, 100, 100))),
        *(("mnist", (1, 32, 32)), ("mnist", (3, 28, 28)), ("two_digits", (1, 28, 28))),
    ],
)
def test_pictures_that_it_cannot_read_have_no_names(told, data, shape):
    told([1])
    assert names.of_samples(_film(np.zeros((1, *shape), np.uint8)), data) == ()


def test_the_same_pictures_are_read_once(told):
    reader = told([1])
    one, other = (_film(np.full((1, 1, 28, 28), v, np.uint8)) for v in (0, 9))
    first = names.of_samples(one, "mnist")
    reader.answers = [2]
    assert names.of_samples(dataclasses.replace(one), "mnist") == first
    assert names.of_samples(other, "mnist") == ("looks like a 2",)


def _told(app: AppTest) -> dict:
    """What the Stage is told of its samples, which are those that it shows."""
    sent = {e.proto.component_name: e.proto for e in app.get("bidi_component")}
    told = json.loads(json.loads(sent["draw_names"].json)[0])
    assert told["id"] == wire.told(sent["draw_live_stage"].bytes)["id"]
    return told


def test_new_samples_have_names_of_their_own(monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(CHECKPOINTS))
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    app.switch_page("pages/1_Generate.py")
    app.query_params["model"] = "strokes-attention"
    app.run()
    canvases = BERNOULLI.values[load_preview(CHECKPOINTS / "strokes-attention").last]
    read = shipped().read(canvases[:16, 0])
    looks = _told(app)["looks"]
    for answer, words in zip(read, looks, strict=True):
        assert words.removeprefix("looks like a").removeprefix("n").strip() == (
            "shows no clear digit or figure" if answer is None else CLASSES[answer]
        )
    app.number_input(key="seed").set_value(5).run()
    assert not app.exception
    assert len(_told(app)["looks"]) == 16
    assert _told(app)["looks"] != looks


def test_most_shipped_samples_have_the_name_of_a_digit():
    card, preview = (load(CHECKPOINTS / "mnist-pen") for load in (load_card, load_preview))
    looks = names.of_samples(preview, card.data)
    assert len(looks) == 64
    assert sum(words.startswith("looks like") for words in looks) >= 56
    assert len(set(looks)) >= 9  # of ten digits and none
