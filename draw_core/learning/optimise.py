"""What every training here shares: the order of the images and the learning rate."""

import functools
import math
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Int64
from torch import Tensor

from draw_core.base import seeds
from draw_core.base.fields import Precision
from draw_core.base.seeds import Stream

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class TrainingDiverged(Exception):
    """A loss or gradient was not finite. The model holds the last good weights."""


@runtime_checkable
class Schedule(Protocol):
    """What of a training's settings decides its learning rate."""

    @property
    def steps(self) -> int: ...  # noqa: D102
    @property
    def warmup_steps(self) -> int: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102


def learning_rate(step: int, config: Schedule, done: float = 0.0) -> float:
    """The rate of update number ``step`` (from 0): linear warm-up, then cosine decay to zero.

    Args:
        done: the share of the decay that is over at least, whatever the step.
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    share = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, max(share, done))))


def batch_indices(
    step: int, count: int, batch_size: int, seed: int
) -> tuple[int, Int64[Tensor, " B"]]:
    """The pass over the ``count`` images (from 0) that an update is in, and the images it takes.

    Every pass has its own order; a short last batch is left out.
    """
    size = min(batch_size, count)
    turn, position = divmod(step, count // size)
    return turn, _order(count, seed, turn)[position * size : (position + 1) * size]


@functools.lru_cache(maxsize=1)
def _order(count: int, seed: int, turn: int) -> Int64[Tensor, " N"]:
    return torch.randperm(count, generator=seeds.generator(seed, Stream.ORDER, turn))
