"""The test bound: what a set of images costs under a model, in nats."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from draw_core import seeds
from draw_core.config import Binarisation
from draw_core.data.binarise import binarise
from draw_core.data.datasets import require_shape
from draw_core.losses import bernoulli_nll
from draw_core.model import DRAW
from draw_core.seeds import Stream

# Fixed, so that a seed means the same noise on every machine.
BATCH_SIZE = 500


@dataclass(frozen=True)
class Bound:
    """An upper bound on -log p(x) in nats per image: ``nll_bound = L_x + L_z`` (eq 12)."""

    nll_bound: float
    L_x: float
    L_z: float
    images: int

    def to_dict(self) -> dict[str, float | int]:
        """The fields as plain JSON values."""
        return asdict(self)


@torch.inference_mode()
def evaluate(
    model: DRAW,
    images: UInt8[Tensor, "N C H W"],
    seed: int = 0,
    on_batch: Callable[[int], None] | None = None,
    binarisation: Binarisation = "bernoulli",
) -> Bound:
    """Averages the bound over images, one latent sample each.

    Images are binarised with the seed, which also gives the latent noise.

    Args:
        on_batch: is told how many images were just done.
        binarisation: how the network saw its training images.

    Raises:
        ValueError: if there are no images, or they do not fit the network.
    """
    require_shape(images, model.config)
    if len(images) == 0:
        raise ValueError("There are no images to evaluate.")
    device = model.initial_canvas.device
    total_nll = total_latent = 0.0
    for index, batch in enumerate(images.split(BATCH_SIZE)):
        draw = seeds.generator(seed, Stream.BINARISE, index)
        x = binarise(batch, draw, binarisation).to(device)
        noise = model.noise(len(x), seeds.generator(seed, Stream.TEST_NOISE, index))
        canvas, kl = model.unroll(x, noise)
        total_nll += bernoulli_nll(canvas, x).double().sum().item()
        total_latent += kl.double().sum().item()
        if on_batch:
            on_batch(len(batch))
    nll, latent = total_nll / len(images), total_latent / len(images)
    return Bound(nll_bound=nll + latent, L_x=nll, L_z=latent, images=len(images))
