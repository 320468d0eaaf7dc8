"""One picture file as an array of a wanted size. Files are taken to be hostile."""

import io
import math
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from draw_core.data.intake.eight_bits import colour_bits, eight_bits, grey_bits, ground, on_ground
from draw_core.data.intake.file_kinds import kind_of

# What cameras, scanners and drawing programs write. Formats that start other programs (EPS) or are
# rarely tested stay out.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
# A decoded pixel takes up to 4 bytes several times over; 40 megapixels is a large photograph.
MAX_PIXELS = 40_000_000
_READ = ("a Netpbm picture", *(f"a {name} picture" for name in (*FORMATS, "WebP")))
_BROKEN = "the picture is cut off or broken"


class Skip(Exception):
    """A file is left out of a set; the message is the reason, a phrase for a list."""


class Header(NamedTuple):
    """What a picture file says of itself: its size in pixels and Pillow's name of its mode."""

    width: int
    height: int
    mode: str


class Decoded(NamedTuple):
    """A picture, and how many bits its greys or colours used if they were deeper than 8, else 0."""

    pixels: UInt8[np.ndarray, "C H W"]
    bits: int


def read_header(content: bytes) -> Header:
    """Size and mode of a picture; nothing is decoded.

    Raises:
        Skip: if it is no picture, or has too many pixels.
    """
    with _open(content) as image:
        return Header(image.width, image.height, image.mode)


def decode(content: bytes, channels: int, height: int, width: int) -> Decoded:
    """The picture, upright, scaled to fill the size and cut to its middle; grey or RGB in 0..255.

    Transparent parts are laid on white, or on black where white would hide the rest. Of an
    animation the first frame is taken, of deep greys the upper 8 of the bits that they use.

    Raises:
        Skip: if it is no picture, is broken, or has too many pixels.
    """
    with _open(content) as image:
        if image.mode == "F":
            raise Skip("it holds fractions instead of grey values")
        try:
            fitted, bits = _convert(image, content, channels, height, width)
            pixels = np.asarray(fitted)
        except Exception as error:
            raise Skip(_BROKEN) from error
    return Decoded(pixels[None] if channels == 1 else pixels.transpose(2, 0, 1), bits)


def _open(content: bytes) -> Image.Image:
    too_large = f"it has more than {MAX_PIXELS // 10**6} megapixels"
    kind = kind_of(content)
    if kind and kind.name not in _READ:
        way_out = "cannot be read here; save it as PNG or JPEG"
        raise Skip(
            f"it is {kind.name}, {f'which {way_out}' if kind.is_picture else 'not a picture'}"
        )
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Skip(too_large) from error
    except Exception as error:
        raise Skip(_BROKEN if kind else "it is not a picture that can be read") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Skip(too_large)
    return image


def _convert(
    image: Image.Image, content: bytes, channels: int, height: int, width: int
) -> tuple[Image.Image, int]:
    # A JPEG is decoded at a fraction of its size where that leaves twice the pixels needed.
    ratio = 2 * max(height, width) / min(image.size)
    if ratio < 1:
        image.draft(None, (math.ceil(image.width * ratio), math.ceil(image.height * ratio)))
    image.load()
    coloured, bits = colour_bits(image, content)
    upright = ImageOps.exif_transpose(coloured)
    bits = bits or grey_bits(upright)
    behind = ground(upright)
    fitted = ImageOps.fit(eight_bits(upright, bits), (width, height), Image.Resampling.LANCZOS)
    return on_ground(fitted, behind).convert("L" if channels == 1 else "RGB"), bits
