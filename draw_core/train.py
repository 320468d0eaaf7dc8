"""The training loop: a generator of metrics. No printing, no files."""

import functools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from draw_core import seeds
from draw_core.backprop import Backprop
from draw_core.config import DrawConfig, TrainConfig
from draw_core.data.binarise import binarise
from draw_core.data.datasets import mean_image, require_shape
from draw_core.hardware import has_compiler
from draw_core.losses import bernoulli_nll
from draw_core.model import DRAW
from draw_core.seeds import Stream

_DIVERGED = (
    "Training stopped at step {}: the loss or its gradient is not a finite number. Lower the "
    "learning rate or lengthen the warm-up. The last good weights are kept."
)
_CHECKED = 16  # images


class TrainingDiverged(Exception):
    """A loss or gradient was not finite. The model holds the last good weights."""


@dataclass(frozen=True)
class Metrics:
    """One training step, losses in nats, meaned over the batch.

    ``loss = nll + latent_loss`` is L_x + L_z (eq 12), an upper bound on -log p(x); ``kl`` holds the
    terms of ``latent_loss``, one for each of the T glimpses. ``grad_norm`` is the norm before
    clipping, ``seconds`` the time spent on updates so far.
    """

    step: int
    loss: float
    nll: float
    latent_loss: float
    grad_norm: float
    learning_rate: float
    seconds: float
    kl: tuple[float, ...]


def new_model(config: DrawConfig, images: UInt8[Tensor, "N C H W"], seed: int) -> DRAW:
    """A network with fresh weights; a ``"data_mean"`` canvas starts at the mean of images.

    Raises:
        ValueError: if the images have another shape than the configuration says.
    """
    require_shape(images, config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(seed, Stream.WEIGHTS))
        model = DRAW(config)
    return model.start_canvas_at(mean_image(images) / 255)


