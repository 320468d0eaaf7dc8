"""Composite images: digits placed at random on a larger page, composed when they are asked for.

``two_digits`` is a page of 60 x 60 pixels with two digits of 28 x 28 (the paper's figure 8),
``cluttered`` one of 100 x 100 with a digit among eight 8 x 8 pieces of other digits (its section
4.1). Where pieces overlap, their values are added and clipped at white.

The paper names no distance between its two digits, and ``two_digits`` keeps none. On 42 % of its
pages the places are less than half a digit apart in x and in y, where a classifier often reads one
digit or none. ``two_digits_apart`` leaves those out, so it is easier.

Image i is a function of the digits, the split and i alone. So there are as many images as one
likes: image i shows digit i modulo the number N of digits, and i divided by N says which of its
arrangements. Imports no torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8, UInt64

from draw_core.data.registry import COMPOSITES, DATASETS, pinned
from draw_core.data.spec import Split

SEED = 20150216  # of every arrangement; part of what the names of the data sets mean
DIGIT = 28  # pixels per side of a digit

_SPLITS: tuple[Split, Split] = ("train", "test")


@dataclass(frozen=True)
class Recipe:
    """What is on a page.

    Attributes:
        side: pixels per side of the page.
        digits: whole digits; the label tells all of them.
        pieces: cut-outs of other digits.
        piece: pixels per side of a piece.
        apart: least distance between the places of two digits in pixels, in x or in y.
    """

    side: int
    digits: int
    pieces: int = 0
    piece: int = 8
    apart: int = 0


RECIPES = {
    "two_digits": Recipe(side=60, digits=2),
    "two_digits_apart": Recipe(side=60, digits=2, apart=DIGIT // 2),
    "cluttered": Recipe(side=100, digits=1, pieces=8),
}


class Parts(NamedTuple):
    """Where the digits or the pieces of some pages come from and go to, one column for each.

    Attributes:
        source: number of the digit in its data set.
        cut_x, cut_y: left and upper pixel of the cut in that digit; 0 for a whole digit.
        x, y: left and upper pixel of the place on the page.
    """

    source: Int64[np.ndarray, "B P"]
    cut_x: Int64[np.ndarray, "B P"]
    cut_y: Int64[np.ndarray, "B P"]
    x: Int64[np.ndarray, "B P"]
    y: Int64[np.ndarray, "B P"]


class Composer:
    """Composes the images of one split of a composite data set."""

    def __init__(
        self,
        recipe: Recipe,
        digits: UInt8[np.ndarray, "N 1 28 28"],
        labels: Int64[np.ndarray, " N"],
        split: Split,
        seed: int = SEED,
    ) -> None:
        """``labels`` are the digits 0 to 9.

        Raises:
            ValueError: if there are fewer than two digits, or labels of anything else.
        """
        if len(digits) < 2:
            raise ValueError("A composite needs at least two digits to choose from.")
        if labels.min() < 0 or labels.max() > 9:
            raise ValueError("Composites are made of digits, whose labels are 0 to 9.")
        self.recipe = recipe
        self._digits, self._labels = np.ascontiguousarray(digits), labels
        sequence = np.random.SeedSequence([seed, _SPLITS.index(split)])
        self._key = sequence.generate_state(1, np.uint64)[0]

    @property
    def count(self) -> int:
        """N, the digits to choose from: so many images have each another first digit."""
        return len(self._digits)

    def digits(self, indices: Int64[np.ndarray, " B"]) -> Parts:
        """The whole digits of these pages, each anywhere that is far enough from those before."""
        parts = self._parts(indices, 0, self.recipe.digits, DIGIT)
        if self.recipe.apart:
            for part in range(1, self.recipe.digits):
                self._move_apart(indices, parts, part)
        return parts

    def pieces(self, indices: Int64[np.ndarray, " B"]) -> Parts:
        """The pieces of other digits on these pages."""
        return self._parts(indices, self.recipe.digits, self.recipe.pieces, self.recipe.piece)

    def labels(self, indices: Int64[np.ndarray, " B"]) -> Int64[np.ndarray, " B"]:
        """The digits of each page, read as one decimal number."""
        places = 10 ** np.arange(self.recipe.digits)[::-1]
        parts = self._parts(indices, 0, self.recipe.digits, DIGIT)
        labels: Int64[np.ndarray, " B"] = self._labels[parts.source] @ places
        return labels

    def images(self, indices: Int64[np.ndarray, " B"]) -> UInt8[np.ndarray, "B 1 H W"]:
        """The pages with these numbers, which may be any from 0."""
        side, count = self.recipe.side, len(indices)
        page = np.zeros(count * side * side, np.uint8)
        for parts, size in (
            (self.pieces(indices), self.recipe.piece),
            (self.digits(indices), DIGIT),
        ):
            inside = np.arange(size)
            start = (np.arange(count)[:, None] * side + parts.y) * side + parts.x
            cut = (parts.source * DIGIT + parts.cut_y) * DIGIT + parts.cut_x
            to = (inside[:, None] * side + inside).ravel()
            of = (inside[:, None] * DIGIT + inside).ravel()
            for part in range(parts.source.shape[1]):  # one after the other: they may overlap
                target = start[:, part, None] + to
                below = page.take(target)
                added = self._digits.take(cut[:, part, None] + of)
                page[target] = below + np.minimum(added, 255 - below)  # clipped at white
        return page.reshape(count, 1, side, side)

    def _move_apart(self, indices: Int64[np.ndarray, " B"], parts: Parts, part: int) -> None:
        """Draws the place of a digit anew, among those that keep the distance to digits before."""
        room = np.arange(self.recipe.side - DIGIT + 1)
        far = np.ones((len(indices), len(room), len(room)), bool)  # from y and x
        for other in range(part):
            far_x = np.abs(room - parts.x[:, other, None]) >= self.recipe.apart
            far_y = np.abs(room - parts.y[:, other, None]) >= self.recipe.apart
            far &= far_x[:, None, :] | far_y[:, :, None]
        count = far.reshape(len(indices), -1).cumsum(axis=1, dtype=np.int16)
        number = part * len(Parts._fields) + Parts._fields.index("x")
        rank = _below(count[:, -1].astype(np.int64), self._random(indices * _NUMBERS + number))
        place = (count <= rank[:, None]).sum(axis=1)  # of the free ones, that with this rank
        parts.y[:, part], parts.x[:, part] = np.divmod(place, len(room))

    def _random(self, counter: Int64[np.ndarray, "*shape"]) -> UInt64[np.ndarray, "*shape"]:
        """Those of this data set; page i has the numbers from ``i * _NUMBERS`` on."""
        return _hash(self._key, counter.astype(np.uint64))

    def _parts(self, indices: Int64[np.ndarray, " B"], first: int, count: int, size: int) -> Parts:
        """``count`` parts of each page, whose random numbers begin with those of part ``first``."""
        number = np.arange(first, first + count)
        own = (indices % len(self._digits))[:, None]

        def draw(what: int, choices: int) -> Int64[np.ndarray, "B P"]:
            counter = indices[:, None] * _NUMBERS + (number * len(Parts._fields) + what)
            return _below(choices, self._random(counter))

        other = draw(0, len(self._digits) - 1)
        other += other >= own  # any digit but the page's own
        room, cuts = self.recipe.side - size + 1, DIGIT - size + 1
        return Parts(
            source=np.where(number == 0, own, other),
            cut_x=draw(1, cuts),
            cut_y=draw(2, cuts),
            x=draw(3, room),
            y=draw(4, room),
        )


_NUMBERS = 64  # random numbers of each page, at most


def _hash(key: np.uint64, counter: UInt64[np.ndarray, "*shape"]) -> UInt64[np.ndarray, "*shape"]:
    """Random numbers as a function of a counter: SplitMix64 (Steele, Lea and Flood 2014)."""
    z = key + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _below(
    choices: int | Int64[np.ndarray, "*shape"], random: UInt64[np.ndarray, "*shape"]
) -> Int64[np.ndarray, "*shape"]:
    """Whole numbers from 0 to ``choices - 1``, out of the upper half of the random bits."""
    most = np.asarray(choices, np.uint64)
    return ((random >> np.uint64(32)) * most >> np.uint64(32)).astype(np.int64)


def open_composer(
    name: str,
    split: Split,
    root: Path | None = None,
    download: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Composer:
    """What composes the images of a split of ``"cluttered"``, ``"two_digits:mnist"`` and so on.

    Without a source in the name they are made of MNIST where it is, else of the digits among the
    drawn strokes. Loads torch if they are made of MNIST.

    Args:
        download: whether to fetch MNIST if it is absent.
        progress: is told the bytes done and the bytes in all, of a download or of making strokes.

    Raises:
        DataError: if the name is unknown, or the digits are missing, broken or cannot be fetched.
        ValueError: if it is no composite data set.
    """
    kind, _, source = pinned(name, root, prefer_mnist=download).partition(":")
    if kind not in COMPOSITES:
        raise ValueError(f"{name} is no composite; choose one of {', '.join(COMPOSITES)}.")
    return Composer(RECIPES[kind], *open_digits(source, split, root, download, progress), split)


def open_digits(
    source: str,
    split: Split,
    root: Path | None = None,
    download: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[UInt8[np.ndarray, "N 1 28 28"], Int64[np.ndarray, " N"]]:
    """The digits that composites are made of, and which they are; see :func:`open_composer`.

    Args:
        source: ``"mnist"`` or ``"strokes"``.

    Raises:
        ValueError: if it is neither.
    """
    if source not in ("mnist", "strokes"):
        raise ValueError(f"Composites are made of mnist or strokes, not of {source!r}.")
    if source == "mnist":
        from draw_core.data import torchvision_sets  # which loads torch

        mnist = torchvision_sets.load(DATASETS["mnist"], split, root, download, progress)
        return mnist[0].numpy(), mnist[1].numpy()
    from draw_core.data.drawn import strokes

    digits, kinds = strokes.load(split, root, progress)
    return digits[kinds < 10], kinds[kinds < 10]
