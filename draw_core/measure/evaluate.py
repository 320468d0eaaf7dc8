"""The test bound: what a set of images costs under a model, in nats."""

import copy
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from draw_core.base import seeds
from draw_core.base.fields import Binarisation
from draw_core.base.seeds import Stream
from draw_core.data.binarise import binarise
from draw_core.data.datasets import require_shape
from draw_core.families.draw.model import DRAW, Products
from draw_core.learning.trial import fault_of_numbers
from draw_core.measure.evaluate_tally import Bound, Tally, TallyError
from draw_core.nets.losses import bernoulli_nll

__all__ = ["BLOCK", "Bound", "Tally", "TallyError", "evaluate", "fault_of", "fingerprint"]

# Images that share a stream of noise. Fixed, so that a seed means the same noise on every machine.
BLOCK = 500
_TRIED = 16


class Pass(NamedTuple):
    """One noise sample of some images, in nats."""

    nll: Float[Tensor, " B"]  # L_x
    kl: Float[Tensor, "T B"]
    log_weight: Float64[Tensor, " B"] | None  # log p(x, z) - log q(z | x)


@torch.inference_mode()
def evaluate(
    model: DRAW,
    images: UInt8[Tensor, "N C H W"],
    seed: int = 0,
    on_batch: Callable[[int], None] | None = None,
    binarisation: Binarisation = "bernoulli",
    *,
    samples: int = 1,
    iwae: int = 0,
    batch_size: int = BLOCK,
    tally: Tally | None = None,
) -> Bound:
    """Averages the bound over images, and over noise samples of each.

    The seed binarises the images, once, and gives the latent noise. The noise of an image depends
    on the seed, the image's place and the number of the sample, on nothing else.

    Args:
        on_batch: is told how many images were just done, ``max(samples, iwae)`` times for each.
            An exception that it raises ends the evaluation; the tally can be gone on with.
        binarisation: how the network saw its training images.
        samples: noise samples of each image, over which L_x and L_z are averaged.
        iwae: samples of the importance-weighted bound; 0 leaves it out.
        batch_size: images in memory at a time, at most :data:`BLOCK`. It may change the last
            digits, because sums are then added in another order.
        tally: what was measured before, to be gone on with; of the same arguments.

    Raises:
        ValueError: if there are no images, they do not fit the network, or a number is below 1.
    """
    require_shape(images, model.config)
    tally = tally or Tally(len(images), model.config.num_steps, samples, iwae)
    blocks = math.ceil(len(images) / BLOCK)
    if (tally.images, tally.samples, tally.iwae) != (len(images), samples, iwae) or (
        tally.done > blocks * tally.passes
    ):
        raise ValueError("The tally belongs to another evaluation.")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; set it to 1 or more.")
    products = model.products()
    first, skipped = divmod(tally.done, tally.passes)
    for index in range(first, blocks):
        block = images[index * BLOCK : (index + 1) * BLOCK]
        draw = seeds.generator(seed, Stream.BINARISE, index)
        x = binarise(block, draw, binarisation).to(model.initial_canvas.device)
        for sample in range(skipped if index == first else 0, tally.passes):
            noise = model.noise(len(x), _noise_source(seed, index, sample))
            weigh = sample < iwae
            parts = [
                _measure(model, some, their_noise, products, weigh)
                for some, their_noise in zip(
                    x.split(batch_size), noise.split(batch_size, dim=1), strict=True
                )
            ]
            tally.add(
                index * BLOCK,
                sample,
                _doubles([part.nll for part in parts]),
                _doubles([part.kl for part in parts]),
                _doubles([p.log_weight for p in parts if p.log_weight is not None])
                if weigh
                else None,
            )
            if on_batch:
                on_batch(len(x))
    bound = tally.bound(seed)
    if binarisation == "grey":
        bits = bound.nll_bound / (images[0].numel() * math.log(2))
        bound = replace(bound, bits_per_dim=bits)
    return bound


def fault_of(
    device: torch.device, model: DRAW, images: UInt8[Tensor, "N C H W"], binarisation: Binarisation
) -> str | None:
    """What keeps a device from measuring a network, as one sentence; None if nothing does.

    The bound of a few of the images is measured there and on the processor.

    Args:
        model: on the processor; it stays as it is.
    """

    def numbers(where: torch.device) -> Tensor:
        there = copy.deepcopy(model).to(where)
        found = evaluate(there, images[:_TRIED], binarisation=binarisation, iwae=1)
        return torch.tensor([found.L_x, found.iwae or 0.0, *(found.kl or ())])

    return fault_of_numbers(device, numbers)


def _noise_source(seed: int, block: int, sample: int) -> torch.Generator:
    """The stream of one noise sample of one block; that of the first sample is the block's own."""
    return seeds.generator(seed, Stream.TEST_NOISE, (sample << 32) | block)


def _doubles(parts: list[Tensor]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    joined: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    joined = torch.cat([part.cpu().double() for part in parts], dim=-1).numpy()
    return joined


def _measure(
    model: DRAW,
    x: Float[Tensor, "B C H W"],
    noise: Float[Tensor, "T B Z"],
    products: Products,
    weigh: bool,
) -> Pass:
    """One pass over a batch, and the log of its importance weights if they are asked for."""
    if not weigh:
        canvas, kl = model.unroll(x, noise, products)
        return Pass(bernoulli_nll(canvas, x), kl, None)
    state = model.initial_state(len(x))
    kls, ratios = [], []
    for eps in noise:
        state = model.step(state, x, eps, products)
        assert state.kl is not None
        assert state.z is not None
        assert state.log_sigma is not None
        kls.append(state.kl)
        # log p(z_t) - log q(z_t | x, z_1 .. z_(t-1)) at the sampled z_t = mu_t + sigma_t eps: both
        # are normal, so that the constants cancel and (z_t - mu_t) / sigma_t is eps.
        ratios.append((0.5 * (eps**2 - state.z**2) + state.log_sigma).sum(dim=1))
    nll = bernoulli_nll(state.canvas, x)
    log_ratio = torch.stack(ratios).cpu().double().sum(dim=0)
    return Pass(nll, torch.stack(kls), log_ratio - nll.cpu().double())


def fingerprint(
    model: DRAW,
    images: UInt8[Tensor, "N C H W"],
    seed: int,
    binarisation: Binarisation,
    samples: int,
    iwae: int,
    batch_size: int,
) -> dict[str, str | int]:
    """Everything that a result depends on, by which a stored tally is known again."""
    weights = hashlib.sha256(model.config.to_json().encode())
    for name, value in sorted(model.state_dict().items()):
        weights.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return {
        "model": weights.hexdigest(),
        "image content": hashlib.sha256(images.cpu().contiguous().numpy().tobytes()).hexdigest(),
        "number of images": len(images),
        "seed": seed,
        "binarisation": binarisation,
        "number of samples": samples,
        "number of importance samples": iwae,
        "batch size": batch_size,
        "device": model.initial_canvas.device.type,
    }
