"""Dots that a network paints at the edge of its page and takes away again, told in a sentence.

They look like a fault of the display. A network without windows makes them: only the last canvas is
compared with an image, so nothing keeps a pixel dark on the way that is dark in every image.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from draw_core.film.codecs import Codec
from draw_core.film.film import Film
from draw_core.film.kept import kept
from draw_core.film.segments import Frames

_MOST_PIXELS = 4_000_000  # of those that are looked at


@dataclass(frozen=True)
class EdgeDots:
    """What passes over the outermost row and column on each side of a canvas.

    Attributes:
        fewest, most: pixels of a sample that are bright (a probability above one half) after some
            step and dark after the last one.
        last: the last step after which one of them is bright.
    """

    fewest: int
    most: int
    last: int


@kept
def find(film: Film) -> EdgeDots | None:
    """The passing dots of a film in one channel, or None unless every sample has some."""
    if len(film.segments) != 1 or not isinstance(film.segments[0], Frames):
        return None  # what is painted once stays
    steps, samples, channels, height, width = film.frames().shape
    if channels != 1 or steps < 3 or min(height, width) < 3:
        return None
    samples = max(1, min(samples, _MOST_PIXELS // (steps * 2 * (height + width))))
    bright = _edge(film.frames(samples)[:, :, 0], film.codec) > 0.5
    passing = bright[1:] & ~bright[-1]  # [T, B, P]
    dots = passing.any(axis=0).sum(axis=1)
    if dots.min() < 1:
        return None
    last = int(np.flatnonzero(passing.any(axis=(1, 2)))[-1]) + 1
    return EdgeDots(int(dots.min()), int(dots.max()), last)


def words(name: str, film: Film, where: str = "") -> str:
    """What a model's passing dots are, as plain text, or nothing where it makes none.

    Args:
        where: what the samples are called, such as "each sample of seed 3".
    """
    dots = find(film)
    if dots is None:
        return ""
    count = f"{dots.fewest}" if dots.fewest == dots.most else f"{dots.fewest} to {dots.most}"
    where = where or ("this picture" if film.num_samples == 1 else "each sample")
    return (
        "The white dots at the edge are no fault of the display: "
        f"{name} paints {count} of them in {where}, and after step "
        f"{dots.last} all are dark again. Training compares only the last canvas with an image, "
        "so nothing forbids them before."
    )


def _edge(canvases: NDArray[np.uint8], codec: Codec) -> NDArray[np.float32]:
    """The outermost pixels of canvases ``[T, B, H, W]`` as brightness ``[T, B, P]``."""
    sides = [canvases[..., 0, :], canvases[..., -1, :]]
    sides += [canvases[..., 1:-1, 0], canvases[..., 1:-1, -1]]
    return codec.values[np.concatenate(sides, axis=-1)]
