"""The training loop of both classifiers: a generator of metrics. No printing, no files."""

import functools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from draw_core import seeds
from draw_core.classify.backprop import GlimpseBackprop
from draw_core.classify.baseline import ConvClassifier
from draw_core.classify.config import ClassifierTraining, GlimpseConfig, ModelConfig
from draw_core.classify.model import GlimpseClassifier
from draw_core.data.composites import Composer
from draw_core.seeds import Stream
from draw_core.train import TrainingDiverged

Classifier = GlimpseClassifier | ConvClassifier

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_DIVERGED = (
    "Training stopped at step {}: the loss or its gradient is not a finite number. Lower the "
    "learning rate or lengthen the warm-up. The last good weights are kept."
)


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


def learning_rate(step: int, config: ClassifierTraining) -> float:
    """The rate of update number ``step`` (from 0): linear warm-up, then cosine decay to zero."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    done = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class ClassifierState:
    """A classifier in training: weights, Adam's moments, updates made and seconds spent.

    The order of images is derived from the seed and the step, so a run that is resumed from these
    goes on exactly as an uninterrupted one.
    """

    def __init__(self, model: Classifier, config: ClassifierTraining) -> None:
        self.model, self.config = model, config
        self.step, self.seconds = 0, 0.0
        window = list(model.window.parameters()) if isinstance(model, GlimpseClassifier) else []
        rest = [p for p in model.parameters() if all(p is not w for w in window)]
        groups = [{"params": rest, "share": 1.0}]
        groups += [{"params": window, "share": config.window_rate}] if window else []
        self.optimizer = torch.optim.Adam(groups, lr=config.learning_rate, fused=True)
        for parameter in model.parameters():  # as Adam does at its first update
            self.optimizer.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }

    @property
    def done(self) -> bool:
        """Whether all updates are made."""
        return self.step >= self.config.steps

    def tensors(self) -> dict[str, Tensor]:
        """Everything to save, by name."""
        counters = {
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.seconds, dtype=torch.float64),
        }
        return {**self._live(), **counters}

    def load_tensors(self, saved: dict[str, Tensor]) -> None:
        """The inverse of :meth:`tensors`.

        Raises:
            ValueError: if the tensors are not those of this model; nothing is changed then.
        """
        for name, tensor in self.tensors().items():
            if name not in saved or saved[name].shape != tensor.shape:
                raise ValueError(f"{name} is absent or has another shape")
        for name, tensor in self._live().items():
            tensor.copy_(saved[name])
        self.step, self.seconds = int(saved["step"]), float(saved["seconds"])

    def _live(self) -> dict[str, Tensor]:
        named = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimizer.state[parameter].items():
                named[f"adam.{key}.{name}"] = value
        return named


def train(state: ClassifierState, composer: Composer, digits: int) -> Iterator[ClassifierMetrics]:
    """Trains until all updates are made; yields after each, and then the state may be saved.

    Every digit is shown once in each pass, in a new arrangement.

    Args:
        composer: of the training split.
        digits: how many digits there are to train on, those for validation left out.

    Raises:
        TrainingDiverged: before an update with a loss or gradient that is not finite.
    """
    config, parameters = state.config, list(state.model.parameters())
    add_gradients = _gradients(state, min(config.batch_size, digits))
    while not state.done:
        began = time.perf_counter()
        numbers = batch_numbers(state.step, digits, composer.count, config)
        labels = torch.from_numpy(composer.labels(numbers))
        state.optimizer.zero_grad()
        loss = add_gradients(as_input(composer.images(numbers)), labels)
        grad_norm = torch.nn.utils.clip_grad_norm_(parameters, config.grad_clip)
        if not (loss.isfinite() and grad_norm.isfinite()):
            raise TrainingDiverged(_DIVERGED.format(state.step + 1))
        rate = learning_rate(state.step, config)
        for group in state.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        state.optimizer.step()
        state.step += 1
        state.seconds += time.perf_counter() - began
        yield ClassifierMetrics(state.step, loss.item(), grad_norm.item(), rate, state.seconds)


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
    size = min(config.batch_size, digits)
    turn, position = divmod(step, digits // size)
    order = _order(digits, config.seed, turn)
    # The first arrangement is left to validation.
    return (turn + 1) * count + order[position * size : (position + 1) * size]


@functools.lru_cache(maxsize=1)
def _order(digits: int, seed: int, turn: int) -> Int64[np.ndarray, " N"]:
    return torch.randperm(digits, generator=seeds.generator(seed, Stream.ORDER, turn)).numpy()


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
