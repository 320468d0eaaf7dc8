"""The charts show the numbers that they are given."""

import numpy as np
import pytest

from tests.support import process
from ui.generate import figures

PARAMS = np.array([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [3, 1, 2, 0.25, 1]], np.float32)


@pytest.mark.parametrize(
    ("draw", "curves"),
    [
        (figures.window_centre, [[1, 6, 3], [2, 7, 1]]),
        (figures.window_grid, [[3, 8, 2], [2, 3, 0.5]]),
    ],
)
def test_curves_and_the_mark_of_the_step(draw, curves):
    figure = draw(PARAMS, step=2)
    assert [list(curve.y) for curve in figure.data] == curves
    assert all(list(curve.x) == [1, 2, 3] for curve in figure.data)
    (mark,) = figure.layout.shapes
    assert mark.x0 == mark.x1 == 2
    assert not draw(PARAMS, step=0).layout.shapes


def test_curves_differ_by_more_than_colour():
    first, second = figures.window_centre(PARAMS, step=1).data
    assert first.line.dash != second.line.dash
    assert first.marker.symbol != second.marker.symbol
    assert first.line.color == second.line.color == figures.WRITE


def test_every_curve_is_named_at_its_end():
    figure = figures.window_grid(PARAMS, step=1)
    names = [note.text for note in figure.layout.annotations]
    assert names == [curve.name for curve in figure.data]
    assert [note.y for note in figure.layout.annotations] == [2, 0.5]


def test_a_single_step_can_be_drawn():
    assert list(figures.window_centre(PARAMS[:1], step=1).data[0].x) == [1]


def test_figures_need_neither_streamlit_nor_torch():
    assert not {"streamlit", "torch"} & process.imported("ui.generate.figures")
