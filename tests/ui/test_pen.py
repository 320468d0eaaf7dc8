"""How like a pen a network paints, and the bound that makes it one."""

import math

import numpy as np
import pytest
import torch

from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW
from draw_core.film.film import Film
from draw_core.film.pen import measure_pen
from draw_core.nets.attention import decode_params
from tests.support import films, small
from ui.kit import pen_words

PAGE = 20


def _film(places, deltas, points: int = 4) -> Film:
    """One sample whose window is at these (x, y), with these strides, step by step."""
    steps = len(places)
    params = np.ones((steps, 1, 5), np.float32)
    params[:, 0, :2] = places
    params[:, 0, 2] = deltas
    canvases = np.zeros((steps + 1, 1, 1, PAGE, PAGE), np.uint8)
    return films.painted(canvases, np.zeros((steps, 1, 1, points, points), np.float32), params)


def test_side_and_path_are_those_of_the_window():
    # 4 points 1, 2 and 4 pixels apart on a page of 20; a step of 3-4-5, then 6 down.
    measure = measure_pen(_film([(2, 2), (5, 6), (5, 12)], [1, 2, 4]))
    assert measure.sides == pytest.approx([0.2, 0.4, 0.8])
    assert measure.side == pytest.approx(0.4)
    assert measure.path == pytest.approx(11)
    assert measure.page == PAGE


def test_a_centre_beyond_the_border_works_on_the_border():
    measure = measure_pen(_film([(-100, 5), (0, 5), (500, 5)], [1, 1, 1]))
    assert measure.path == pytest.approx(PAGE - 1)


def test_a_median_over_the_samples():
    one, far = _film([(1, 1), (4, 5)], [1, 1]), _film([(0, 0), (19, 0)], [1, 1])
    one, far = films.arrays(one), films.arrays(far)
    names = ("canvases", "write_patches", "write_params")
    three = [np.concatenate([one[name], far[name], far[name]], axis=1) for name in names]
    assert measure_pen(films.painted(*three)).path == pytest.approx(19)


def test_without_a_window_there_is_nothing_to_measure():
    model = small.model(write_attention=False)
    film = film_of(model.generate(2, small.seeded(0)))
    assert measure_pen(film) is None
    assert "no window" in pen_words.paints(None)


@pytest.mark.parametrize(
    ("deltas", "places", "said"),
    [
        ([1, 1, 1], [(0, 0), (19, 0), (19, 19)], "through a small window that moves"),
        ([1, 1, 1], [(5, 5), (6, 5), (6, 6)], "that moves little"),
        ([6, 4, 2], [(5, 5), (6, 5), (6, 6)], "wider than the page at first and **40 % of"),
        ([4, 4, 4], [(5, 5), (6, 5), (6, 6)], "80 % of the page wide most of the time"),
    ],
)
def test_the_words_are_true_of_the_window_shown(deltas, places, said):
    words = pen_words.paints(measure_pen(_film(places, deltas)))
    assert said in words
    assert ("small window" in words) == (max(deltas) == 1)


def test_a_bounded_window_stays_within_its_bound():
    raw = torch.tensor(
        [[0.0, 0.0, s, d, g] for s in (-50, 0, 50) for d in (-50, 0, 50) for g in (-1, 1)]
    )
    bounded = decode_params(raw, 28, 28, 5, max_delta=1.5)
    assert bounded.delta.max() <= 1.5
    assert bounded.sigma2.max() <= 1.5**2
    free = decode_params(raw, 28, 28, 5)
    torch.testing.assert_close(bounded.gamma, free.gamma)
    torch.testing.assert_close(bounded.g_x, free.g_x)


def test_far_below_the_bound_it_is_an_exponential():
    raw = torch.tensor([[0.0, 0.0, -9.0, -9.0, 0.0]], dtype=torch.float64)
    bounded = decode_params(raw, 28, 28, 5, max_delta=1.5)
    assert bounded.delta.item() == pytest.approx(1.5 * math.exp(-9), rel=2e-4)
    assert bounded.sigma2.item() == pytest.approx(1.5**2 * math.exp(-9), rel=2e-4)


def test_the_configuration_states_the_largest_stride():
    config = DrawConfig(height=40, width=20, write_size=5, max_write_side=0.25)
    assert config.max_write_delta == pytest.approx(2)  # 5 points 2 apart: a quarter of 40
    assert DrawConfig().max_write_delta is None
    assert DrawConfig.from_dict(config.to_dict()) == config


def test_a_bounded_network_begins_near_its_bound():
    model = DRAW(small.config(max_write_side=0.5))
    params = model.generate(2, small.seeded(0)).write_params
    side = params.delta * model.config.write_size / max(model.config.height, model.config.width)
    assert ((side > 0.4) & (side <= 0.5)).all()


@pytest.mark.parametrize("side", [0, -0.1, 1.01, math.nan, math.inf, True, "0.3"])
def test_a_bound_that_cannot_work_is_refused(side):
    with pytest.raises(ValueError, match="max_write_side"):
        DrawConfig(max_write_side=side)


def test_a_bound_needs_a_window():
    with pytest.raises(ValueError, match="write attention is off"):
        DrawConfig(write_attention=False, max_write_side=0.3)


def test_the_memory_is_that_of_the_decoder():
    model = small.model()
    trace = model.generate(3, small.seeded(0))
    memory = films.arrays(film_of(trace))["memory"]
    assert memory.dtype == np.uint8
    units = (memory.astype(float) - 128) / 127
    np.testing.assert_allclose(units, trace.h_dec.detach(), atol=0.51 / 127)