def learning_rate(step: int, config: TrainConfig, seconds: float = 0.0) -> float:
    """The rate of update number ``step`` (from 0): linear warm-up, then cosine decay to zero.

    The decay follows the updates or, with a limit of time, the seconds spent, whichever is nearer
    to its end.
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    done = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    if config.seconds is not None:
        done = max(done, seconds / config.seconds)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class TrainState:
    """A model in training: its weights, Adam's moments, the updates made and the seconds spent.

    Random numbers are derived from the seed and the step, so these are all that a resumed run
    needs to go on exactly as an uninterrupted one. A limit of time is the exception: there the
    learning rate follows the clock. ``rate_scale`` multiplies the learning rate that the schedule
    gives; it may be changed between two updates.
    """

    def __init__(self, model: DRAW, config: TrainConfig) -> None:
        self.model = model
        self.config = config
        self.step = 0
        self.seconds = 0.0
        self.rate_scale = 1.0
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate, fused=True)
        for parameter in model.parameters():  # as Adam does at its first update
            self.optimizer.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }

        self._good = self._snapshot()

    @property
    def done(self) -> bool:
        """Whether all updates are made or the time is up."""
        limit = self.config.seconds
        return self.step >= self.config.steps or (limit is not None and self.seconds >= limit)

    def live(self) -> dict[str, Tensor]:
        """The tensors that an update changes in place, by name."""
        named = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimizer.state[parameter].items():
                named[f"adam.{key}.{name}"] = value
        return named

    def tensors(self) -> dict[str, Tensor]:
        """Everything to save, by name."""
        return {**self.live(), **self._counters()}

    def _counters(self) -> dict[str, Tensor]:
        return {
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.seconds, dtype=torch.float64),
            "rate_scale": torch.tensor(self.rate_scale, dtype=torch.float64),
        }

    def load_tensors(self, saved: dict[str, Tensor]) -> None:
        """The inverse of :meth:`tensors`.

        Raises:
            ValueError: if the tensors are not those of this model; nothing is changed then.
        """
        live = self.live()
        for name, tensor in {**live, **self._counters()}.items():
            if name not in saved or saved[name].shape != tensor.shape:
                raise ValueError(f"{name} is absent or has another shape")
        for name, tensor in live.items():
            tensor.copy_(saved[name])
        self.step = int(saved["step"])
        self.seconds = float(saved["seconds"])
        self.rate_scale = float(saved["rate_scale"])

    def keep(self) -> None:
        """Remembers the weights, moments and counters of this moment as good ones."""
        tensors, _ = self._good
        torch._foreach_copy_(tensors, list(self.live().values()))
        self._good = tensors, (self.step, self.seconds)

    def put_back(self) -> None:
        """Takes up what :meth:`keep` remembered last."""
        tensors, counters = self._good
        torch._foreach_copy_(list(self.live().values()), tensors)
        self.step, self.seconds = counters

    def check(self, images: UInt8[Tensor, "N C H W"]) -> None:
        """Makes sure that the weights of this moment are usable, as the next update would.

        To be called before they are saved: an update knows only of the weights before it.

        Raises:
            TrainingDiverged: if they give no finite loss. The state is put back to the last that
                gave one.
        """
        source = seeds.generator(self.config.seed, Stream.CHECK)
        x = binarise(images[:_CHECKED], source, self.config.binarisation)
        x = x.to(self.model.initial_canvas)
        with torch.no_grad():
            canvas, kl = self.model.unroll(x, self.model.noise(len(x), source))
            loss = bernoulli_nll(canvas, x).mean() + kl.sum(dim=0).mean()
        if not loss.isfinite():
            failed_at = self.step
            self.put_back()
            raise TrainingDiverged(_DIVERGED.format(failed_at))

    def _snapshot(self) -> tuple[list[Tensor], tuple[int, float]]:
        return [tensor.clone() for tensor in self.live().values()], (self.step, self.seconds)


def train(state: TrainState, images: UInt8[Tensor, "N C H W"]) -> Iterator[Metrics]:
    """Trains until ``config.steps`` updates are made or its time is up; yields after each update.

    Images are binarised anew at every sight. Between two yields the state may be saved.

    Raises:
        TrainingDiverged: at the first loss or gradient that is not finite. The state is put back
            to the last one that gave a finite loss.
        ValueError: if it is to be compiled and there is no compiler.
    """
    model, config, optimizer = state.model, state.config, state.optimizer
    parameters = list(model.parameters())
    device = model.initial_canvas.device
    add_gradients = _gradients(state, images)
    state.keep()
    while not state.done:
        began = time.perf_counter()
        x, noise = _batch(state, images)
        optimizer.zero_grad()
        nll, kl = add_gradients(x.to(device), noise)
        latent_loss = kl.sum()  # eq 10
        loss = nll + latent_loss  # eq 12
        grad_norm = torch.nn.utils.clip_grad_norm_(parameters, config.grad_clip)
        if not (loss.isfinite() and grad_norm.isfinite()):
            failed_at = state.step + 1
            state.put_back()
            raise TrainingDiverged(_DIVERGED.format(failed_at))
        rate = learning_rate(state.step, config, state.seconds) * state.rate_scale
        for group in optimizer.param_groups:
            group["lr"] = rate
        state.keep()
        optimizer.step()
        state.step += 1
        state.seconds += time.perf_counter() - began
        if state.done:
            state.check(images)
        yield Metrics(
            step=state.step,
            loss=loss.item(),
            nll=nll.item(),
            latent_loss=latent_loss.item(),
            grad_norm=grad_norm.item(),
            learning_rate=rate,
            seconds=state.seconds,
            kl=tuple(kl.tolist()),
        )


def _batch(
    state: TrainState, images: UInt8[Tensor, "N C H W"]
) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, "T B Z"]]:
    """The pixels and the noise of the next update."""
    config = state.config
    source = seeds.generator(config.seed, Stream.TRAIN_NOISE, state.step)
    batch = images[_batch_indices(state.step, len(images), config)]
    x = binarise(batch, source, config.binarisation)
    return x, state.model.noise(len(x), source)


# Takes pixels and noise; returns L_x and the KL of every step, meaned over the batch.
_Gradients = Callable[[Tensor, Tensor], tuple[Float[Tensor, ""], Float[Tensor, " T"]]]


def _gradients(state: TrainState, images: UInt8[Tensor, "N C H W"]) -> _Gradients:
    """What adds the gradients of a batch to those of the parameters."""
    config, dtype = state.config, _DTYPES[state.config.precision]
    if not config.compiled:
        return Backprop(state.model, min(config.batch_size, len(images)), dtype).add_gradients
    if not has_compiler():
        raise ValueError("There is no C++ compiler on this machine; switch compiling off.")
    add_gradients = _compiled(state.model, dtype)
    if not state.done:  # compiles before the clock of the training runs
        x, noise = _batch(state, images)
        add_gradients(x.to(state.model.initial_canvas.device), noise)
    return add_gradients


_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def _compiled(model: DRAW, dtype: torch.dtype) -> _Gradients:
    """What :meth:`Backprop.add_gradients` does, by autograd, with the whole loop compiled."""

    @torch.compile(dynamic=False)
    def losses(x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        canvas, kl = model.unroll(x, noise, model.products(dtype))
        return bernoulli_nll(canvas, x).mean(), kl.mean(dim=1)

    def add(x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        nll, kl = losses(x, noise)
        (nll + kl.sum()).backward()
        return nll.detach(), kl.detach()

    return add


def _batch_indices(step: int, count: int, config: TrainConfig) -> Tensor:
    """The images of one update. Every epoch has its own order; a short last batch is left out."""
    batch_size = min(config.batch_size, count)
    per_epoch = count // batch_size
    epoch, position = divmod(step, per_epoch)
    order = _epoch_order(count, config.seed, epoch)
    return order[position * batch_size : (position + 1) * batch_size]


@functools.lru_cache(maxsize=1)
def _epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    return torch.randperm(count, generator=seeds.generator(seed, Stream.ORDER, epoch))
