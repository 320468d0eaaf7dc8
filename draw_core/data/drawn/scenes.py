"""Test pictures that a program makes: photo-like ones, a cluttered digit and a test card.

The same name and size give the same pixels. Grey versions are made by :func:`intake.fit`.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import UInt8

from draw_core.data.drawn import pen
from draw_core.data.drawn.scenes_photo import house_number, lake, still_life

SCENES: dict[str, str] = {
    "still-life": "three spheres on a chequered floor, with shadows and a mirror image",
    "lake": "sunset over hills and a lake: soft gradients beside sharp outlines",
    "house-number": "a number on a brick wall, as in the street photos that DRAW was trained on",
    "clutter": "a handwritten digit among pieces of others, as in the paper's 100 x 100 task",
    "test-card": "lines of known width, a star, patches: shows blur, gaps and what a patch loses",
}
SMALLEST, LARGEST = 90, 256  # pixels of a side


def scene(name: str, size: int = 100) -> UInt8[np.ndarray, "3 S S"]:
    """Makes a test picture, RGB.

    Args:
        name: of ``SCENES``.
        size: of both sides, in pixels.

    Raises:
        ValueError: if there is none of this name or size.
    """
    if name not in SCENES:
        raise ValueError(f"there is no scene {name!r}; there are {', '.join(SCENES)}")
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size must be {SMALLEST} to {LARGEST} pixels, not {size}")
    make = {
        "still-life": still_life,
        "lake": lake,
        "house-number": house_number,
        "clutter": _clutter,
        "test-card": _test_card,
    }[name]
    picture: UInt8[np.ndarray, "3 S S"] = make(size)
    return picture


def _clutter(size: int) -> UInt8[np.ndarray, "3 S S"]:
    """A digit and 8 x 8 pieces of others, at random places (paper, 4.1; Mnih et al. 2014)."""
    rng = np.random.default_rng(5)
    digits = pen.draw(rng, np.array([5, *rng.integers(0, 10, 10)]))
    page = np.zeros((size, size), np.uint8)
    top, left = (size - 28) * 4 // 9, (size - 28) * 2 // 3
    page[top : top + 28, left : left + 28] = digits[0]
    free = np.ones(page.shape, bool)
    free[top - 5 : top + 25, left - 2 : left + 22] = False  # the digit stays whole
    placed = 0
    while placed < round(10 * (size / 100) ** 2):
        row, column = rng.integers(6, 14, 2)
        top, left = rng.integers(0, size - 8, 2)
        piece = digits[1 + placed % 10, row : row + 8, column : column + 8]
        if free[top, left] and np.count_nonzero(piece) >= 12:
            part = page[top : top + 8, left : left + 8]
            np.maximum(part, piece, out=part)
            placed += 1
    return np.repeat(page[None], 3, axis=0)


# Bars of the test card: bright and dark lines of this many pixels together.
BAR_PERIODS = (2, 3, 4, 6, 10)
_PATCHES = (  # neutral from black to white, then colours
    *((level, level, level) for level in (0, 51, 102, 153, 204, 255)),
    *((204, 51, 51), (230, 159, 0), (240, 228, 66), (0, 158, 115), (0, 114, 178), (160, 80, 160)),
)


def bars(size: int, number: int) -> tuple[slice, slice]:
    """Rows and columns of the test card where the lines of ``BAR_PERIODS[number]`` are."""
    edges = [round(share * size) for share in (0.05, 0.21, 0.37, 0.53, 0.73, 0.97)]
    gap = round(0.02 * size)
    return (
        slice(round(0.62 * size), round(0.79 * size)),
        slice(edges[number], edges[number + 1] - gap),
    )


def _test_card(size: int) -> UInt8[np.ndarray, "3 S S"]:
    card = np.full((size, size, 3), 128, np.uint8)
    _star(card, (0.31 * size, 0.32 * size), 0.26 * size)
    _rings(card, (0.20 * size, 0.80 * size), 0.15 * size)
    _letters(card, round(0.40 * size), round(0.64 * size))
    columns = np.broadcast_to(np.arange(size), (size, size))
    for number, period in enumerate(BAR_PERIODS):
        lines = bars(size, number)
        bright = columns[lines] % period < (period + 1) // 2
        card[lines] = np.where(bright, 235, 20)[..., None]
    edges = np.linspace(0.05 * size, 0.95 * size, len(_PATCHES) + 1).round().astype(int)
    for left, right, colour in zip(edges[:-1], edges[1:], _PATCHES, strict=True):
        card[round(0.83 * size) : round(0.95 * size), left:right] = colour
    card[[0, -1]] = card[:, [0, -1]] = 255
    return np.ascontiguousarray(card.transpose(2, 0, 1))


def _star(card: np.ndarray, middle: tuple[float, float], radius: float) -> None:
    """Wedges that get finer toward the middle: where they blur says how sharp a picture is."""

    def bright(away: np.ndarray, angle: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(np.cos(18 * angle) > 0, 235.0, 20.0) * np.ones_like(away))

    _lay(card, middle, radius, bright)


def _rings(card: np.ndarray, middle: tuple[float, float], radius: float) -> None:
    """Rings that get finer outward (a zone plate), from no change to one of three pixels."""

    def bright(away: np.ndarray, angle: np.ndarray) -> np.ndarray:
        return np.asarray(127.5 + 107.5 * np.cos(np.pi * away**2 / (3 * radius)) + 0 * angle)

    _lay(card, middle, radius, bright)


def _lay(
    card: np.ndarray,
    middle: tuple[float, float],
    radius: float,
    bright: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> None:
    """Paints a disc, each pixel the mean of 8 x 8 samples."""
    size = len(card)
    places = (np.arange(8 * size) + 0.5) / 8 - 0.5
    down, across = (places - middle[0])[:, None], (places - middle[1])[None]
    away = np.hypot(down, across)
    inside = away <= radius
    values = np.where(inside, bright(away, np.arctan2(down, across)), 0)
    share = inside.reshape(size, 8, size, 8).mean((1, 3))
    light = values.reshape(size, 8, size, 8).mean((1, 3))
    card[:] = (card * (1 - share[..., None]) + light[..., None] + 0.5).astype(np.uint8)


# Letters of 5 x 7 pixels, one row of dots for each line.
_LETTERS = {
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "W": "10001 10001 10001 10101 10101 11011 10001",
}


def _letters(card: np.ndarray, top: int, left: int) -> None:
    """The word DRAW, black on a white label, each dot of a letter one pixel."""
    card[top : top + 11, left : left + 29] = 255
    for number, letter in enumerate("DRAW"):
        dots = np.array([[dot == "1" for dot in row] for row in _LETTERS[letter].split()])
        start = left + 3 + 6 * number
        part = card[top + 2 : top + 9, start : start + 5]
        part[dots] = 0
