"""Finding what is written on a page, as bright ink on black. Grey values are floats in 0..255."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image
from scipy import ndimage

from draw_core.data.intake.lines import least_ink, line_level
from draw_core.data.intake.strokes import grown, stroke_width

# The box of what is written and the whole picture, as in MNIST (LeCun et al. 1998, III.A).
BOX_SHARE = 20 / 28
LEAST_CONTRAST = 10.0  # grey levels between paper and ink; less is noise

_UNEVEN = 0.15  # spread of the border, as a share of the contrast, from which light is uneven
_DARKEST = 0.25  # of the brightest paper: what is darker is not made up for
_WINDOW = 1 / 3  # of the shorter side: broader than any stroke
_EDGE = 0.2  # of the full ink: where it is taken to end when it is cropped
_FAINT = 0.05  # of the full ink: more is a piece of ink
_PHOTO = 0.2  # the same in a photo
_WRITTEN = 0.003  # of a photo: so much ink away from the border is what is meant
_SMALL = 0.08  # of the largest piece of ink: smaller pieces are dirt
_COARSE = 128  # pixels of the longer side where the light and the pieces of ink are looked for
_THIN, _PEN = 1.3, 2.0  # pixels of a stroke in the end: broadened if less, and to what
_FINE = 8  # pixels for each pixel of the result, while the pen is broadened

Grey = Float32[np.ndarray, "H W"]


@dataclass(frozen=True)
class Paper:
    """What the border of a page says of it.

    Attributes:
        level: its grey value.
        contrast: how far the page departs from it at most, in grey values.
        is_light: whether the ink is darker than the paper.
        is_uneven: whether the light on it changes from place to place.
    """

    level: float
    contrast: float
    is_light: bool
    is_uneven: bool


def look_at_paper(grey: Grey) -> Paper:
    """Judges the paper; of a picture and its negative alike."""
    border = _border(grey)
    level = float(np.median(border))
    difference = grey - np.float32(level)
    contrast = float(np.abs(difference).max())
    low, high = np.percentile(border, (5, 95))
    is_uneven = bool(high - low > _UNEVEN * contrast)
    if is_uneven:
        # Light changes slowly and to both sides, ink is a sharp departure to one side. The outer
        # eighth is left out: the table may be seen there.
        height, width = grey.shape
        inner = grey[height // 8 : height - height // 8, width // 8 : width - width // 8]
        difference = inner - _surroundings(inner)
        balance = float((difference.astype(np.float64) ** 3).sum())
    else:
        balance = float(difference.sum(dtype=np.float64))
    return Paper(level, contrast, balance < 0 or (balance == 0 and level > 127.5), is_uneven)


def flatten(grey: Grey, paper: Paper) -> Grey:
    """How far each pixel stands out from the paper around it; bright ink, 0 or more.

    Args:
        grey: with ink brighter than the paper.
        paper: of the same picture, or of its negative.
    """
    if not paper.is_uneven:
        level = 255 - paper.level if paper.is_light else paper.level
        even: Grey = np.maximum(grey - np.float32(level), 0)
        return even
    ground = _ground(grey)
    standing: Grey = np.maximum(grey - ground, 0)
    if paper.is_light:  # ink swallows a share of the light: less of it where there is less
        light = 255 - ground
        standing *= light.max() / np.maximum(light, _DARKEST * light.max())
    return standing


def stretch(standing: Grey) -> UInt8[np.ndarray, "H W"] | None:
    """Paper becomes 0 and ink 255; None if nothing stands out from the grain of the paper."""
    middle = float(np.median(standing))
    grain = 1.4826 * float(np.median(np.abs(standing - middle)))
    floor = middle + 4 * grain
    peak = float(np.percentile(standing, 99.95, method="higher")) if grain else standing.max()
    if peak - floor < LEAST_CONTRAST:
        return None
    full = peak
    if grain:  # a photo: the upper third of the ink is taken for full, since pencils have grain too
        half, lines = (floor + peak) / 2, line_level(standing, floor, peak)
        half = half if lines is None else max(half, least_ink(lines, peak))
        full = float(np.percentile(standing[standing > half], 67))
        floor += 0.1 * (full - floor)
    ink: UInt8[np.ndarray, "H W"] = (
        np.clip((standing - floor) / (full - floor), 0, 1) * 255 + 0.5
    ).astype(np.uint8)
    return ink


def without_dirt(ink: UInt8[np.ndarray, "H W"], paper: Paper) -> UInt8[np.ndarray, "H W"]:
    """Without specks and grain; under uneven light without what comes in from the border, too."""
    height, width = ink.shape
    factor = max(1, -(-max(ink.shape) // _COARSE))
    coarse = np.asarray(Image.fromarray(ink).reduce((min(factor, width), min(factor, height))))
    seen = coarse > 255 * (_PHOTO if paper.is_uneven else _FAINT)
    pieces, _ = ndimage.label(seen, np.ones((3, 3)))
    # Only what cropping will see counts, unless there is nothing else.
    strong = np.where(coarse > 255 * _EDGE, coarse, 0)
    mass = np.bincount(pieces.ravel(), (strong if strong.any() else coarse).ravel())
    mass[0] = 0
    if paper.is_uneven:
        inside = mass.copy()
        inside[_border(pieces)] = 0
        if inside.max() > _WRITTEN * 255 * coarse.size:
            mass = inside
    if not mass.any():
        return ink
    kept = (mass >= _SMALL * mass.max())[pieces].astype(np.uint8)
    kept = grown(kept, diagonal=True).repeat(factor, axis=0).repeat(factor, axis=1)
    ink = ink * kept[:height, :width]
    if paper.is_uneven and ink.any():
        full = np.percentile(ink[ink > ink.max() / 2], 67)
        ink = np.minimum(ink * (255 / full) + 0.5, 255).astype(np.uint8)
    return ink


def crop(ink: UInt8[np.ndarray, "H W"]) -> UInt8[np.ndarray, "h w"]:
    """The smallest part with all ink in it; all of it if the ink is faint everywhere."""
    seen = ink > 255 * _EDGE
    if not seen.any():
        seen = ink > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scale(
    ink: UInt8[np.ndarray, "h w"], height: int, width: int
) -> tuple[UInt8[np.ndarray, "h2 w2"], bool]:
    """Fits cropped ink into the box of a picture of this size, keeping its proportions.

    Strokes that would nearly vanish are broadened first.

    Returns:
        The ink, and whether it was broadened.
    """
    box = _box(height, width)
    ratio = _ratio(ink, box)
    fine = _resized(ink, _FINE * ratio)
    is_thin = stroke_width(fine) < _FINE * _THIN
    if is_thin:
        missing = _FINE * _PEN - stroke_width(fine)
        fine = np.pad(fine, max(0, round(missing / 2)))
        for number in range(round(missing / 2)):
            fine = grown(fine, diagonal=number % 2 == 0)
        ink = crop(fine)
        ratio = _ratio(ink, box)
    return _resized(ink, ratio), is_thin


def centre(ink: UInt8[np.ndarray, "h w"], height: int, width: int) -> UInt8[np.ndarray, "H W"]:
    """Lays ink on black, its centre of mass in the middle, or as near as none of it is lost.

    The middle is pixel (height / 2, width / 2): 14 in MNIST's pictures, as their mean shows.
    """
    picture = np.zeros((height, width), np.uint8)
    corner = [
        int(np.clip(round(whole / 2 - place), 0, whole - side))
        for whole, side, place in zip(
            picture.shape, ink.shape, ndimage.center_of_mass(ink), strict=True
        )
    ]
    picture[corner[0] : corner[0] + ink.shape[0], corner[1] : corner[1] + ink.shape[1]] = ink
    return picture


def is_in_place(ink: UInt8[np.ndarray, "H W"], height: int, width: int) -> bool:
    """Whether a picture has the wanted size, and its ink the size and place, to a pixel."""
    if ink.shape != (height, width):
        return False
    middle = np.array((height - 1, width - 1)) / 2
    off = np.abs(np.array(ndimage.center_of_mass(ink)) - middle).max()
    return bool(off <= 1 and abs(_ratio(crop(ink), _box(height, width)) - 1) <= 0.1)


def _border(values: np.ndarray) -> np.ndarray:
    ring = np.ones(values.shape, bool)
    edge = max(1, min(values.shape) // 50)
    ring[edge:-edge, edge:-edge] = False
    found: np.ndarray = values[ring]
    return found


def _ground(grey: Grey) -> Grey:
    """The paper under bright ink: forms narrower than the window removed, the rest smooth."""
    coarse = _coarse(grey)
    window = _window(coarse)
    opened = ndimage.minimum_filter(coarse, window, mode="nearest")
    opened = ndimage.maximum_filter(opened, window, mode="nearest")
    return _resized_to(
        ndimage.uniform_filter(opened, max(3, window // 3), mode="nearest"), grey.shape
    )


def _surroundings(grey: Grey) -> Grey:
    """The mean over a window around each pixel."""
    coarse = _coarse(grey)
    return _resized_to(ndimage.uniform_filter(coarse, _window(coarse), mode="nearest"), grey.shape)


def _coarse(grey: Grey) -> Float32[np.ndarray, "h w"]:
    factor = max(1, -(-max(grey.shape) // _COARSE))
    height, width = grey.shape
    factors = min(factor, width), min(factor, height)
    return np.asarray(Image.fromarray(grey).reduce(factors), np.float32)


def _window(grey: Grey) -> int:
    return int(max(3, round(min(grey.shape) * _WINDOW)))


def _resized_to(grey: Float32[np.ndarray, "h w"], shape: tuple[int, ...]) -> Grey:
    size = shape[1], shape[0]
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC), np.float32)


def _box(height: int, width: int) -> tuple[int, int]:
    return max(1, round(BOX_SHARE * height)), max(1, round(BOX_SHARE * width))


def _ratio(ink: UInt8[np.ndarray, "h w"], box: tuple[int, int]) -> float:
    return min(float(side / own) for side, own in zip(box, ink.shape, strict=True))


def _resized(ink: UInt8[np.ndarray, "h w"], ratio: float) -> UInt8[np.ndarray, "H W"]:
    height, width = (max(1, round(side * ratio)) for side in ink.shape)
    return np.asarray(Image.fromarray(ink).resize((width, height), Image.Resampling.LANCZOS))
