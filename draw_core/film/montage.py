"""Images as one picture file: samples as PNG or, step by step, as GIF; a row of images as PNG.

A GIF of very many steps shows some of them, evenly.
"""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from draw_core.film.film import Film

STEP_MS, HOLD_MS = 120, 1500
_MOST_FRAMES, _MOST_BYTES = 120, 1 << 29  # of a GIF, before it is packed
_ROW_HEIGHT, _ROW_GAP = 56, 4
_ROW_WIDTH = 1460  # Streamlit makes a wider picture smaller, and blurs its pixels


def montage(film: Film, step: int) -> NDArray[np.uint8]:
    """All samples at one step in a square grid, ``uint8 [H', W', C]``, brightness times 255.

    Pixels are shown as they are, neither smoothed nor rescaled.
    """
    pictures = film.values(step)  # [B, C, H, W]
    n, channels, height, width = pictures.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    sheet = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1, channels))
    sheet += 0.25  # a grey line between samples
    for index, image in enumerate(pictures):
        y, x = divmod(index, columns)
        top, left = y * (height + 1), x * (width + 1)
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    grey: NDArray[np.uint8] = np.rint(255 * sheet).astype(np.uint8)
    return grey


def encode_montage(film: Film, kind: str, scale: int) -> bytes:
    """The montage as the content of a ``"png"`` or ``"gif"`` file.

    Raises:
        ValueError: for another kind, or for images with neither one nor three channels.
    """
    if film.shape[0] not in (1, 3):
        raise ValueError("Only images with one or three channels can be saved as a picture.")
    buffer = io.BytesIO()
    if kind == "png":
        _frame(film, film.num_steps, scale).save(buffer, "PNG")
    elif kind == "gif":
        last = film.num_steps
        first = _frame(film, 0, scale)
        room = max(2, _MOST_BYTES // (first.width * first.height * film.shape[0]))
        steps = np.linspace(0, last, min(last + 1, _MOST_FRAMES, room)).round().astype(int)[1:]
        first.save(
            buffer,
            "GIF",
            save_all=True,
            append_images=(_frame(film, int(step), scale) for step in steps),
            duration=[STEP_MS] * len(steps) + [HOLD_MS],
            loop=0,
        )
    else:
        raise ValueError(f"{kind} is neither png nor gif.")
    return buffer.getvalue()


def encode_row(images: NDArray[np.uint8]) -> bytes:
    """As many images ``[N, C, H, W]`` as find room in one row, as PNG, on a transparent ground.

    Each pixel is a whole number of pixels wide.
    """
    zoom = max(1, _ROW_HEIGHT // images.shape[2])
    images = images[: max(1, _ROW_WIDTH // (zoom * images.shape[3] + _ROW_GAP))]
    count, channels, height, width = images.shape
    row = np.zeros((zoom * height, count * (zoom * width + _ROW_GAP) - _ROW_GAP, 4), np.uint8)
    for k, image in enumerate(images):
        colour = image if channels == 3 else np.repeat(image[:1], 3, axis=0)
        pixels = colour.transpose(1, 2, 0).repeat(zoom, axis=0).repeat(zoom, axis=1)
        left = k * (zoom * width + _ROW_GAP)
        row[:, left : left + zoom * width, :3] = pixels
        row[:, left : left + zoom * width, 3] = 255
    buffer = io.BytesIO()
    Image.fromarray(row).save(buffer, "PNG")
    return buffer.getvalue()


def _frame(film: Film, step: int, scale: int) -> Image.Image:
    pixels = montage(film, step)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
