"""Many images as one: samples in a grid, and a row of images as PNG."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from draw_core.film.arrays import Floats
from draw_core.film.film import Film

_ROW_HEIGHT, _ROW_GAP = 56, 4
_ROW_WIDTH = 1460  # Streamlit makes a wider picture smaller, and blurs its pixels


def montage(film: Film, step: int) -> NDArray[np.uint8]:
    """All samples at one step as :func:`grid`."""
    return grid(film.values(step))


def grid(pictures: Floats) -> NDArray[np.uint8]:
    """Pictures ``[N, C, H, W]`` from 0 to 1 in a square grid, ``uint8 [H', W', C]``, times 255.

    Pixels are shown as they are, neither smoothed nor rescaled.
    """
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
