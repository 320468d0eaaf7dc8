"""How the corners of a window follow from the numbers that a network chose."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from draw_core.film.arrays import Floats


class Rule(NamedTuple):
    """How one kind of window lies on the canvas."""

    labels: tuple[str, ...]  # the names of its parameters, in order
    corners: Callable[[Floats, int], Floats]  # [..., 4, 2] of [..., P] and N points per side


# Top left, top right, bottom right, bottom left.
_SIGNS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)


def _square(parameters: Floats, points: int) -> Floats:
    """N x N cells, each one stride wide, round a centre (eqs 19, 20)."""
    centre, stride = parameters[..., None, :2], parameters[..., None, 2:3]
    return centre + _SIGNS * (points * stride / 2)


RULES = {"gaussian": Rule(("g_x", "g_y", "delta", "sigma2", "gamma"), _square)}
