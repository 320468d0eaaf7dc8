"""A film as a moving picture, and its canvases as one still picture.

A film of very many steps shows some of them, evenly. Pixels are squares, neither smoothed nor
blurred.
"""

import importlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from draw_core.film.arrays import Floats
from draw_core.film.film import Film
from draw_core.film.montage import grid

STEP_MS, HOLD_MS = 120, 1500
_MOST_FRAMES, _MOST_BYTES = 120, 1 << 29  # of all that moves, before it is packed


def png(film: Film, scale: int) -> bytes:
    """The finished samples in a grid; of a single sample all its steps 0..T, row by row.

    Args:
        scale: screen pixels per pixel.

    Raises:
        ValueError: for images with neither one nor three channels.
    """
    one = film.num_samples == 1
    steps = _steps(film, scale) if one else np.array([film.num_steps])
    return _bytes(_picture(film, np.concatenate([film.values(int(t)) for t in steps]), scale))


def gif(film: Film, scale: int) -> bytes:
    """All samples, step by step; the last step stays for a while, and it begins again.

    Raises:
        ValueError: as :func:`png`.
    """
    first, *others = frames = list(_frames(film, scale))
    buffer = io.BytesIO()
    first.save(
        buffer,
        "GIF",
        save_all=True,
        append_images=others,
        duration=[STEP_MS] * (len(frames) - 1) + [HOLD_MS],
        loop=0,
    )
    return buffer.getvalue()


def mp4(film: Film, scale: int) -> bytes:
    """The same as H.264, which plays everywhere; it ends with the last step.

    Raises:
        ValueError: as :func:`png`, or if this machine has no program that packs it.
    """
    imageio: Any = importlib.import_module("imageio.v2")  # loads what few ask for

    # An even number of pixels on each side, which the format wants.
    options = {"codec": "libx264", "macro_block_size": 2, "output_params": ["-threads", "1"]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        try:
            with imageio.get_writer(path, format="FFMPEG", fps=1000 / STEP_MS, **options) as video:
                for frame in _frames(film, scale):
                    pixels = np.asarray(frame)
                    video.append_data(pixels)
                for _ in range(HOLD_MS // STEP_MS):
                    video.append_data(pixels)
            return path.read_bytes()
        except (OSError, RuntimeError, ImportError) as error:
            said = str(error).strip().splitlines() or [""]
            raise ValueError(f"No MP4 can be made on this machine ({said[0][:200]}).") from error


def step_png(film: Film, step: int, scale: int) -> bytes:
    """The first sample after a step, alone.

    Raises:
        ValueError: as :func:`png`.
    """
    return _bytes(_picture(film, film.values(step)[:1], scale))


def _frames(film: Film, scale: int) -> Iterator[Image.Image]:
    return (_picture(film, film.values(int(step)), scale) for step in _steps(film, scale))


def _steps(film: Film, scale: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Those of 0..T that are shown, the first and the last among them."""
    height, width, channels = grid(film.values(0)).shape
    room = max(2, _MOST_BYTES // (height * width * scale**2 * channels))
    count = min(film.num_steps + 1, _MOST_FRAMES, room)
    return np.linspace(0, film.num_steps, count).round().astype(np.int64)


def _picture(film: Film, pictures: Floats, scale: int) -> Image.Image:
    if film.shape[0] not in (1, 3):
        raise ValueError("Only images with one or three channels can be saved as a picture.")
    pixels = grid(pictures)
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def _bytes(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
