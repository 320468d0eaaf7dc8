"""The pictures of a film: a stretch of steps on a canvas of one size, in one of three ways.

Every way has ``num_steps`` K, ``num_samples`` B, ``shape`` (C, H, W), a ``codec``,
``frame(k) -> uint8 [B, C, H, W]`` for k = 0..K, where 0 is the canvas that it begins with, and
``pick(which)`` samples.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from draw_core.film.arrays import Bytes, cut, one_of, require
from draw_core.film.codecs import BERNOULLI, PLAIN, Codec


def _is_picture(pixels: NDArray[np.generic], ndim: int) -> bool:
    return pixels.ndim == ndim and one_of(pixels, np.uint8) and min(pixels.shape) >= 1


class _Pictures:
    """What the three ways have in common."""

    _array: ClassVar[str]  # name of the array that ends with [B, C, H, W]

    @property
    def num_samples(self) -> int:
        """B."""
        return int(getattr(self, self._array).shape[-4])

    @property
    def shape(self) -> tuple[int, ...]:
        """C, H, W."""
        return tuple(getattr(self, self._array).shape[-3:])

    def pick(self, which: slice) -> Self:
        """Some samples."""
        pictures = getattr(self, self._array)
        return cut(self, pictures.ndim - 4, which, {self._array: pictures})


@dataclass(frozen=True, eq=False)
class Frames(_Pictures):
    """A canvas that any step may change everywhere.

    Attributes:
        pixels: ``uint8 [K+1, B, C, H, W]``, the canvas before the first step and after each.
        codec: of its bytes.

    Raises:
        FilmError: if the pixels are of another shape or type.
    """

    _array = "pixels"
    pixels: Bytes
    codec: Codec = BERNOULLI

    def __post_init__(self) -> None:
        fits = _is_picture(self.pixels, 5) and len(self.pixels) >= 2
        require(fits, "Frames are bytes [K+1, B, C, H, W] with K at least 1")

    @property
    def num_steps(self) -> int:
        """K."""
        return len(self.pixels) - 1

    def frame(self, k: int) -> Bytes:
        """The canvas after k steps, ``[B, C, H, W]``."""
        canvas: Bytes = self.pixels[k]
        return canvas


@dataclass(frozen=True, eq=False)
class Raster(_Pictures):
    """A canvas whose every value is painted once and then stays, as pixel by pixel.

    Only the final picture travels, so that many steps stay small.

    Attributes:
        final: ``uint8 [B, C, H, W]``.
        order: ``int32 [C, H, W]``, or ``[1, H, W]`` where a step paints all channels of a pixel:
            the step 1..K that paints each value, the same for all samples; 0 where it was given
            before. No step paints nothing.
        codec: of its bytes.
        blank: the byte that stands where nothing is painted yet.

    Raises:
        FilmError: if an array is of another shape or type, or a step paints nothing.
    """

    _array = "final"
    final: Bytes
    order: NDArray[np.int32]
    codec: Codec = PLAIN
    blank: int = 0

    def __post_init__(self) -> None:
        require(_is_picture(self.final, 4), "A final picture is bytes [B, C, H, W]")
        require(
            self.order.ndim == 3
            and one_of(self.order, np.int32)
            and self.order.shape[1:] == self.final.shape[2:]
            and self.order.shape[0] in (1, self.final.shape[1]),
            "The order of a picture's pixels is int32 [C, H, W] or [1, H, W]",
        )
        steps = np.unique(self.order)
        steps = steps[steps != 0]
        all_paint = len(steps) >= 1 and steps[0] == 1 and steps[-1] == len(steps)
        require(all_paint, "The steps that paint pixels count from 1, and none is left out")
        is_byte = isinstance(self.blank, int) and 0 <= self.blank <= 255
        require(is_byte, "What stands where nothing is painted yet is a byte")

    @property
    def num_steps(self) -> int:
        """K."""
        return int(self.order.max())

    def frame(self, k: int) -> Bytes:
        """The canvas after k steps, ``[B, C, H, W]``."""
        return np.where(self.order <= k, self.final, np.uint8(self.blank))


@dataclass(frozen=True, eq=False)
class Still(_Pictures):
    """A picture that no step changes, for networks that only look.

    Attributes:
        picture: ``uint8 [B, C, H, W]``.
        num_steps: K, 1 or more.
        codec: of its bytes.

    Raises:
        FilmError: if the picture is of another shape or type, or there is no step.
    """

    _array = "picture"
    picture: Bytes
    num_steps: int
    codec: Codec = PLAIN

    def __post_init__(self) -> None:
        require(_is_picture(self.picture, 4), "A still picture is bytes [B, C, H, W]")
        counts = isinstance(self.num_steps, int) and 1 <= self.num_steps <= _MOST_STEPS
        require(counts, f"A still picture is shown for 1 to {_MOST_STEPS} steps")

    def frame(self, k: int) -> Bytes:  # noqa: ARG002 - it is always the same
        """The picture, ``[B, C, H, W]``."""
        return self.picture


Segment = Frames | Raster | Still
_MOST_STEPS = 1 << 20
