"""The error of a classifier: the share of test images that it takes for something else."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from draw_core.data.datasets import require_shape
from draw_core.families.classifier import Classifier
from draw_core.families.classifier_config import ClassifierConfig
from draw_core.families.engine import config_of, device_of
from draw_core.families.objective import ERROR, Objective
from draw_core.families.registry import engine_of
from draw_core.measure.evaluate_tally import QUICK_IMAGES

BATCH_SIZE = 250


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

    @property
    def value(self) -> float:
        """What the objective is about."""
        return self.error

    @property
    def cost(self) -> float:
        """What training lowers, in nats per image."""
        return self.loss

    @property
    def parts(self) -> tuple[float, float]:
        """L_x and L_z, of which there is none."""
        return self.loss, 0.0

    def to_dict(self, objective: Objective = ERROR) -> dict[str, Any]:
        """What is known of the results of an objective, as plain JSON values."""
        return objective.results(self.value, vars(self))


def classifier_of(model: nn.Module) -> Classifier[nn.Module]:
    """What computes with a network that is known to be a classifier."""
    engine = engine_of(config_of(model))
    assert isinstance(engine, Classifier)
    return engine


def as_input(images: UInt8[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
    """Values 0 to 255 as what a classifier takes, 0 to 1."""
    return images / 255


@torch.inference_mode()
def error_rate(
    model: nn.Module,
    images: UInt8[Tensor, "N C H W"],
    labels: Int64[Tensor, " N"],
    on_batch: Callable[[int], None] | None = None,
) -> ErrorRate:
    """Classifies images, in float32.

    Args:
        labels: the kind of each.
        on_batch: is told how many images were just done.

    Raises:
        ValueError: if there are no images, or they have another shape than the network is for.
    """
    count = len(images)
    if not count:
        raise ValueError("There are no images to evaluate.")
    config = config_of(model)
    require_shape(images, config.shape)
    assert isinstance(config, ClassifierConfig)
    if int(labels.max()) >= config.classes:
        raise ValueError(f"The images are of more than the {config.classes} kinds that it names.")
    engine, device = classifier_of(model), device_of(model)
    batches, loss = [], 0.0
    for start in range(0, count, BATCH_SIZE):
        x = as_input(images[start : start + BATCH_SIZE]).to(device)
        right = labels[start : start + BATCH_SIZE].to(device)
        answers = engine.answers(model, x)
        batches.append(answers.argmax(dim=-1) != right)
        loss += nn.functional.cross_entropy(answers[-1], right, reduction="sum").item()
        if on_batch:
            on_batch(len(x))
    wrong = torch.cat(batches, dim=1)  # after each glimpse, of each image
    shares = [n / count for n in wrong.sum(dim=1).tolist()]
    first = wrong[-1, :QUICK_IMAGES]
    return ErrorRate(
        error=100 * shares[-1],
        standard_error=100 * math.sqrt(shares[-1] * (1 - shares[-1]) / count),
        loss=loss / count,
        images=count,
        after_glimpse=tuple(100 * share for share in shares) if len(shares) > 1 else (),
        first_1000=100 * first.float().mean().item() if len(first) == QUICK_IMAGES else None,
    )
