"""How much like a pen a network paints: the size of its write window, and how far that travels.

A window that spans the page until late cannot be called small, and one whose centre stays cannot
be called moving. What is said of a model is computed from its own rollout. NumPy only.
"""

from dataclasses import dataclass

import numpy as np

from draw_core.film.rollout import Rollout

# From here on a window deserves the words: no more than this share of the page's side, and a path
# of at least this many sides.
_SMALL, _FAR = 0.35, 1.0


@dataclass(frozen=True)
class PenMeasure:
    """The write window over all steps and samples of a rollout.

    Attributes:
        side: median side N delta of the window, as a share of the page's longer side.
        path: length of its centre's path from the first step to the last, in pixels; median
            over the samples.
        page: the page's longer side in pixels.
        sides: the median side at each step, as ``side``.
    """

    side: float
    path: float
    page: int
    sides: tuple[float, ...]

    @property
    def small(self) -> bool:
        """Whether the window is small beside the page for more than half of the time."""
        return self.side <= _SMALL

    @property
    def travels(self) -> bool:
        """Whether its centre goes at least as far as the page is long."""
        return self.path >= _FAR * self.page


def measure_pen(rollout: Rollout) -> PenMeasure | None:
    """Measures the write window of a rollout; None if the model writes without one."""
    if rollout.write_params is None:
        return None
    g_x, g_y, delta, *_ = np.moveaxis(rollout.write_params.astype(np.float64), -1, 0)  # [T, B]
    page = max(rollout.canvases.shape[-2:])
    sides = rollout.write_patches.shape[-1] * delta / page
    # A centre beyond the border works on the border.
    height, width = rollout.canvases.shape[-2:]
    x, y = g_x.clip(0, width - 1), g_y.clip(0, height - 1)
    path = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0)).sum(axis=0)
    return PenMeasure(
        side=float(np.median(sides)),
        path=float(np.median(path)),
        page=page,
        sides=tuple(float(s) for s in np.median(sides, axis=1)),
    )
