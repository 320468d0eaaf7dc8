"""The two halves of the DRAW loss, in nats (eqs 9-12)."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def bernoulli_nll(
    logits: Float[Tensor, "B C H W"], x: Float[Tensor, "B C H W"]
) -> Float[Tensor, " B"]:
    """L_x, -log D(x | c_T) of each image, summed over pixels, in nats (eq 9).

    Args:
        logits: the last canvas c_T before its sigmoid.
        x: pixels in [0, 1]; 0 or 1 for a likelihood in the strict sense.
    """
    per_pixel = F.binary_cross_entropy_with_logits(logits, x, reduction="none")
    return per_pixel.flatten(start_dim=1).sum(dim=1)


def gaussian_kl(
    mu: Float[Tensor, "*batch Z"], log_sigma: Float[Tensor, "*batch Z"]
) -> Float[Tensor, " *batch"]:
    """KL(N(mu, sigma^2) || N(0, 1)), summed over the Z latents, in nats (one term of eqs 10-11).

    Each latent has its own constant 1/2, Z/2 for a step, so that the KL is 0 at the prior.
    """
    return 0.5 * (mu**2 + (2 * log_sigma).exp() - 2 * log_sigma - 1).sum(dim=-1)


def log_ratio(
    eps: Float[Tensor, "*batch Z"],
    z: Float[Tensor, "*batch Z"],
    log_sigma: Float[Tensor, "*batch Z"],
) -> Float[Tensor, " *batch"]:
    """Log p(z) - log q(z) of z = mu + sigma eps, summed over the Z latents, in nats.

    Both are normal, so that the constants cancel and (z - mu) / sigma is eps.
    """
    return (0.5 * (eps**2 - z**2) + log_sigma).sum(dim=-1)
