"""The training loop of both classifiers: a generator of metrics. No printing, no files."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from draw_core.base import seeds
from draw_core.base.fields import Precision
from draw_core.base.seeds import Stream
from draw_core.data.composed.composites import Composer
from draw_core.families.glimpse.backprop import GlimpseBackprop
from draw_core.families.glimpse.baseline import ConvClassifier
from draw_core.families.glimpse.config import ClassifierTraining, GlimpseConfig, ModelConfig
from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.learning.graphs import graphed
from draw_core.learning.optimise import DTYPES, Optimised, batch_indices, learning_rate
from draw_core.learning.trial import Started, fault_of_updates

Classifier = GlimpseClassifier | ConvClassifier

_CHECKED = 16  # images


@dataclass(frozen=True)
class ClassifierMetrics:
    """One update: the cross-entropy in nats and the gradient's norm before clipping."""

    step: int
    loss: float
    grad_norm: float
    learning_rate: float
    seconds: float


def build(config: ModelConfig) -> Classifier:
    """The network that a configuration describes, with PyTorch's usual fresh weights."""
    return (
        GlimpseClassifier(config) if isinstance(config, GlimpseConfig) else ConvClassifier(config)
    )


def new_classifier(config: ModelConfig, seed: int) -> Classifier:
    """A network whose fresh weights are a function of the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(seed, Stream.WEIGHTS))
        return build(config)


class ClassifierState(Optimised[Classifier]):
    """A classifier in training; see :class:`draw_core.learning.optimise.Optimised`."""

    def __init__(self, model: Classifier, config: ClassifierTraining) -> None:
        window = list(model.window.parameters()) if isinstance(model, GlimpseClassifier) else []
        rest = [p for p in model.parameters() if all(p is not w for w in window)]
        groups: list[dict[str, Any]] = [{"params": rest, "share": 1.0}]
        groups += [{"params": window, "share": config.window_rate}] if window else []
        super().__init__(model, groups, config.learning_rate)
        self.config = config

    @property
    def done(self) -> bool:
        """Whether all updates are made."""
        return self.step >= self.config.steps

    def check(self, composer: Composer) -> None:
        """Makes sure that the weights of this moment are usable, as the next update would.

        To be called before they are saved: an update knows only of the weights before it.

        Raises:
            TrainingDiverged: if they give no finite loss. The state is put back to the last that
                gave one.
        """
        numbers = np.arange(_CHECKED)
        with torch.no_grad():
            logits = self.model.logits(as_input(composer.images(numbers)).to(self.device))
            labels = torch.from_numpy(composer.labels(numbers)).to(self.device)
            loss = F.cross_entropy(logits, labels)
        if not loss.isfinite():
            self.give_up(self.step)


def train(state: ClassifierState, composer: Composer, digits: int) -> Iterator[ClassifierMetrics]:
    """Trains until all updates are made; yields after each, and then the state may be saved.

    Every digit is shown once in each pass, in a new arrangement.

    Args:
        composer: of the training split.
        digits: how many digits there are to train on, those for validation left out.

    Raises:
        TrainingDiverged: at the first loss or gradient that is not finite. The state is put back
            to the last one that gave a finite loss.
    """
    config = state.config

    def batch() -> tuple[Tensor, Tensor]:
        numbers = batch_numbers(state.step, digits, composer.count, config)
        x, labels = as_input(composer.images(numbers)), torch.from_numpy(composer.labels(numbers))
        return x.to(state.device), labels.to(state.device)

    add_gradients = _gradients(state, min(config.batch_size, digits))
    if not state.done:
        add_gradients = graphed(add_gradients, state.model, batch)
    state.keep()
    while not state.done:
        began = time.perf_counter()
        x, labels = batch()
        state.optimizer.zero_grad()
        loss = add_gradients(x, labels)
        rate = learning_rate(state.step, config)
        grad_norm = state.update(loss, rate, config.grad_clip)
        state.seconds += time.perf_counter() - began
        yield ClassifierMetrics(state.step, loss.item(), grad_norm.item(), rate, state.seconds)


def fault_of(
    device: torch.device, model: Classifier, config: ClassifierTraining, composer: Composer
) -> str | None:
    """What keeps a device from training a classifier, as one sentence; None if nothing does.

    One update is made there and on the processor. The network itself stays as it is.

    Args:
        model: on the processor.
    """

    def start(where: torch.device, precision: Precision) -> Started:
        settings = replace(config, precision=precision)
        state = ClassifierState(copy.deepcopy(model).to(where), settings)
        numbers = np.arange(min(config.batch_size, composer.count))
        x = as_input(composer.images(numbers)).to(where)
        labels = torch.from_numpy(composer.labels(numbers)).to(where)
        add_gradients = _gradients(state, len(numbers))
        return state, lambda: add_gradients(x, labels)[None]

    return fault_of_updates(device, start, config)


def as_input(images: UInt8[np.ndarray, "B C H W"]) -> Float[Tensor, "B C H W"]:
    """Grey values 0 to 255 as what a classifier takes, 0 to 1."""
    return torch.from_numpy(images).float().div_(255)


def batch_numbers(
    step: int, digits: int, count: int, config: ClassifierTraining
) -> Int64[np.ndarray, " B"]:
    """The numbers of the composite images of one update.

    Every pass has its own order and its own arrangements; a short last batch is left out.

    Args:
        digits: to train on, the first so many of the ``count`` in the training set.
    """
    turn, order = batch_indices(step, digits, config.batch_size, config.seed)
    return (turn + 1) * count + order.numpy()  # the first arrangement is left to validation


_Gradients = Callable[[Tensor, Tensor], Float[Tensor, ""]]


def _gradients(state: ClassifierState, batch: int) -> _Gradients:
    """What adds the gradients of a batch to those of the parameters and returns the loss."""
    model, dtype = state.model, DTYPES[state.config.precision]
    if isinstance(model, GlimpseClassifier):
        return GlimpseBackprop(model, batch, dtype, state.config.window_clip).add_gradients

    def add(x: Tensor, labels: Tensor) -> Tensor:
        loss = F.cross_entropy(model.logits(x, dtype), labels)
        loss.backward()
        return loss.detach()

    return add
