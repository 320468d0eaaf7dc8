"""A classifier's look at some images as plain arrays, for whoever draws it."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.families.glimpse.train import as_input


@dataclass(frozen=True)
class Look:
    """T glimpses of B images.

    Attributes:
        params: the window of each glimpse: g_x, g_y, delta, sigma2, gamma, in 0-based pixels.
        patches: what was seen through it.
        belief: the probability of each answer after it; only that after the last is trained.
    """

    params: Float32[np.ndarray, "T B 5"]
    patches: Float32[np.ndarray, "T B C N N"]
    belief: Float32[np.ndarray, "T B K"]


@torch.inference_mode()
def look(model: GlimpseClassifier, images: UInt8[np.ndarray, "B C H W"]) -> Look:
    """Lets the classifier look at images with grey values 0 to 255.

    Raises:
        ValueError: if they have another shape than the network is for.
    """
    _require_shape(model, images)
    trace = model(as_input(images))
    return Look(trace.params.numpy(), trace.patches.numpy(), trace.logits.softmax(dim=-1).numpy())


def _require_shape(model: GlimpseClassifier, images: UInt8[np.ndarray, "B C H W"]) -> None:
    c = model.config
    if images.shape[1:] != (c.channels, c.height, c.width):
        raise ValueError(
            f"The images are {images.shape[1:]} (channels, height, width), but the network is for "
            f"{(c.channels, c.height, c.width)}."
        )
