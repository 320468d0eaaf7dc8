"""Pixels of any kind as 8 bits: deep values by the bits they use, transparent ones on a ground."""

import io
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

Ground = Literal["white", "black"]

_DEEP_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N")
# Cameras, scanners and microscopes measure 10, 12 or 14 bits and leave the upper ones of 16 empty.
_DEPTHS: tuple[int, ...] = (8, 10, 12, 14, *range(16, 33))
# One of so many pixels may be brighter than the depth allows: sensors have defects.
_PER_DEFECT = 1000
_MAX_LOW_BYTES = 10_000_000  # pixels of colour that are decoded twice

_LIGHT = 175  # grey level: what is nowhere darker is hard to see on white
_DARK_SHARE = 0.2  # percent of the picture that has to be darker to be seen
_SOLID = 0.9  # of the largest alpha: edges may hold any colour
_SAMPLED = 512  # pixels a side that are looked at for the ground


def grey_bits(image: Image.Image) -> int:
    """How many bits nearly all values of a deep grey picture take; 0 for one of 8 bits.

    One of 8, 10, 12, 14 or 16, or more if the values are larger.
    """
    if image.mode not in _DEEP_GREY:
        return 0
    values = np.asarray(image)
    return _bits(values, _defects(values))


def colour_bits(image: Image.Image, content: bytes) -> tuple[Image.Image, int]:
    """A PNG of 16-bit colours that uses 14 of them or fewer, by those that it uses.

    Pillow keeps the upper byte of each colour, which is black then.

    Args:
        image: the decoded picture.
        content: its file.

    Returns:
        The picture in 8 bits and how many bits it used; as it was, and 0, if it is of another kind.
    """
    is_deep = image.format == "PNG" and content[24:25] == b"\x10" and image.mode in ("RGB", "RGBA")
    if not is_deep or image.width * image.height > _MAX_LOW_BYTES:
        return image, 0
    upper = np.asarray(image)
    brightest = upper[..., :3].max(axis=2)
    defects = _defects(brightest)
    if np.count_nonzero(brightest >= 64) > defects:
        return image, 0
    with Image.open(io.BytesIO(content), formats=("PNG",)) as other:
        # The same bytes read in the other order: the lower one comes first.
        (tile,) = other.tile
        is_grey = tile.args == "LA;16B"  # of which the four bytes of a pixel are read as they are
        other.tile = [tile._replace(args="RGBA" if is_grey else f"{image.mode};16L")]
        lower = np.asarray(other)
    if is_grey:
        lower = lower[..., [1, 1, 1, 3]]
    values = upper.astype(np.uint16) << 8 | lower
    bits = _bits(values[..., :3].max(axis=2), defects)
    shifts = [bits - 8] * 3
    if values.shape[2] > 3:
        shifts.append(_bits(values[..., 3], 0) - 8)
    shallow = Image.fromarray(
        np.minimum(values >> np.array(shifts, np.uint16), 255).astype(np.uint8)
    )
    shallow.info = {name: image.info[name] for name in ("exif",) if name in image.info}
    return shallow, bits


def eight_bits(image: Image.Image, bits: int) -> Image.Image:
    """Grey or RGB of 8 bits, or RGBA if anything may be transparent.

    Args:
        bits: that the whole picture uses (:func:`grey_bits`): of deep greys the upper 8 of them
            are taken.

    Raises:
        ValueError: if it holds fractions.
    """
    if image.mode in _DEEP_GREY:
        values = np.clip(np.asarray(image), 0, 2**bits - 1)
        return Image.fromarray((values >> (bits - 8)).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("fractions are no grey values")
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA"):
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def ground(image: Image.Image) -> Ground:
    """On which ground a transparent picture is seen: white, unless white would hide it.

    What is half transparent or lies at the edge says nothing: around white ink drawing programs
    leave dark edges and shadows.
    """
    if image.mode in _DEEP_GREY or image.mode == "F":
        return "white"
    width, height = (min(side, _SAMPLED) for side in image.size)
    rgba = eight_bits(image.resize((width, height), Image.Resampling.NEAREST), 8)
    if rgba.mode != "RGBA":
        return "white"
    alpha = np.asarray(rgba.getchannel("A"))
    if alpha.min() == 255 or alpha.max() == 0:
        return "white"
    solid = Image.fromarray(alpha >= _SOLID * alpha.max()).convert("L")
    for margin in (5, 3, 1):  # as far from the edge as the strokes are broad
        inner = np.asarray(solid.filter(ImageFilter.MinFilter(margin))) > 0
        if inner.any():
            break
    grey = np.asarray(rgba.convert("RGB").convert("L"))[inner]
    return "black" if np.percentile(grey, _DARK_SHARE) > _LIGHT else "white"


def on_ground(image: Image.Image, colour: Ground) -> Image.Image:
    """Transparent parts laid on the ground, if it is RGBA."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), image)


def _bits(values: np.ndarray, defects: int) -> int:
    """The least depth that holds all values but so many."""
    return next(bits for bits in _DEPTHS if np.count_nonzero(values >= 2**bits) <= defects)


def _defects(pixels: np.ndarray) -> int:
    """How many pixels may be brighter than the others are deep."""
    return max(1, pixels.size // _PER_DEFECT)
