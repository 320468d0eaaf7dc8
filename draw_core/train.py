"""The training loop: a generator of metrics. No printing, no files."""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from draw_core import seeds
from draw_core.config import DrawConfig, TrainConfig
from draw_core.data.binarise import binarise
from draw_core.data.datasets import require_shape
from draw_core.losses import bernoulli_nll
from draw_core.model import DRAW
from draw_core.seeds import Stream


class TrainingDiverged(Exception):
    """A loss or gradient was not finite. The model holds the last good weights."""


@dataclass(frozen=True)
class Metrics:
    """One training step, losses in nats, meaned over the batch.

    ``loss = nll + latent_loss`` is L_x + L_z (eq 12), an upper bound on -log p(x). ``grad_norm`` is
    the norm before clipping.
    """

    step: int
    loss: float
    nll: float
    latent_loss: float
    grad_norm: float
    learning_rate: float


def new_model(config: DrawConfig, images: UInt8[Tensor, "N C H W"], seed: int) -> DRAW:
    """A network with fresh weights; a ``"data_mean"`` canvas starts at the mean of images.

    Raises:
        ValueError: if the images have another shape than the configuration says.
    """
    require_shape(images, config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(seed, Stream.WEIGHTS))
        model = DRAW(config)
    return model.start_canvas_at(images.float().mean(dim=0) / 255)


def learning_rate(step: int, config: TrainConfig) -> float:
    """The rate of update number ``step`` (from 0): linear warm-up, then cosine decay to zero."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    done = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class TrainState:
    """A model in training: its weights, Adam's moments and the number of updates made.

    Random numbers are derived from the seed and the step, so these are all that a resumed run
    needs to go on exactly as an uninterrupted one.
    """

    def __init__(self, model: DRAW, config: TrainConfig) -> None:
        self.model = model
        self.config = config
        self.step = 0
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)
        for parameter in model.parameters():  # as Adam does at its first update
            self.optimizer.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }

    def live(self) -> dict[str, Tensor]:
        """The tensors that an update changes in place, by name."""
        named = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimizer.state[parameter].items():
                named[f"adam.{key}.{name}"] = value
        return named

    def tensors(self) -> dict[str, Tensor]:
        """Everything to save, by name."""
        return {**self.live(), "step": torch.tensor(self.step)}

    def load_tensors(self, saved: dict[str, Tensor]) -> None:
        """The inverse of :meth:`tensors`.

        Raises:
            ValueError: if the tensors are not those of this model; nothing is changed then.
        """
        live = self.live()
        for name, tensor in {**live, "step": torch.tensor(0)}.items():
            if name not in saved or saved[name].shape != tensor.shape:
                raise ValueError(f"{name} is absent or has another shape")
        for name, tensor in live.items():
            tensor.copy_(saved[name])
        self.step = int(saved["step"])


def train(state: TrainState, images: UInt8[Tensor, "N C H W"]) -> Iterator[Metrics]:
    """Trains until ``config.steps`` updates are made; yields after each.

    Images are binarised anew at every sight. Between two yields the state may be saved.

    Raises:
        TrainingDiverged: at the first loss or gradient that is not finite. The state is put back
            to the last one that gave a finite loss.
    """
    model, config, optimizer = state.model, state.config, state.optimizer
    parameters = list(model.parameters())
    live = list(state.live().values())
    last_good, last_good_step = [tensor.clone() for tensor in live], state.step
    device = parameters[0].device
    while state.step < config.steps:
        noise_source = seeds.generator(config.seed, Stream.TRAIN_NOISE, state.step)
        x = binarise(images[_batch_indices(state.step, len(images), config)], noise_source)
        noise = model.noise(len(x), noise_source)
        canvas, kl = model.unroll(x.to(device), noise)
        nll = bernoulli_nll(canvas, x.to(device)).mean()
        latent_loss = kl.sum(dim=0).mean()  # eq 10
        loss = nll + latent_loss  # eq 12

        optimizer.zero_grad()
        loss.backward()
        grad_norm = torch.nn.utils.clip_grad_norm_(parameters, config.grad_clip)
        if not (loss.isfinite() and grad_norm.isfinite()):
            failed_at = state.step + 1
            torch._foreach_copy_(live, last_good)
            state.step = last_good_step
            raise TrainingDiverged(
                f"Training stopped at step {failed_at}: the loss or its gradient is not a "
                "finite number. Lower the learning rate or lengthen the warm-up. The last good "
                "weights are kept."
            )
        rate = learning_rate(state.step, config)
        for group in optimizer.param_groups:
            group["lr"] = rate
        torch._foreach_copy_(last_good, live)
        last_good_step = state.step
        optimizer.step()
        state.step += 1
        yield Metrics(
            step=state.step,
            loss=loss.item(),
            nll=nll.item(),
            latent_loss=latent_loss.item(),
            grad_norm=grad_norm.item(),
            learning_rate=rate,
        )


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
