"""One image through the whole network: what it reads, thinks and writes at every step."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from draw_core.base.fields import Binarisation
from draw_core.data.datasets import require_shape
from draw_core.data.seen import as_seen
from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW
from draw_core.families.rebuilt import Rebuilt
from draw_core.nets.losses import bernoulli_nll


@dataclass(frozen=True)
class Reconstruction(Rebuilt):
    """The reconstruction of one image as NumPy arrays, of steps 1..T where a T leads the shape.

    Attributes:
        read_patches: r_t, first of x, then of the error image (eq 27); None without attention,
            where both are read as they are (eq 17).
        mu, log_sigma: of the posterior Q(Z_t | h_enc_t) (eqs 1, 2).
        h_enc, h_dec: hidden states of encoder and decoder (eqs 5, 7), in (-1, 1).
    """

    read_patches: Float32[np.ndarray, "T 2 C N N"] | None
    mu: Float32[np.ndarray, "T Z"]
    log_sigma: Float32[np.ndarray, "T Z"]
    h_enc: Float32[np.ndarray, "T E"]
    h_dec: Float32[np.ndarray, "T D"]


@torch.inference_mode()
def reconstruct(
    model: DRAW,
    image: UInt8[np.ndarray, "C H W"],
    binarisation: Binarisation,
    seed: int | None = 0,
) -> Reconstruction:
    """Shows one image to a network and keeps everything it computes.

    Args:
        image: values in 0..255, of the network's shape.
        binarisation: of the network's training.
        seed: of the latent noise; None for the mean, z_t = mu_t.

    Raises:
        ValueError: if the image has another shape.
    """
    require_shape(torch.from_numpy(image[None]), model.config)
    seen = as_seen(image, binarisation)
    x = torch.from_numpy(seen[None])
    noise = model.noise(1, torch.Generator().manual_seed(seed or 0))
    trace = model(x, noise=noise if seed is not None else torch.zeros_like(noise))
    assert trace.mu is not None
    assert trace.log_sigma is not None
    assert trace.h_enc is not None
    assert trace.kl is not None
    reads = trace.read_patches if trace.read_params is not None else None
    return Reconstruction(
        x=seen,
        film=film_of(trace),
        read_patches=None if reads is None else reads[:, 0].numpy(),
        mu=trace.mu[:, 0].numpy(),
        log_sigma=trace.log_sigma[:, 0].numpy(),
        h_enc=trace.h_enc[:, 0].numpy(),
        h_dec=trace.h_dec[:, 0].numpy(),
        nll=bernoulli_nll(trace.canvases[-1], x).item(),
        latent_loss=trace.kl.sum().item(),
        seed=seed,
    )
