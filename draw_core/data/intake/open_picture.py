"""Decoding an upload: upright RGB of a moderate size, in bounded memory."""

import io
import threading
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from draw_core.data.intake.eight_bits import (
    Ground,
    colour_bits,
    eight_bits,
    grey_bits,
    ground,
    on_ground,
)
from draw_core.data.intake.format import MIN_SIDE, IntakeError, PictureFile, damaged, read_file

WORKING_SIDE = 1024  # pixels: an upload is scaled down to this at once
# A decoded picture takes up to 160 MB, so one at a time.
_decoding = threading.Lock()
_BAND = 16  # rows of the result that are converted together


# How Exif's orientations 2..8 are undone.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Upload:
    """A decoded upload.

    Attributes:
        pixels: RGB, upright, at most ``WORKING_SIDE`` pixels a side.
        words: what the file is, in a sentence or more.
    """

    pixels: UInt8[np.ndarray, "H W 3"]
    words: str


def open_upload(content: bytes) -> Upload:
    """Decodes a PNG or JPEG, whatever its file was called.

    Transparent parts are laid on white, or on black where white would hide the rest. Of an
    animation the still picture is taken, of 16 bits the upper 8 of those that it uses. The
    orientation of a camera is applied, colour profiles are not.

    Raises:
        IntakeError: if the file is no PNG or JPEG, has more than ``MAX_BYTES`` or ``MAX_PIXELS``, a
            side of less than ``MIN_SIDE`` pixels, or is broken.
    """
    file = read_file(content)
    with _decoding:
        image, behind, bits = _decode(file)
    if file.orientation > 1:
        image = image.transpose(_UPRIGHT[file.orientation])
    turned = file.orientation >= 5
    width, height = (file.height, file.width) if turned else (file.width, file.height)
    words = [f"A {file.kind} of {width:,} x {height:,} pixels."]
    if file.animated:
        words.append("It is an animation; its first picture is taken.")
    if behind == "white":
        words.append("What is transparent is laid on white.")
    elif behind == "black":
        words.append("What is transparent is laid on black: on white the rest could not be seen.")
    if 8 <= bits < 16:
        words.append(f"It uses {bits} of 16 bits: its {2**bits - 1:,} is taken for white.")
    if max(image.size) < max(width, height):
        words.append(f"It is scaled down to {image.width:,} x {image.height:,} to work with.")
    return Upload(np.asarray(image), " ".join(words))


def fitting(width: int, height: int, largest: int) -> tuple[int, int]:
    """Width and height with the longer side as given, the shorter in proportion."""
    ratio = largest / max(width, height)
    return max(MIN_SIDE, round(width * ratio)), max(MIN_SIDE, round(height * ratio))


def _decode(file: PictureFile) -> tuple[Image.Image, Ground | None, int]:
    """RGB of at most the working size, what lies behind if it is transparent, its bits if deep."""
    try:
        with Image.open(io.BytesIO(file.content), formats=(file.kind,)) as image:
            if image.size != (file.width, file.height):
                raise damaged(file.kind)
            image.draft(None, fitting(image.width, image.height, WORKING_SIDE))
            image.load()
            coloured, bits = colour_bits(image, file.content)
            bits = bits or grey_bits(coloured)
            behind = ground(coloured)
            small, is_transparent = _reduced(coloured, bits, behind)
            return small, behind if is_transparent else None, bits
    except IntakeError:
        raise
    except Exception as error:
        raise damaged(file.kind) from error


def _reduced(image: Image.Image, bits: int, behind: Ground) -> tuple[Image.Image, bool]:
    """A band of rows at a time, so that only the decoded picture is there in full."""
    factor = -(-max(image.size) // WORKING_SIDE)
    across, down = (max(1, min(factor, side // MIN_SIDE)) for side in image.size)
    small = Image.new("RGB", (-(-image.width // across), -(-image.height // down)))
    transparent = False
    rows = _BAND * down
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        band = eight_bits(image.crop(box), bits)
        if band.mode == "RGBA":
            transparent |= band.getchannel("A").getextrema() != (255, 255)
        flat = on_ground(band, behind).convert("RGB")
        small.paste(flat.reduce((across, down)), (0, top // down))
    return small, transparent
