"""One picture file as an array of a wanted size. Files are taken to be hostile."""

import io
import math
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

# What cameras, scanners and drawing programs write. Formats that start other programs (EPS) or are
# rarely tested stay out.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
# A decoded pixel takes up to 4 bytes several times over; 40 megapixels is a large photograph.
MAX_PIXELS = 40_000_000
_DEEP_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N")


class Skip(Exception):
    """A file is left out of a set; the message is the reason, a phrase for a list."""


class Header(NamedTuple):
    """What a picture file says of itself: its size in pixels and Pillow's name of its mode."""

    width: int
    height: int
    mode: str


def read_header(content: bytes) -> Header:
    """Size and mode of a picture; nothing is decoded.

    Raises:
        Skip: if it is no picture, or has too many pixels.
    """
    with _open(content) as image:
        return Header(image.width, image.height, image.mode)


def decode(content: bytes, channels: int, height: int, width: int) -> UInt8[np.ndarray, "C H W"]:
    """The picture, upright, scaled to fill the size and cut to its middle; grey or RGB in 0..255.

    Transparent parts are laid on white. Of an animation the first frame is taken, of 16 bits of
    grey the upper 8.

    Raises:
        Skip: if it is no picture, is broken, or has too many pixels.
    """
    with _open(content) as image:
        try:
            pixels = np.asarray(_convert(image, channels, height, width))
        except Skip:
            raise
        except Exception as error:
            raise Skip("the picture is cut off or broken") from error
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _open(content: bytes) -> Image.Image:
    too_large = f"it has more than {MAX_PIXELS // 10**6} megapixels"
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Skip(too_large) from error
    except Exception as error:
        raise Skip("it is not a picture that can be read") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Skip(too_large)
    return image


def _convert(image: Image.Image, channels: int, height: int, width: int) -> Image.Image:
    # A JPEG is decoded at a fraction of its size where that leaves twice the pixels needed.
    ratio = 2 * max(height, width) / min(image.size)
    if ratio < 1:
        image.draft(None, (math.ceil(image.width * ratio), math.ceil(image.height * ratio)))
    upright = eight_bits(ImageOps.exif_transpose(image))
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS)
    return on_white(fitted).convert("L" if channels == 1 else "RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """Grey or RGB of 8 bits, or RGBA if anything may be transparent; of 16 bits the upper 8.

    Raises:
        Skip: if it holds fractions.
    """
    if image.mode in _DEEP_GREY:
        return Image.fromarray((np.clip(np.asarray(image), 0, 65535) >> 8).astype(np.uint8))
    if image.mode == "F":
        raise Skip("it holds fractions instead of grey values")
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA"):
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def on_white(image: Image.Image) -> Image.Image:
    """Transparent parts laid on white, if it is RGBA."""
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
