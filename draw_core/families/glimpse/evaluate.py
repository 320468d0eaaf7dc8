"""The error of a classifier: the share of composite images that it takes for another digit."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from draw_core.data.composed.composites import Composer
from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.families.glimpse.train import Classifier, as_input
from draw_core.learning.trial import fault_of_numbers
from draw_core.measure.evaluate_tally import QUICK_IMAGES

BATCH_SIZE = 250
_TRIED = 16  # images


@dataclass(frozen=True)
class ErrorRate:
    """Errors in percent.

    Attributes:
        error: of the last answer.
        standard_error: of ``error``, for so many images drawn at random.
        loss: cross-entropy of the last answer, in nats per image.
        images: how many were looked at.
        after_glimpse: the error if it had to answer after 1, 2, ... glimpses; empty for a network
            without glimpses. Only the last answer is trained.
        first_1000: the error on the first thousand images, or None if there are fewer.
    """

    error: float
    standard_error: float
    loss: float
    images: int
    after_glimpse: tuple[float, ...] = ()
    first_1000: float | None = None


def fault_of(device: torch.device, model: Classifier, composer: Composer) -> str | None:
    """What keeps a device from classifying, as one sentence; None if nothing does.

    Args:
        model: on the processor; it stays as it is.
    """
    x = as_input(composer.images(np.arange(_TRIED)))

    @torch.inference_mode()
    def numbers(where: torch.device) -> torch.Tensor:
        logits: torch.Tensor = copy.deepcopy(model).to(where).logits(x.to(where))
        return logits

    return fault_of_numbers(device, numbers)


def error_rate(
    model: Classifier,
    composer: Composer,
    numbers: range,
    on_batch: Callable[[int], None] | None = None,
) -> ErrorRate:
    """Classifies the composite images with these numbers, in float32.

    Args:
        on_batch: is told how many images were just done.

    Raises:
        ValueError: if there are no images.
    """
    if not len(numbers):
        raise ValueError("There are no images to evaluate.")
    device = next(model.parameters()).device
    batches, loss = [], 0.0
    for start in range(0, len(numbers), BATCH_SIZE):
        batch = np.array(numbers[start : start + BATCH_SIZE])
        labels = torch.from_numpy(composer.labels(batch)).to(device)
        with torch.inference_mode():
            x = as_input(composer.images(batch)).to(device)
            logits = model(x).logits if isinstance(model, GlimpseClassifier) else model(x)[None]
            batches.append(logits.argmax(dim=-1) != labels)
            loss += torch.nn.functional.cross_entropy(logits[-1], labels, reduction="sum").item()
        if on_batch:
            on_batch(len(batch))
    wrong = torch.cat(batches, dim=1)  # after each glimpse, of each image
    shares = [n / len(numbers) for n in wrong.sum(dim=1).tolist()]
    first = wrong[-1, :QUICK_IMAGES]
    spread = math.sqrt(shares[-1] * (1 - shares[-1]) / len(numbers))
    return ErrorRate(
        error=100 * shares[-1],
        standard_error=100 * spread,
        loss=loss / len(numbers),
        images=len(numbers),
        after_glimpse=tuple(100 * s for s in shares) if len(shares) > 1 else (),
        first_1000=100 * first.float().mean().item() if len(first) == QUICK_IMAGES else None,
    )
