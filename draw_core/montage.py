"""Samples as one picture file: the last canvases as PNG, or every step as GIF."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from draw_core.rollout import BYTE_PROBABILITIES, Rollout

STEP_MS, HOLD_MS = 120, 1500


def montage(rollout: Rollout, step: int) -> NDArray[np.uint8]:
    """All samples at one step in a square grid, ``uint8 [H', W', C]``, grey values 255 * p.

    Pixels are shown as they are, neither smoothed nor rescaled.
    """
    probabilities = BYTE_PROBABILITIES[rollout.canvases[step]]  # [B, C, H, W]
    n, channels, height, width = probabilities.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    sheet = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1, channels))
    sheet += 0.25  # a grey line between samples
    for index, image in enumerate(probabilities):
        y, x = divmod(index, columns)
        top, left = y * (height + 1), x * (width + 1)
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    grey: NDArray[np.uint8] = np.rint(255 * sheet).astype(np.uint8)
    return grey


def encode_montage(rollout: Rollout, kind: str, scale: int) -> bytes:
    """The montage as the content of a ``"png"`` or ``"gif"`` file.

    Raises:
        ValueError: for another kind, or for images with neither one nor three channels.
    """
    if rollout.canvases.shape[2] not in (1, 3):
        raise ValueError("Only images with one or three channels can be saved as a picture.")
    buffer = io.BytesIO()
    if kind == "png":
        _frame(rollout, rollout.num_steps, scale).save(buffer, "PNG")
    elif kind == "gif":
        frames = [_frame(rollout, step, scale) for step in range(rollout.num_steps + 1)]
        frames[0].save(
            buffer,
            "GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[STEP_MS] * rollout.num_steps + [HOLD_MS],
            loop=0,
        )
    else:
        raise ValueError(f"{kind} is neither png nor gif.")
    return buffer.getvalue()


def _frame(rollout: Rollout, step: int, scale: int) -> Image.Image:
    pixels = montage(rollout, step)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
