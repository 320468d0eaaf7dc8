"""What accompanies the pictures of a film step by step. Every array is ``[T, B, ...]``.

A track has a ``name``, one of its kind in a film. Positions are 0-based pixel centres of the canvas
at that step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from draw_core.film.arrays import Array, Bytes, Floats, arrays_of, cut, one_of, require
from draw_core.film.rules import RULES


@dataclass(frozen=True, eq=False)
class Track:
    """What all kinds have in common.

    Attributes:
        name: such as "write"; at most 40 letters, digits and underscores.

    Raises:
        FilmError: from the constructor of each kind, if an array is of another shape or type.
    """

    name: str

    def __post_init__(self) -> None:
        named = isinstance(self.name, str) and self.name.isidentifier() and len(self.name) <= 40
        require(named, f"{str(self.name)[:40]!r} is no name of a track")
        self._check()

    def _check(self) -> None:
        raise NotImplementedError

    def _require(self, holds: bool, what: str) -> None:
        require(holds, f"{type(self).__name__} {self.name} must be {what}")

    def fits(self, steps: int, samples: int) -> bool:
        """Whether it is of so many steps and samples."""
        return all(a.shape[:2] == (steps, samples) for a in arrays_of(self).values())

    def pick(self, which: slice) -> Self:
        """That of some samples."""
        return cut(self, 1, which, arrays_of(self))


@dataclass(frozen=True, eq=False)
class Windows(Track):
    """The part of the canvas that each step reads or writes, as a grid of points.

    Attributes:
        points: N of a grid of N x N points; None where a file from before this was kept does not
            say.
        parameters: ``float32 [T, B, P]``, the numbers that the network chose.
        labels: their P names, as ``("g_x", "g_y", "delta", "sigma2", "gamma")``.
        rule: how the corners follow from the parameters, a name in
            :data:`draw_core.film.rules.RULES`; None where they are given.
        given: ``float32 [T, B, 4, 2]``, corners (x, y) of a window without a rule, from its own
            top left over top right and bottom right to bottom left.
    """

    points: int | None
    parameters: Floats
    labels: tuple[str, ...]
    rule: str | None = None
    given: Floats | None = None

    def _check(self) -> None:
        counted = isinstance(self.points, int) and 1 <= self.points <= 4096
        self._require(counted or self.points is None, "grids of 1 to 4096 points per side")
        array = self.parameters
        ok = array.ndim == 3 and one_of(array, np.float32) and array.shape[2] == len(self.labels)
        ok = ok and all(isinstance(label, str) for label in self.labels)
        self._require(ok, "float32 [T, B, P] with P labels")
        if self.rule is None:
            ok = self.given is not None and one_of(self.given, np.float32)
            ok = ok and self.given is not None and self.given.shape[2:] == (4, 2)
            self._require(ok, "corners float32 [T, B, 4, 2] where they follow from no rule")
        else:
            known = RULES.get(self.rule)
            ok = known is not None and self.labels == known.labels and self.given is None
            self._require(ok, "of a known rule with its labels, or of given corners")

    def corners(self) -> Floats:
        """The corners of each window ``[T, B, 4, 2]`` in float64, in the order of ``given``.

        The border encloses the cells of all points, each one stride wide.

        Raises:
            FilmError: if the number of points is not known, and counts.
        """
        if self.given is not None:
            return self.given.astype(np.float64)
        assert self.rule is not None
        require(self.points is not None, f"The size of the windows {self.name} is not known")
        assert self.points is not None
        return RULES[self.rule].corners(self.parameters.astype(np.float64), self.points)


@dataclass(frozen=True, eq=False)
class Patches(Track):
    """What passes through a window: ``float32 [T, B, C, N, M]``."""

    values: Floats

    def _check(self) -> None:
        ok = self.values.ndim == 5 and one_of(self.values, np.float32)
        self._require(ok, "float32 [T, B, C, N, M]")


@dataclass(frozen=True, eq=False)
class Bars(Track):
    """One number for each step: ``float32 [T, B]``, or ``float16`` where steps are very many.

    A timeline shows the first ones of a film.

    Attributes:
        unit: such as "nats"; "" for a share.
        caption: what they are, in a few words; "" where the name says it.
        meaning: the same in a sentence or two.
        power: of a value that is the height of its bar. A square root (0.5) keeps one tall bar,
            often the first, from silencing all others.
    """

    values: Floats
    unit: str
    caption: str = ""
    meaning: str = ""
    power: float = 1.0

    def _check(self) -> None:
        ok = self.values.ndim == 2 and one_of(self.values, np.float32, np.float16)
        said = all(isinstance(text, str) for text in (self.unit, self.caption, self.meaning))
        self._require(ok and said, "float32 or float16 [T, B] with a unit")
        self._require(self.power in (0.5, 1), "shown as they are or as square roots")


def information(kl: Floats) -> Bars:
    """The KL of each step, in nats."""
    meaning = "What the encoder tells the decoder in this step. A nat is 1.44 bits."
    return Bars("kl", kl, "nats", "Information sent (KL)", meaning, 0.5)


@dataclass(frozen=True, eq=False)
class Words(Track):
    """Weights of the words that a step attends to.

    Attributes:
        weights: ``float32 [T, B, W]``; beyond the end of a shorter text they are 0.
        texts: the words of each sample, at most W.
    """

    weights: Floats
    texts: tuple[tuple[str, ...], ...]

    def _check(self) -> None:
        ok = self.weights.ndim == 3 and one_of(self.weights, np.float32)
        self._require(ok and len(self.texts) == self.weights.shape[1], "float32 [T, B, W], B texts")
        for sample, text in enumerate(self.texts):
            ok = isinstance(text, tuple) and len(text) <= self.weights.shape[2]
            ok = ok and all(isinstance(word, str) for word in text)
            ok = ok and not self.weights[:, sample, len(text) :].any()
            self._require(ok, "0 beyond the end of each text")

    def pick(self, which: slice) -> Self:
        """That of some samples."""
        weights = np.ascontiguousarray(self.weights[:, which])
        return replace(self, weights=weights, texts=self.texts[which])


@dataclass(frozen=True, eq=False)
class Vectors(Track):
    """Units of a network: ``float32 [T, B, D]``, or bytes round(128 + 127 h) of -1 <= h <= 1."""

    values: Floats | Bytes

    def _check(self) -> None:
        ok = self.values.ndim == 3 and one_of(self.values, np.float32, np.uint8)
        self._require(ok, "float32 or bytes [T, B, D]")


def is_finite(track: Track) -> bool:
    """Whether all its numbers are numbers."""
    arrays: Sequence[Array] = list(arrays_of(track).values())
    return all(bool(np.isfinite(a).all()) for a in arrays if a.dtype.kind == "f")
