"""A picture that a visitor chose, and how an address names it."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import UInt8

DRAWN = "your drawing"  # the words of a picture that the visitor drew, or drew on
UNNAMED = "unnamed"  # what an address says of a picture that it cannot name
# A drawing in an address: black and white, one bit for each pixel.
_MAX_SIDE = 64
_DRAWING = re.compile(r"([0-9]{1,2})x([0-9]{1,2})\.([A-Za-z0-9_-]{1,700})")


@dataclass(frozen=True)
class Picture:
    """What the network or the window looks at.

    Attributes:
        pixels: ``[C, H, W]`` in 0..255, grey or RGB.
        words: what it is, as in "On the pad: your drawing."
        link: what an address says to show the same picture again; None where it cannot.
    """

    pixels: "UInt8[np.ndarray, 'C H W']"
    words: str
    link: str | None

    @property
    def address(self) -> str:
        """What an address says: the link, or that it cannot name the picture."""
        return self.link or UNNAMED


def drawing_link(pixels: "UInt8[np.ndarray, 'C H W']") -> str | None:
    """Names a small picture in pure black and white by its own pixels; None for others."""
    channels, height, width = pixels.shape
    if channels != 1 or max(height, width) > _MAX_SIDE or not np.isin(pixels, (0, 255)).all():
        return None
    bits = base64.urlsafe_b64encode(np.packbits(pixels > 0).tobytes()).decode().rstrip("=")
    return f"{height}x{width}.{bits}"


def from_drawing_link(text: str) -> "UInt8[np.ndarray, '1 H W'] | None":
    """The inverse of :func:`drawing_link`; None if the text names no such picture."""
    match = _DRAWING.fullmatch(text)
    if not match:
        return None
    height, width = int(match[1]), int(match[2])
    if not (1 <= height <= _MAX_SIDE and 1 <= width <= _MAX_SIDE):
        return None
    try:
        packed = base64.urlsafe_b64decode(match[3] + "=" * (-len(match[3]) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(packed) != -(-height * width // 8):
        return None
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=height * width)
    return bits.reshape(1, height, width) * np.uint8(255)
