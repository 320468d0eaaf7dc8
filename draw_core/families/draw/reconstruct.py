"""One image through the whole network: what it reads, thinks and writes at every step."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import UInt8

from draw_core.base.fields import Binarisation
from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW
from draw_core.families.draw.trace import DrawTrace
from draw_core.families.engine import shown_to
from draw_core.families.rebuilt import Rebuilt
from draw_core.film.tracks import Patches, Track, Vectors
from draw_core.nets.losses import bernoulli_nll


@torch.inference_mode()
def reconstruct(
    model: DRAW, image: UInt8[np.ndarray, "C H W"], binarisation: Binarisation, seed: int | None = 0
) -> Rebuilt:
    """Shows one image to a network and keeps everything it computes.

    Beside the tracks of :func:`film_of` the film has the vectors ``mu`` and ``log_sigma`` of the
    posterior Q(Z_t | h_enc_t) (eqs 1, 2), the hidden states ``h_enc`` and ``h_dec`` in (-1, 1)
    (eqs 5, 7), and where there is a window to read the patches ``read`` of x and ``error`` of the
    error image (eq 27).

    Args:
        image: values in 0..255, of the network's shape.
        binarisation: of the network's training.
        seed: of the latent noise; None for the mean, z_t = mu_t.

    Raises:
        ValueError: if the image has another shape.
    """
    seen = shown_to(model, image, binarisation)
    x = torch.from_numpy(seen[None])
    noise = model.noise(1, torch.Generator().manual_seed(seed or 0))
    trace = model(x, noise=noise if seed is not None else torch.zeros_like(noise))
    assert trace.kl is not None
    film = film_of(trace)
    return Rebuilt(
        x=seen,
        film=replace(film, tracks=(*film.tracks, *_inside(trace))),
        nll=bernoulli_nll(trace.canvases[-1], x).item(),
        latent_loss=trace.kl.sum().item(),
        seed=seed,
    )


def _inside(trace: DrawTrace) -> Iterator[Track]:
    """What only a network that sees an image computes, and the decoder's memory unrounded."""
    if trace.read_params is not None and trace.read_patches is not None:
        for name, patches in zip(("read", "error"), trace.read_patches.unbind(2), strict=True):
            yield Patches(name, patches.numpy())
    for name in ("mu", "log_sigma", "h_enc", "h_dec"):
        yield Vectors(name, getattr(trace, name).numpy())
