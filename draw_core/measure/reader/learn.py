"""Trains the reader and writes its weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch

from draw_core.base import seeds
from draw_core.base.files import write_atomic
from draw_core.base.seeds import Stream
from draw_core.measure.judge import Batch, Judge, fit
from draw_core.measure.reader.examples import Source
from draw_core.measure.reader.network import NONE, Weights


@dataclass(frozen=True)
class ReaderTraining:
    """How the reader learns: Adam, linear warm-up, then cosine decay to zero.

    Attributes:
        batch_sizes: pictures of each source per update, beside what is spoilt of them. The drawn
            strokes are easier than MNIST.
    """

    steps: int = 3000
    batch_sizes: tuple[int, ...] = (32, 16)
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    seed: int = 0


def train(
    sources: Sequence[Source], config: ReaderTraining, on_step: Callable[[int], None] | None = None
) -> Judge:
    """A judge that has learned from these sources, and to tell more than digits.

    Args:
        sources: of the training split, as many as there are batch sizes.
        on_step: is told how many updates are made.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(config.seed, Stream.WEIGHTS))
        # A processor is faster with this order of the channels.
        judge = Judge(NONE + 1).to(memory_format=torch.channels_last)

    def batch(step: int) -> Batch:
        parts = [s.batch(step, size) for s, size in zip(sources, config.batch_sizes, strict=True)]
        pictures, answers = map(np.concatenate, zip(*parts, strict=True))
        return pictures, answers

    return fit(judge, batch, config, on_step)


def weights_of(judge: Judge) -> Weights:
    """The weights by name, in half precision."""
    return {name: w.half().contiguous().numpy() for name, w in judge.state_dict().items()}


def save(judge: Judge, path: Path) -> None:
    """Writes the weights for :meth:`draw_core.measure.reader.network.Reader.load`."""
    write_atomic(path, safetensors.numpy.save(dict(weights_of(judge))))
