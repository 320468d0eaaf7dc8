"""How the corners of a window follow from the numbers that a network chose."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from draw_core.film.arrays import Floats


@dataclass(frozen=True)
class Rule:
    """One kind of window.

    Attributes:
        labels: the names of its parameters, in order.
        corners: makes corners ``[..., 4, 2]`` of parameters ``[..., P]`` and N points per side.
    """

    labels: tuple[str, ...]
    corners: Callable[[Floats, int], Floats]


# Top left, top right, bottom right, bottom left.
_SIGNS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)


def _square(parameters: Floats, points: int) -> Floats:
    """N x N cells, each one stride wide, round a centre (eqs 19, 20)."""
    centre, stride = parameters[..., None, :2], parameters[..., None, 2:3]
    return centre + _SIGNS * (points * stride / 2)


RULES = {"gaussian": Rule(("g_x", "g_y", "delta", "sigma2", "gamma"), _square)}
