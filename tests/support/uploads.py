"""Uploads as bytes, and the ways that take them."""

import numpy as np
from PIL import Image

from draw_core.data.intake import intake
from draw_core.data.intake.format import IntakeError
from draw_core.data.intake.intake import for_digits, for_scene, for_window
from tests.support.picture_bytes import save


def as_png(pixels: np.ndarray) -> bytes:
    return save(Image.fromarray(pixels), "PNG")


def steps_of_ways(content: bytes) -> list[list[intake.IntakeStep]]:
    return [
        for_scene(content, 1, 28, 28),
        for_scene(content, 3, 32, 40),
        for_window(content),
    ]


def steps_to_a_digit(content: bytes, height: int, width: int) -> list[intake.IntakeStep] | None:
    """The steps, or None if there is no ink."""
    try:
        return for_digits(content, height, width)
    except IntakeError as error:
        if "no ink to find" not in str(error):
            raise
        return None
