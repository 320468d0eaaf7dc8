"""A network in training, all that a resumed run needs of it, and the way back from a NaN."""

from typing import NoReturn

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.seeds import Stream
from draw_core.base.settings import TrainConfig
from draw_core.data.binarise import binarise
from draw_core.families.engine import Labels, config_of
from draw_core.families.registry import engine_of
from draw_core.learning.optimise import TrainingDiverged

_DIVERGED = (
    "Training stopped at update {}: the loss or its gradient is not a finite number. Lower the "
    "learning rate or lengthen the warm-up. The last good weights are kept."
)
_CHECKED = 16  # images


class TrainState:
    """A network in training: its weights, Adam's moments, the updates made and the seconds spent.

    Random numbers are derived from the seed and the step, so these are all that a resumed run
    needs to go on exactly as an uninterrupted one. With a limit of time it does not quite: there
    the learning rate follows the clock. ``rate_scale`` multiplies the learning rate that the
    schedule gives; it may be changed between two updates.
    """

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        self.model, self.config, self.engine = model, config, engine_of(config_of(model))
        self.step = 0
        self.seconds = 0.0
        self.rate_scale = 1.0
        groups = self.engine.groups(model, config)
        self.optimizer = torch.optim.Adam(groups, lr=config.learning_rate, fused=True)
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

    def counters(self) -> dict[str, Tensor]:
        """What else is saved, by name."""
        return {
            "step": torch.tensor(self.step),
            "seconds": torch.tensor(self.seconds, dtype=torch.float64),
            "rate_scale": torch.tensor(self.rate_scale, dtype=torch.float64),
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
        self.rate_scale = float(saved["rate_scale"])

    def keep(self) -> None:
        """Remembers the weights, moments and counters of this moment as good ones."""
        tensors, _ = self._good
        torch._foreach_copy_(tensors, list(self.live().values()))
        self._good = tensors, (self.step, self.seconds)

    def give_up(self, step: int) -> NoReturn:
        """Ends a training whose numbers ran off at ``step``, with the last good weights.

        Raises:
            TrainingDiverged: always.
        """
        tensors, (self.step, self.seconds) = self._good
        torch._foreach_copy_(list(self.live().values()), tensors)
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

    def check(self, images: UInt8[Tensor, "N C H W"], labels: Labels = None) -> None:
        """Makes sure that the weights of this moment are usable, as the next update would.

        To be called before they are saved: an update knows only of the weights before it.

        Raises:
            TrainingDiverged: if they give no finite loss. The state is put back to the last that
                gave one.
        """
        source = seeds.generator(self.config.seed, Stream.CHECK)
        x = binarise(images[:_CHECKED], source, self.config.binarisation).to(self.device)
        known = None if labels is None else labels[:_CHECKED]
        given = self.engine.given(self.model, x, known, source)
        with torch.no_grad():
            terms = self.engine.terms(self.model, x, given)
            loss = terms.nll.mean() + terms.kl.sum(dim=0).mean()
        if not loss.isfinite():
            self.give_up(self.step)
