"""Dots at the edge of a page that come and go are told as what they are, and only those."""

import numpy as np
import pytest

from draw_core.film.codecs import encode_logits
from draw_core.film.film import Film
from tests.support import films, process
from tests.ui.test_pages import visit
from ui.kit import edge_dots
from ui.models import cache
from ui.models.catalogue import able, shipped

T, SAMPLES, SIDE = 6, 3, 9


def _film(bright: dict[tuple[int, int], range], *, only: int | None = None) -> Film:
    """Dark canvases on which these pixels (x, y) are bright after these steps."""
    logits = np.full((T + 1, SAMPLES, 1, SIDE, SIDE), -6.0)
    samples = slice(None) if only is None else slice(only, only + 1)
    for (x, y), steps in bright.items():
        for step in steps:
            logits[step, samples, 0, y, x] = 6.0
    return films.painted(encode_logits(logits))


def test_dots_at_every_side_are_counted():
    corners = {(0, 4): range(2, 4), (8, 1): range(1, 5), (3, 0): range(2, 3), (5, 8): range(1, 2)}
    assert edge_dots.find(_film(corners)) == edge_dots.EdgeDots(4, 4, 4)
    text = edge_dots.words("ours", _film(corners))
    assert "ours paints 4 of them in each sample, and after step 4 all are dark again" in text


@pytest.mark.parametrize(
    "bright",
    [
        {},
        {(4, 4): range(1, 5)},  # inside
        {(0, 4): range(1, T + 1)},  # stays
        {(0, 4): range(1)},  # of the start canvas
    ],
)
def test_what_stays_or_stands_inside_is_no_such_dot(bright):
    assert edge_dots.find(_film(bright)) is None
    assert edge_dots.words("ours", _film(bright)) == ""


def test_dots_of_one_sample_alone_are_its_picture():
    assert edge_dots.find(_film({(0, 4): range(1, 4)}, only=1)) is None


def test_of_the_shipped_models_only_the_one_without_windows_makes_them(monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(process.ROOT / "checkpoints"))
    makes = set()
    for entry in able(shipped().models, "generate").values():
        film, _ = cache.film(entry, 6)
        if edge_dots.find(film):
            makes.add(entry.name)
    assert makes == {"mnist-no-attention"}


@pytest.mark.parametrize("path", ["pages/1_Generate.py", "pages/2_Reconstruct.py"])
def test_whoever_sees_the_dots_reads_what_they_are(path, monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(process.ROOT / "checkpoints"))
    told = {
        name: [c.value for c in visit(path, model=name).caption if "The white dots" in c.value]
        for name in ("mnist-no-attention", "strokes-attention")
    }
    (sentence,) = told["mnist-no-attention"]
    assert "mnist-no-attention paints" in sentence.replace("\\", "")
    assert told["strokes-attention"] == []
