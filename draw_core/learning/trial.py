"""Whether a device computes what the processor does: tried before anything is left to it.

Nobody knows every GPU and driver. What is tried is one update, or the numbers that are measured, on
both; a device that fails at it, or gives other numbers than rounding explains, is not used.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from draw_core.base.fields import Precision
from draw_core.base.settings import TrainConfig
from draw_core.learning.device import CPU
from draw_core.learning.optimise import TrainingDiverged
from draw_core.learning.state import TrainState

# As shares of a norm: of losses and of an optimiser's step, and of gradients. In 32 bits, against
# 64, the shipped networks round losses by 2e-7 and gradients by 2e-5; products of 16 bits change
# losses by 3e-3 and the small gradients of a trained network by a quarter.
_NUMBERS, _GRADIENTS = 1e-3, 2e-3
_COARSE_NUMBERS, _COARSE_GRADIENTS = 1e-2, 0.7
# Parts of the gradient that are smaller than this share of it are held to no more than that.
_SMALL = 1e-2

_EXACT: Precision = "float32"

# A network in training on a device, and what gives its losses and adds its gradients.
Started = tuple[TrainState, Callable[[], Tensor]]


def fault_of_updates(
    device: torch.device, start: Callable[[torch.device, Precision], Started], config: TrainConfig
) -> str | None:
    """What keeps a device from training, as one sentence; None if nothing does.

    One update is made there and on the processor, in 32 bits and in those of the training.

    Args:
        start: makes the same network on a device, with the same batch.
    """
    if device == CPU:
        return None
    faults = (
        _fault_of_update(device, start, config, precision)
        for precision in dict.fromkeys((_EXACT, config.precision))
    )
    return next(filter(None, faults), None)


def _fault_of_update(
    device: torch.device,
    start: Callable[[torch.device, Precision], Started],
    config: TrainConfig,
    precision: Precision,
) -> str | None:
    rate, grad_clip = config.learning_rate, config.grad_clip
    try:
        losses, gradients, weights, before = _update(start(CPU, precision), rate, grad_clip, None)
    except TrainingDiverged:
        return None  # anywhere; the training will say so

    def alike() -> bool:
        try:
            there = _update(start(device, precision), rate, grad_clip, gradients)
        except TrainingDiverged:
            return False
        all_here, all_there = (torch.cat([g.flatten() for g in x]) for x in (gradients, there[1]))
        floor = _SMALL * all_here.norm()
        if not _are_close(_step(there[2], before), _step(weights, before), _NUMBERS):
            return False
        if precision != _EXACT:  # little can be told then
            return _are_close(there[0], losses, _COARSE_NUMBERS) and _are_close(
                all_there, all_here, _COARSE_GRADIENTS
            )
        return _are_close(there[0], losses, _NUMBERS) and all(
            _are_close(a, b, _GRADIENTS, floor) for a, b in zip(there[1], gradients, strict=True)
        )

    return _fault(device, "one update", alike)


def fault_of_numbers(device: torch.device, numbers: Callable[[torch.device], Tensor]) -> str | None:
    """What keeps a device from measuring, as one sentence; None if nothing does.

    Args:
        numbers: measures a few images there.
    """
    if device == CPU:
        return None
    here = numbers(CPU)
    if not here.isfinite().all():
        return None

    def alike() -> bool:
        allowed = _NUMBERS * (here.abs() + _SMALL * here.norm())
        return bool(((numbers(device).cpu() - here).abs() <= allowed).all())

    return _fault(device, "a measurement", alike)


def name_of(device: torch.device) -> str:
    """What a sentence calls it."""
    return "The GPU" if device.type == "cuda" else f"The device {device.type!r}"


def first_line(error: BaseException) -> str:
    """What it says, for the middle of a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _fault(device: torch.device, what: str, alike: Callable[[], bool]) -> str | None:
    try:
        if alike():
            return None
        how = f"gives other numbers than the processor at {what}"
    except Exception as error:  # noqa: BLE001 - whatever a driver raises
        how = f"fails at {what} ({first_line(error)})"
    return f"{name_of(device)} {how}, so the processor is used."


def _update(
    started: Started, rate: float, grad_clip: float, gradients: list[Tensor] | None
) -> tuple[Tensor, list[Tensor], list[Tensor], list[Tensor]]:
    """Losses, gradients, and weights after and before one update with the given gradients.

    An update magnifies the rounding of small gradients, so it is compared for the same ones.
    """
    state, add_gradients = started
    parameters = list(state.model.parameters())
    before = [p.detach().cpu().clone() for p in parameters]
    losses = add_gradients()
    found = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    ours = [g.detach().cpu().clone() for g in found]
    for parameter, gradient in zip(parameters, gradients or ours, strict=True):
        parameter.grad = gradient.clone().to(state.device)  # an update may change it
    state.update(losses.sum(), rate, grad_clip)
    return losses.detach().cpu(), ours, [p.detach().cpu() for p in parameters], before


def _step(after: list[Tensor], before: list[Tensor]) -> Tensor:
    return torch.cat([(a - b).flatten() for a, b in zip(after, before, strict=True)])


def _are_close(there: Tensor, here: Tensor, share: float, floor: Tensor | float = 0.0) -> bool:
    there = there.cpu()
    if there.shape != here.shape:
        return False
    return bool((there - here).norm() <= share * (here.norm() + floor))
