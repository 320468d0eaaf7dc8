"""How much like a pen a network paints: the size of its write window, and how far that travels.

A window that spans the page until late cannot be called small, and one whose centre stays cannot
be called moving. What is said of a model is computed from its own film. NumPy only.
"""

from dataclasses import dataclass

import numpy as np

from draw_core.film.film import Film
from draw_core.film.kept import kept

# From here on a window deserves the words: no more than this share of the page's side, and a path
# of at least this many sides.
_SMALL, _FAR = 0.35, 1.0


@dataclass(frozen=True)
class PenMeasure:
    """The write window over all steps and samples of a film.

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


@kept
def measure_pen(film: Film) -> PenMeasure | None:
    """Measures the write window of a film; None if the model writes without one."""
    windows = film.windows("write")
    if windows is None:
        return None
    corners = windows.corners()  # [T, B, 4, 2]
    _, height, width = film.shape
    page = max(height, width)
    edges = np.linalg.norm(np.diff(corners[..., :3, :], axis=2), axis=-1)  # its top and its right
    sides = edges.max(axis=2) / page
    # A centre beyond the border works on the border.
    centres = corners.mean(axis=2).clip(0, (width - 1, height - 1))
    path = np.linalg.norm(np.diff(centres, axis=0), axis=-1).sum(axis=0)
    return PenMeasure(
        side=float(np.median(sides)),
        path=float(np.median(path)),
        page=page,
        sides=tuple(float(s) for s in np.median(sides, axis=1)),
    )
