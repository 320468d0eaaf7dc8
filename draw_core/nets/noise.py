"""The random numbers that samples are made of."""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def standard_normal(
    batch: int, *shape: int, source: torch.Generator | None = None
) -> Float[Tensor, "B ..."]:
    """Standard normal noise for so many images, independent everywhere.

    Drawn image by image, so that more images from the same seed leave the first ones alone.
    """
    # PyTorch draws normal numbers in blocks of 16 and draws a last, broken block differently.
    count = batch * math.prod(shape)
    noise = torch.randn(math.ceil(count / 16) * 16, generator=source)[:count]
    return noise.view(batch, *shape)


def check_request(n: int, temperature: float) -> None:
    """Makes sure that samples can be made as they are asked for.

    Raises:
        ValueError: if n < 1, or the temperature is negative or not finite.
    """
    if n < 1:
        raise ValueError(f"n is {n}; ask for 1 or more images.")
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"temperature is {temperature}; set it to a finite number >= 0.")
