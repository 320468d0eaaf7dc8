"""What the reader learns from: digits and figures, and what looks like ink but shows neither."""

from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from draw_core.data.composed.composites import RECIPES, open_digits
from draw_core.data.registry import Split
from draw_core.measure.judge import NONE as NO_DIGIT, Pages, chimeras
from draw_core.measure.reader.network import DIGIT, DIGITS, NONE

_SHIFT = 1  # pixels that a picture is moved by, at most
_MIXED = (2, 9)  # pictures whose mean is a fog: from so many to one fewer than so many

_Pictures = UInt8[np.ndarray, "N 1 28 28"]
_Labels = Int64[np.ndarray, " N"]


class Source:
    """Labelled pictures of one data set and one split, and what is spoilt of them.

    Attributes:
        pictures, labels: digits, or digits and figures.
        chimeras: as many pictures, each of the quarters of four others.
        pages: those with two digits, by the name of their data set.
    """

    def __init__(self, pictures: _Pictures, labels: _Labels, split: Split) -> None:
        self.pictures, self.labels = pictures, labels
        self.chimeras = chimeras(pictures, split)
        self._own = (len(pictures), int(labels.max()))  # each source has its own random numbers
        digits = labels < DIGITS
        self.pages = {
            kind: Pages(RECIPES[kind], pictures[digits], labels[digits], split)
            for kind in ("two_digits", "two_digits_apart")
        }

    def fog(self, count: int, random: np.random.Generator) -> _Pictures:
        """Means of some pictures each, as a network paints that has hardly learned."""
        many = random.integers(*_MIXED, count)
        parts = self.pictures[random.integers(0, len(self.pictures), (count, _MIXED[1] - 1))]
        used = (np.arange(_MIXED[1] - 1) < many[:, None])[..., None, None, None]
        mean = (parts * used).sum(axis=1) / many[:, None, None, None]
        fog: _Pictures = np.rint(mean).astype(np.uint8)
        return fog

    def batch(self, step: int, count: int) -> tuple[_Pictures, _Labels]:
        """Of so many pictures, as many chimeras, and a quarter as many fogs; moved a little.

        Places of pages, with a digit and beside one, come on top: of a third as many pages.
        """
        random = np.random.default_rng([step, *self._own])
        chosen = random.integers(0, len(self.pictures), (2, count))
        fog = self.fog(count // 4, random)
        pictures = np.concatenate([self.pictures[chosen[0]], self.chimeras[chosen[1]], fog])
        labels = np.full(len(pictures), NONE)
        labels[:count] = self.labels[chosen[0]]
        pictures = _moved(pictures, random)
        pages = list(self.pages.values())[step % len(self.pages)]
        numbers = np.arange(step * count // 3, (step + 1) * count // 3)
        squares, answers = pages.places(numbers, random)
        answers = np.where(answers == NO_DIGIT, NONE, answers)
        return np.concatenate([pictures, squares]), np.concatenate([labels, answers])


def _moved(pictures: _Pictures, random: np.random.Generator) -> _Pictures:
    """Each picture up to a pixel away."""
    padded = np.pad(pictures, [(0, 0), (0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT)])
    views = np.lib.stride_tricks.sliding_window_view(padded[:, 0], (DIGIT, DIGIT), (1, 2))
    y, x = random.integers(0, 2 * _SHIFT + 1, (2, len(pictures)))
    moved: _Pictures = views[np.arange(len(pictures)), y, x][:, None]
    return moved


def open_source(
    name: str, split: Split, root: Path | None = None, download: bool = False
) -> Source:
    """A split of ``"mnist"`` or of ``"strokes"``, these with their figures.

    Raises:
        DataError: if it is missing, broken or cannot be fetched.
    """
    if name == "strokes":
        from draw_core.data.drawn import strokes

        return Source(*strokes.load(split, root), split)
    return Source(*open_digits(name, split, root, download), split)
