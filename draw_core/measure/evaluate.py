"""The test of a network: the bound that a set of images costs in nats, or its errors."""

import copy
import hashlib
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.fields import Binarisation
from draw_core.base.seeds import Stream
from draw_core.data.binarise import binarise
from draw_core.data.datasets import require_shape
from draw_core.families.engine import Labels, config_of, device_of
from draw_core.families.registry import engine_of, family_of
from draw_core.learning.trial import fault_of_numbers
from draw_core.measure.error_rate import ErrorRate, as_input, classifier_of, error_rate
from draw_core.measure.evaluate_tally import Bound, Tally, TallyError

__all__ = ["BLOCK", "Bound", "ErrorRate", "Result", "Tally", "TallyError"]
__all__ += ["evaluate", "fault_of", "fingerprint", "result_of"]

Result = Bound | ErrorRate

# Images that share a stream of noise. Fixed, so that a seed means the same noise on every machine.
BLOCK = 500
_TRIED = 16


def result_of(
    model: nn.Module,
    images: UInt8[Tensor, "N C H W"],
    labels: Labels,
    binarisation: Binarisation,
    on_batch: Callable[[int], None] | None = None,
) -> Result:
    """What the objective of its family asks of a network: its bound, or its errors.

    Args:
        labels: the kinds of the images, which a classifier needs.
        on_batch: is told how many images were just done.
    """
    if family_of(config_of(model)).classifies:
        assert labels is not None
        return error_rate(model, images, labels, on_batch)
    return evaluate(model, images, on_batch=on_batch, binarisation=binarisation)


@torch.inference_mode()
def evaluate(
    model: nn.Module,
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
    config = config_of(model)
    require_shape(images, config.shape)
    engine, device = engine_of(config), device_of(model)
    tally = tally or Tally(len(images), config.latent_steps, samples, iwae)
    blocks = math.ceil(len(images) / BLOCK)
    if (tally.images, tally.samples, tally.iwae) != (len(images), samples, iwae) or (
        tally.done > blocks * tally.passes
    ):
        raise ValueError("The tally belongs to another evaluation.")
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; set it to 1 or more.")
    first, skipped = divmod(tally.done, tally.passes)
    for index in range(first, blocks):
        block = images[index * BLOCK : (index + 1) * BLOCK]
        draw = seeds.generator(seed, Stream.BINARISE, index)
        x = binarise(block, draw, binarisation).to(device)
        for sample in range(skipped if index == first else 0, tally.passes):
            noise = engine.noise(model, len(x), noise_source(seed, index, sample))
            batches = zip(x.split(batch_size), noise.split(batch_size, dim=1), strict=True)
            parts = [
                engine.log_weights(model, *b) if sample < iwae else (engine.terms(model, *b), None)
                for b in batches
            ]
            weights = [weight for _, weight in parts if weight is not None]
            tally.add(
                index * BLOCK,
                sample,
                _doubles([terms.nll for terms, _ in parts]),
                _doubles([terms.kl for terms, _ in parts]),
                _doubles(weights) if weights else None,
            )
            if on_batch:
                on_batch(len(x))
    bound = tally.bound(seed)
    if binarisation == "grey":
        bits = bound.nll_bound / (images[0].numel() * math.log(2))
        bound = replace(bound, bits_per_dim=bits)
    return bound


def fault_of(
    device: torch.device,
    model: nn.Module,
    images: UInt8[Tensor, "N C H W"],
    binarisation: Binarisation,
) -> str | None:
    """What keeps a device from measuring a network, as one sentence; None if nothing does.

    A few of the images are measured, or named, there and on the processor.

    Args:
        model: on the processor; it stays as it is.
    """

    def numbers(where: torch.device) -> Tensor:
        there = copy.deepcopy(model).to(where)
        if family_of(config_of(model)).classifies:
            with torch.inference_mode():
                x = as_input(images[:_TRIED]).to(where)
                return classifier_of(there).answers(there, x)[-1]
        found = evaluate(there, images[:_TRIED], binarisation=binarisation, iwae=1)
        return torch.tensor([found.L_x, found.iwae or 0.0, *(found.kl or ())])

    return fault_of_numbers(device, numbers)


def noise_source(seed: int, block: int, sample: int = 0) -> torch.Generator:
    """The stream of one noise sample of one block; that of the first sample is the block's own."""
    return seeds.generator(seed, Stream.TEST_NOISE, (sample << 32) | block)


def _doubles(parts: list[Tensor]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    joined: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    joined = torch.cat([part.cpu().double() for part in parts], dim=-1).numpy()
    return joined


def fingerprint(
    model: nn.Module,
    images: UInt8[Tensor, "N C H W"],
    seed: int,
    binarisation: Binarisation,
    samples: int,
    iwae: int,
    batch_size: int,
) -> dict[str, str | int]:
    """Everything that a result depends on, by which a stored tally is known again."""
    weights = hashlib.sha256(config_of(model).to_json().encode())
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
        "device": device_of(model).type,
    }
