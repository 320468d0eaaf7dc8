"""What every training here shares: image order, schedule, Adam, and the way back from a NaN."""

import functools
import math
from typing import Any, Generic, NoReturn, Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.fields import Precision
from draw_core.base.seeds import Stream

DTYPES: dict[Precision, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}

_DIVERGED = (
    "Training stopped at step {}: the loss or its gradient is not a finite number. Lower the "
    "learning rate or lengthen the warm-up. The last good weights are kept."
)
_M = TypeVar("_M", bound=nn.Module)


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


class Optimised(Generic[_M]):
    """A network in training: its weights, Adam's moments, the updates made and the seconds spent.

    Random numbers are derived from the seed and the step, so these are all that a resumed run
    needs to go on exactly as an uninterrupted one.
    """

    def __init__(self, model: _M, groups: list[dict[str, Any]], rate: float) -> None:
        """``groups`` hold all ``params`` of the model, each with its ``share`` of the rate."""
        self.model = model
        self.step = 0
        self.seconds = 0.0
        self.optimizer = torch.optim.Adam(groups, lr=rate, fused=True)
        for parameter in model.parameters():  # as Adam does at its first update
            self.optimizer.state[parameter] = {
                "step": torch.zeros((), device=parameter.device),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
        self._good = [tensor.clone() for tensor in self.live().values()], (0, 0.0)

    @property
    def device(self) -> torch.device:
        """Where it is trained."""
        return next(self.model.parameters()).device

    def live(self) -> dict[str, Tensor]:
        """The tensors that an update changes in place, by name."""
        named = {f"model.{name}": p.detach() for name, p in self.model.named_parameters()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimizer.state[parameter].items():
                named[f"adam.{key}.{name}"] = value
        return named

    def counters(self) -> dict[str, Tensor]:
        """What else is saved, by name."""
        return {
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.seconds, dtype=torch.float64),
        }

    def tensors(self) -> dict[str, Tensor]:
        """Everything to save, by name, on the CPU."""
        return {name: value.cpu() for name, value in {**self.live(), **self.counters()}.items()}

    def load_tensors(self, saved: dict[str, Tensor]) -> None:
        """The inverse of :meth:`tensors`.

        Raises:
            ValueError: if the tensors are not those of this model; nothing is changed then.
        """
        live = self.live()
        for name, tensor in {**live, **self.counters()}.items():
            if name not in saved or saved[name].shape != tensor.shape:
                raise ValueError(f"{name} is absent or has another shape")
        for name, tensor in live.items():
            tensor.copy_(saved[name])
        self.step, self.seconds = int(saved["step"]), float(saved["seconds"])

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

    def give_up(self, step: int) -> NoReturn:
        """Ends a training whose numbers ran off at ``step``, with the last good weights.

        Raises:
            TrainingDiverged: always.
        """
        self.put_back()
        raise TrainingDiverged(_DIVERGED.format(step))

    def update(self, loss: Float[Tensor, ""], rate: float, grad_clip: float) -> Float[Tensor, ""]:
        """Makes one update with the gradients that are there; returns their norm before clipping.

        Args:
            loss: to which they belong. If it is finite, the weights before the update are kept.

        Raises:
            TrainingDiverged: if loss or norm is not finite. The state is put back to the last one
                that gave a finite loss.
        """
        norm = torch.nn.utils.clip_grad_norm_(list(self.model.parameters()), grad_clip)
        if not (loss.isfinite() and norm.isfinite()):
            self.give_up(self.step + 1)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        self.keep()
        self.optimizer.step()
        self.step += 1
        if self.device.type == "cuda":  # where calls return before they are done
            torch.cuda.synchronize(self.device)
        return norm
