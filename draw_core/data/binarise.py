"""From grey values to the black-and-white images whose likelihood DRAW bounds."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from draw_core.base.fields import Binarisation


def binarise(
    images: UInt8[Tensor, "B C H W"],
    generator: torch.Generator | None = None,
    how: Binarisation = "bernoulli",
) -> Float[Tensor, "B C H W"]:
    """Makes pixels x in [0, 1] of grey values v in 0..255.

    ``"bernoulli"`` draws x = 1 with probability v / 255, else 0. Training draws anew each time an
    image is seen (dynamic binarisation); a test set is drawn once with a fixed seed. The paper used
    one fixed binarisation of MNIST instead. ``"threshold"`` makes v >= 128 a 1 and the rest 0.
    ``"grey"`` is x = v / 255; L_x is then a cross-entropy, no likelihood in the strict sense.

    Raises:
        ValueError: if there is no such way.
    """
    if how == "bernoulli":
        uniform = torch.rand(images.shape, generator=generator)
        return (uniform < images.cpu() / 255).to(torch.float32).to(images.device)
    if how == "threshold":
        return (images >= 128).to(torch.float32)
    if how == "grey":
        return images / 255
    raise ValueError(f"There is no binarisation {how!r}.")
