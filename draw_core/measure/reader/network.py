"""Reads pictures with the stored weights, as the judge does. NumPy only."""

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.numpy
from jaxtyping import Float, Float32

from draw_core.data.registry import DATASETS

WEIGHTS = Path(__file__).with_name("reader.safetensors")
DIGIT = 28  # pixels per side of what it sees at a time
DIGITS = 10  # the first answers
# The answers, by number: what the drawn strokes show, and that nothing of it stands there.
CLASSES = DATASETS["strokes"].classes
NONE = len(CLASSES)
# An answer counts if it is at least as probable as this, on a page or alone. A page is asked at 289
# places, so it needs surer answers: from 0.5 on it would show a third digit on every seventh page.
SURE, SURE_ON_PAGE = 0.5, 0.8

# On a page it is asked at every second pixel. Of answers at most so many pixels apart only the
# surest counts.
_STEP, _APART = 2, 6
_LAYERS = (0, 3, 6, 8)  # the judge's convolutions, among its layers

Weights = Mapping[str, Float[np.ndarray, "..."]]
_Map = Float32[np.ndarray, "..."]  # [B, H, W, C]


class Reader:
    """The network; safe to be used by several threads."""

    def __init__(self, weights: Weights) -> None:
        """``weights`` are those of a judge with an answer for each class, by their names."""
        self._layers = [
            (weights[f"layers.{i}.weight"], weights[f"layers.{i}.bias"]) for i in _LAYERS
        ]
        self._layers = [(w.astype(np.float32), b.astype(np.float32)) for w, b in self._layers]

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "Reader":
        """Reads the weights that :func:`draw_core.measure.reader.learn.save` wrote."""
        return cls(safetensors.numpy.load_file(path))

    def odds(self, pictures: Float32[np.ndarray, "B S S"]) -> Float32[np.ndarray, "B R R K"]:
        """How probable each answer is at every second pixel; one place for 28 x 28 pixels.

        Args:
            pictures: ink in [0, 1], of 28 pixels or more.
        """
        first, second, third, last = self._layers
        maps = _convolve(_relu(_pool(_convolve_plane(pictures, first))), second)
        room = (pictures.shape[-1] - DIGIT) // _STEP + 1
        odds = np.empty((len(pictures), room, room, len(last[1])), np.float32)
        for y in range(min(2, room)):  # the second pooling leaves out every other place
            for x in range(min(2, room)):
                seen = _relu(_convolve(_pool(_relu(maps[:, y:, x:])), third))
                odds[:, y::2, x::2] = _softmax(_convolve(seen, last))
        return odds

    def read(
        self, pictures: Float32[np.ndarray, "B 28 28"], classes: int = len(CLASSES)
    ) -> list[int | None]:
        """What each picture shows, as a number of :data:`CLASSES`; None if nothing clear.

        Args:
            pictures: ink in [0, 1].
            classes: only the first so many can be meant, as where all images showed digits.
        """
        odds = self.odds(pictures)[:, 0, 0]
        best = odds.argmax(axis=1)
        sure = (odds.max(axis=1) >= SURE) & (best < classes)
        return [int(answer) if clear else None for answer, clear in zip(best, sure, strict=True)]

    def read_page(self, pages: Float32[np.ndarray, "B S S"]) -> list[tuple[int, ...]]:
        """The digits on each page, from left to right.

        Args:
            pages: ink in [0, 1], of more pixels than a digit.
        """
        # One after the other, so that what lies between two layers stays in the processor's cache.
        return [_digits(self.odds(page[None])[0, ..., :DIGITS]) for page in pages]


def _convolve(maps: _Map, layer: tuple[np.ndarray, np.ndarray]) -> _Map:
    """One convolution; its weight is ``[out, in, k, k]``."""
    weight, bias = layer
    size = weight.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(maps, (size, size), (1, 2))  # B Y X C k k
    windows = windows.transpose(0, 1, 2, 4, 5, 3)  # channels last, as they lie: quick to copy
    kernel = weight.transpose(2, 3, 1, 0).reshape(-1, len(weight))
    flat = windows.reshape(-1, weight[0].size) @ kernel + bias
    answers: _Map = flat.reshape(*windows.shape[:3], -1)
    return answers


def _convolve_plane(
    plane: Float32[np.ndarray, "B S S"], layer: tuple[np.ndarray, np.ndarray]
) -> _Map:
    """:func:`_convolve` of a single channel, whose windows are quicker to copy one pixel a time."""
    weight, bias = layer
    size = weight.shape[-1]
    batch, side = len(plane), plane.shape[-1] - size + 1
    pixels = np.empty((size, size, batch, side, side), np.float32)
    for y, x in np.ndindex(size, size):
        pixels[y, x] = plane[:, y : y + side, x : x + side]
    flat = weight.reshape(len(weight), -1) @ pixels.reshape(size * size, -1) + bias[:, None]
    answers: _Map = flat.reshape(-1, batch, side, side).transpose(1, 2, 3, 0)
    return answers


def _pool(maps: _Map) -> _Map:
    """The largest of each 2 x 2; an odd row or column is left out."""
    height, width = (length // 2 * 2 for length in maps.shape[1:3])
    rows = np.maximum(maps[:, 0:height:2], maps[:, 1:height:2])
    largest: _Map = np.maximum(rows[:, :, 0:width:2], rows[:, :, 1:width:2])
    return largest


def _relu(maps: _Map) -> _Map:
    positive: _Map = np.maximum(maps, 0)
    return positive


def _softmax(answers: _Map) -> _Map:
    powers = np.exp(answers - answers.max(axis=-1, keepdims=True))
    odds: _Map = powers / powers.sum(axis=-1, keepdims=True)
    return odds


def _digits(odds: Float32[np.ndarray, "R R 10"]) -> tuple[int, ...]:
    """The sure ones of the answers on a page, from left to right."""
    best, digits = odds.max(axis=2), odds.argmax(axis=2)
    apart, read = _APART // _STEP, []
    while best.max() >= SURE_ON_PAGE:
        y, x = divmod(int(best.argmax()), best.shape[1])
        read.append((x, int(digits[y, x])))
        best[max(0, y - apart) : y + apart + 1, max(0, x - apart) : x + apart + 1] = 0
    return tuple(digit for _, digit in sorted(read))


@functools.cache
def shipped() -> Reader:
    """The reader that comes with the program, read once."""
    return Reader.load()
