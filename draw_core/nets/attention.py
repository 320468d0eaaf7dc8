"""The differentiable window: an N x N grid of Gaussian filters (eqs 19-29).

All positions are 0-based pixel centres: the first pixel of a row is 0 and the last is W - 1. The
paper counts pixels a = 1..A and grid points i = 1..N; both conventions name the same places.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

# Keeps (a - mu)^2 / sigma2 finite in float32. A filter this narrow (sigma = 1e-4 pixel) already
# puts all its weight on the nearest pixel.
MIN_SIGMA2 = 1e-8
# No image is a million pixels wide; a window further away reads and writes its border all the same.
MAX_DISTANCE = 1e6


class AttentionParams(NamedTuple):
    """Where a window looks, one value per image (``[B]``; ``[T, B]`` in a trace).

    Attributes:
        g_x, g_y: centre of the grid, in 0-based pixels; may lie outside the image.
        delta: stride, the distance between neighbouring filters, in pixels; > 0.
        sigma2: variance of every filter, in pixels squared; > 0.
        gamma: intensity, multiplies what is read and divides what is written; > 0.
    """

    g_x: Float[Tensor, "*batch"]
    g_y: Float[Tensor, "*batch"]
    delta: Float[Tensor, "*batch"]
    sigma2: Float[Tensor, "*batch"]
    gamma: Float[Tensor, "*batch"]


def decode_params(
    raw: Float[Tensor, "B 5"], height: int, width: int, size: int, max_delta: float | None = None
) -> AttentionParams:
    """Turns five numbers from the decoder into a window (eqs 21-24).

    Args:
        raw: (g~_x, g~_y, log sigma2, log delta~, log gamma), any real numbers. All zeros give
            a grid over the whole of a square image, from pixel 0 to pixel W - 1.
        height, width: image size in pixels.
        size: N >= 2, filters per side of the grid.
        max_delta: an upper bound, in pixels, on the stride and on sigma; None for none, as in the
            paper. With it the logistic function takes the place of exp: the same far below
            the bound, and never above it.
    """
    g_x_raw, g_y_raw, *_ = raw.unbind(dim=-1)  # eq 21
    if max_delta is None:
        sigma2, delta_raw, gamma = raw[..., 2:].exp().unbind(dim=-1)
        delta = (max(height, width) - 1) / (size - 1) * delta_raw  # eq 24
    else:
        sigma2_share, delta_share = raw[..., 2:4].sigmoid().unbind(dim=-1)
        sigma2, delta = max_delta**2 * sigma2_share, max_delta * delta_share
        gamma = raw[..., 4].exp()
    return AttentionParams(
        g_x=_centre(g_x_raw, width),  # eq 22
        g_y=_centre(g_y_raw, height),  # eq 23
        delta=delta,
        sigma2=sigma2,
        gamma=gamma,
    )


def _centre(raw: Float[Tensor, "*batch"], length: int) -> Float[Tensor, "*batch"]:
    """(A+1)/2 (g~ + 1) of eqs 22 and 23, then from 1-based to 0-based pixels."""
    half = (length + 1) / 2
    return half * raw + (half - 1)


def widest(height: int, width: int, size: int) -> tuple[float, float]:
    """Log delta and log sigma2 of a window over the whole image, a stride of a pixel at least.

    Its filters of sigma = delta / 2 leave no gaps between them.
    """
    log_delta = math.log(max(1.0, (max(height, width) - 1) / (size - 1)))
    return log_delta, 2 * (log_delta - math.log(2))


def filterbank(
    params: AttentionParams, height: int, width: int, size: int
) -> tuple[Float[Tensor, "B {size} {width}"], Float[Tensor, "B {size} {height}"]]:
    """The horizontal and vertical filters of a window (eqs 19, 20, 25, 26).

    Returns:
        ``f_x [B, N, W]`` and ``f_y [B, N, H]``. Every row sums to 1, also when the window lies
        far outside the image or its filters are narrower than a pixel.
    """
    centres = torch.stack([params.g_x, params.g_y]).clamp(-MAX_DISTANCE, MAX_DISTANCE)
    delta = params.delta.clamp_max(MAX_DISTANCE)
    # Grid point i - N/2 - 1/2 for i = 1..N, written for i = 0..N-1.
    offsets = torch.arange(size, dtype=delta.dtype, device=delta.device) - (size - 1) / 2
    mu = centres[:, :, None] + offsets * delta[:, None]  # eqs 19, 20: [2, B, N]
    if height == width:  # the same pixels on both axes: half as many calls
        f_x, f_y = _gaussian_rows(mu, params.sigma2, width)  # eqs 25, 26
        return f_x, f_y
    return (
        _gaussian_rows(mu[0], params.sigma2, width),  # eq 25
        _gaussian_rows(mu[1], params.sigma2, height),  # eq 26
    )


def _gaussian_rows(
    mu: Float[Tensor, "*axes B N"], sigma2: Float[Tensor, " B"], length: int
) -> Float[Tensor, "*axes B N {length}"]:
    """exp(-(a - mu)^2 / (2 sigma2)) / Z for every pixel a (eqs 25, 26)."""
    pixels = torch.arange(length, dtype=mu.dtype, device=mu.device)
    scale = -0.5 / sigma2.clamp_min(MIN_SIGMA2)
    exponent = (pixels - mu[..., None]).square() * scale[:, None, None]
    # The softmax is exp(.)/Z, computed so that a filter far from every pixel cannot become 0/0.
    return exponent.softmax(dim=-1)


def read_patch(
    images: Float[Tensor, "B C H W"], params: AttentionParams, size: int
) -> Float[Tensor, "B C {size} {size}"]:
    """Looks at images through the window: gamma F_y x F_x^T (one half of eq 27).

    The same filters serve every colour channel.
    """
    f_x, f_y = filterbank(params, images.shape[-2], images.shape[-1], size)
    # All rows of all channels at once: one product for each image.
    columns = (images.flatten(1, 2) @ f_x.mT).view(*images.shape[:3], size)
    return params.gamma[:, None, None, None] * (f_y[:, None] @ columns)


def write_patch(
    patches: Float[Tensor, "B C N N"], params: AttentionParams, height: int, width: int
) -> Float[Tensor, "B C {height} {width}"]:
    """Places patches on an image through the window: (1/gamma) F_y^T w F_x (eq 29)."""
    f_x, f_y = filterbank(params, height, width, patches.shape[-1])
    faint = patches.flatten(1, 2) / params.gamma[:, None, None]
    rows = (faint @ f_x).view(*patches.shape[:3], width)
    return f_y[:, None].mT @ rows
