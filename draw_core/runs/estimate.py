"""How much arithmetic a training is, and how long it will take. No torch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from draw_core.base.settings import TrainConfig
from draw_core.families.family import NetworkConfig
from draw_core.runs.registry import RunEntry


@dataclass(frozen=True)
class Measured:
    """A speed that was measured on this machine: images per second of a configuration."""

    images_per_s: float
    model: NetworkConfig
    precision: str


def measured(model: NetworkConfig, entries: Iterable[RunEntry]) -> Measured | None:
    """The speed of an earlier run, of the network most like this one; None if there was none."""
    aim = model.flops_per_image()
    found = [
        Measured(entry.status.images_per_s, entry.config.model, entry.config.training.precision)
        for entry in entries
        if entry.config and type(entry.config.model) is type(model)
        if entry.status and entry.status.images_per_s
    ]
    return min(found, key=lambda m: abs(math.log(m.model.flops_per_image() / aim)), default=None)


def seconds_needed(
    model: NetworkConfig,
    training: TrainConfig,
    measured: Measured | None,
    *,
    step: int = 0,
    seconds: float = 0.0,
) -> float | None:
    """How long a training takes at the speed of an earlier one, or None if there was none.

    The speed of another network is taken in proportion to the arithmetic of both.

    Args:
        step, seconds: how many updates are made already, and the time spent on them.
    """
    limit = None if training.seconds is None else max(0.0, training.seconds - seconds)
    if measured is None:
        return limit
    speed = measured.images_per_s * measured.model.flops_per_image() / model.flops_per_image()
    needed = max(0, training.steps - step) * training.batch_size / speed
    return needed if limit is None else min(limit, needed)


def duration(seconds: float | int) -> str:
    """A time as a person says it: two units at most."""
    s = max(0, round(seconds))
    if s < 90:
        return f"{s} s"
    if s < 90 * 60:
        return f"{s / 60:.0f} min" if s >= 600 or s % 60 == 0 else f"{s // 60} min {s % 60} s"
    if s < 48 * 3600:
        hours, minutes = divmod(round(s / 60), 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{round(s / 3600)} h"
    return f"{s / 86400:.1f} days"


_UNITS = {"s": "second", "min": "minute", "h": "hour"}


def spoken(seconds: float | int) -> str:
    """The same time in a sentence, with whole words."""
    parts = duration(seconds).split()
    for k in range(0, len(parts), 2):
        if unit := _UNITS.get(parts[k + 1]):
            parts[k + 1] = unit if parts[k] == "1" else f"{unit}s"
    return " ".join(parts)
