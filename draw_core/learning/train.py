"""The training loop: a generator of metrics. No printing, no files."""

import copy
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.fields import Precision
from draw_core.base.hardware import has_compiler
from draw_core.base.seeds import Stream
from draw_core.base.settings import TrainConfig
from draw_core.data.binarise import binarise
from draw_core.data.datasets import require_shape
from draw_core.families.engine import Gradients, Labels, by_autograd, config_of
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import engine_of, family_of
from draw_core.learning.device import tiny_as_zero
from draw_core.learning.graphs import graphed
from draw_core.learning.optimise import DTYPES, TrainingDiverged, batch_indices, learning_rate
from draw_core.learning.state import TrainState
from draw_core.learning.trial import Started, fault_of_updates

__all__ = ["Metrics", "TrainState", "TrainingDiverged", "fault_of", "learning_rate", "new_model"]
__all__ += ["train"]

_TRIED = 100


@dataclass(frozen=True)
class Metrics:
    """One training step, losses in nats, meaned over the batch.

    ``loss = nll + latent_loss`` is L_x + L_z (eq 12), an upper bound on -log p(x); ``kl`` holds the
    terms of ``latent_loss``, one for each of the T glimpses, none of a network without latents.
    ``measures`` are what else the family measures, by name.
    ``grad_norm`` is the norm before clipping, ``seconds`` the time spent on updates so far.
    """

    step: int
    loss: float
    nll: float
    latent_loss: float
    grad_norm: float
    learning_rate: float
    seconds: float
    kl: tuple[float, ...]
    measures: Mapping[str, float] = field(default_factory=dict)


def new_model(config: NetworkConfig, images: UInt8[Tensor, "N C H W"], seed: int) -> nn.Module:
    """A network with fresh weights, which may begin at the mean of the images.

    Raises:
        ValueError: if the images have another shape than the configuration says.
    """
    require_shape(images, config.shape)
    engine = engine_of(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(seed, Stream.WEIGHTS))
        model: nn.Module = engine.build(config)
    engine.start(model, images)
    return model


def train(
    state: TrainState, images: UInt8[Tensor, "N C H W"], labels: Labels = None
) -> Iterator[Metrics]:
    """Trains until ``config.steps`` updates are made or its time is up; yields after each update.

    Images are binarised anew at every sight. Between two yields the state may be saved.

    Args:
        labels: the kinds of the images, for a network that is to name them.

    Raises:
        TrainingDiverged: at the first loss or gradient that is not finite. The state is put back
            to the last one that gave a finite loss.
        ValueError: if it is to be compiled and there is no compiler.
    """
    config = state.config
    add_gradients = _gradients(state, images, labels)
    measures = family_of(config_of(state.model)).measures
    state.keep()
    while not state.done:
        began = time.perf_counter()
        with tiny_as_zero():
            x, given = _batch(state, images, labels)
            state.optimizer.zero_grad()
            nll, kl, *more = add_gradients(x, given)
            latent_loss = kl.sum()  # eq 10
            loss = nll + latent_loss  # eq 12
            decayed = state.seconds / (config.seconds or math.inf)
            rate = learning_rate(state.step, config, decayed) * state.rate_scale
            grad_norm = state.update(loss, rate, config.grad_clip)
        state.seconds += time.perf_counter() - began
        if state.done:
            state.check(images, labels)
        yield Metrics(
            step=state.step,
            loss=loss.item(),
            nll=nll.item(),
            latent_loss=latent_loss.item(),
            grad_norm=grad_norm.item(),
            learning_rate=rate,
            seconds=state.seconds,
            kl=tuple(kl.tolist()),
            measures={name: m.item() for name, m in zip(measures, more, strict=True)},
        )


def fault_of(
    device: torch.device,
    model: nn.Module,
    config: TrainConfig,
    images: UInt8[Tensor, "N C H W"],
    labels: Labels = None,
) -> str | None:
    """What keeps a device from training a network, as one sentence; None if nothing does.

    One update of up to 100 images is made there and on the processor, in 32 bits and in those of
    the training. The network itself stays as it is.

    Args:
        model: on the processor.
    """

    def start(where: torch.device, precision: Precision) -> Started:
        settings = replace(config, precision=precision)
        state = TrainState(copy.deepcopy(model).to(where), settings)
        known = None if labels is None else labels[:_TRIED]
        x, given = _batch(state, images[:_TRIED], known)
        dtype = DTYPES[precision]
        add_gradients = state.engine.gradients(state.model, len(x), dtype, settings)

        def losses() -> Tensor:
            nll, kl, *_ = add_gradients(x, given)
            return torch.cat([nll[None], kl])

        return state, losses

    return fault_of_updates(device, start, config)


def _batch(
    state: TrainState, images: UInt8[Tensor, "N C H W"], labels: Labels
) -> tuple[Float[Tensor, "B C H W"], Tensor]:
    """The pixels of the next update, and what is given beside them."""
    config, engine = state.config, state.engine
    source = seeds.generator(config.seed, Stream.TRAIN_NOISE, state.step)
    count = engine.count(images, config)
    turn, numbers = batch_indices(state.step, count, config.batch_size, config.seed)
    images, labels = engine.take(images, labels, turn, numbers)
    x = binarise(images, source, config.binarisation).to(state.device)
    return x, engine.given(state.model, x, labels, source)


def _gradients(state: TrainState, images: UInt8[Tensor, "N C H W"], labels: Labels) -> Gradients:
    """What adds the gradients of a batch to those of the parameters."""
    config, dtype = state.config, DTYPES[state.config.precision]
    if not config.compiled:
        batch = min(config.batch_size, state.engine.count(images, config))
        add_gradients = state.engine.gradients(state.model, batch, dtype, config)
        if state.done:
            return add_gradients
        return graphed(add_gradients, state.model, lambda: _batch(state, images, labels))
    if not has_compiler():
        raise ValueError("There is no C++ compiler on this machine; switch compiling off.")
    compiled = _compiled(state, dtype)
    if not state.done:  # compiles before the clock of the training runs
        compiled(*_batch(state, images, labels))
    return compiled


def _compiled(state: TrainState, dtype: torch.dtype) -> Gradients:
    """The gradients by autograd, with the whole network compiled."""

    @torch.compile(dynamic=False)
    def means(x: Tensor, given: Tensor) -> tuple[Tensor, ...]:
        return state.engine.means(state.model, x, given, dtype, state.config)

    return by_autograd(means)
