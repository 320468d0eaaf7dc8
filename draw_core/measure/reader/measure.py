"""How often the reader is right, on test pictures and on spoilt ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from draw_core.measure.judge import Digits, Pages, read_all
from draw_core.measure.reader.examples import Source
from draw_core.measure.reader.network import Reader


@dataclass(frozen=True)
class Trust:
    """How far the reader can be trusted, in percent of pictures.

    Attributes:
        right: real pictures of which it says what they show.
        wrong: real pictures of which it says something else.
        unclear: real pictures of which it says that nothing clear is there, or of a page with two
            digits that there are not two.
        fooled: spoilt pictures in which it sees something all the same; of pages, two digits.
    """

    right: float
    wrong: float
    unclear: float
    fooled: float


def singles(reader: Reader, source: Source, classes: int, count: int) -> Trust:
    """Of the first ``count`` pictures, and as many chimeras.

    Args:
        classes: how many answers there can be.
    """
    read = reader.read(_ink(source.pictures[:count]), classes)
    fooled = reader.read(_ink(source.chimeras[:count]), classes)
    return _trust(read, source.labels[:count].tolist(), [x is not None for x in fooled])


def pages(reader: Reader, pages: Pages, count: int) -> Trust:
    """Of the first ``count`` pages with two digits, and as many spoilt ones."""

    def read(images: UInt8[np.ndarray, "B 1 S S"]) -> list[Digits]:
        return [tuple(sorted(digits)) for digits in reader.read_page(_ink(images))]

    found, shown, spoilt = read_all(read, pages, count)
    clear = [digits if len(digits) == pages.shown else None for digits in found]
    return _trust(clear, shown, [len(digits) == pages.shown for digits in spoilt])


def _ink(images: UInt8[np.ndarray, "B 1 S S"]) -> Float32[np.ndarray, "B S S"]:
    ink: Float32[np.ndarray, "B S S"] = np.divide(images[:, 0], 255, dtype=np.float32)
    return ink


def _trust(read: Sequence[object], shown: Sequence[object], fooled: Sequence[bool]) -> Trust:
    right = 100 * np.mean([a == b for a, b in zip(read, shown, strict=True)])
    unclear = 100 * np.mean([a is None for a in read])
    return Trust(
        right=float(right),
        wrong=float(100 - right - unclear),
        unclear=float(unclear),
        fooled=float(100 * np.mean(fooled)),
    )
