"""From grey values to the black-and-white images whose likelihood DRAW bounds."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor


def binarise(
    images: UInt8[Tensor, "B C H W"], generator: torch.Generator | None = None
) -> Float[Tensor, "B C H W"]:
    """Draws each pixel as 1 with probability value / 255, else 0.

    Training draws anew each time an image is seen (dynamic binarisation); a test set is drawn once
    with a fixed seed. The paper used one fixed binarisation of MNIST instead.
    """
    uniform = torch.rand(images.shape, generator=generator)
    return (uniform < images.cpu() / 255).to(torch.float32).to(images.device)
