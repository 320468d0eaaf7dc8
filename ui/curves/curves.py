"""Curves: one browser component that shows training runs live.

It draws losses over time or updates, and the KL of every step as a map below them on the same axis.
Python sends all points as safetensors bytes at each update; zooming and pointing happen in the
browser, and a zoom outlives the updates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.kit import wire
from ui.kit.source import component

# Shows the curves: ``data`` is from :func:`pack`, and the key is the same at each update.
curves = component("draw_curves", "curves/curves")

Kind = Literal["loss", "nll", "latent_loss", "test"]


@dataclass(frozen=True)
class Series:
    """One curve.

    Attributes:
        name: of the curve, as in "test bound".
        kind: sets its line: ``test`` has points, the others are many and noisy and get smoothed.
        seconds: ``[n]`` training time of each point, ascending.
        step: ``[n]`` updates made by then.
        values: ``[n]``; what is not finite leaves a gap.
        run: the name of its run. Where there are several, colours tell runs apart, else kinds.
        words: what the curve is, for who points at its name.
    """

    name: str
    kind: Kind
    seconds: ArrayLike
    step: ArrayLike
    values: ArrayLike
    run: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        shapes = {np.shape(array) for array in (self.seconds, self.step, self.values)}
        if len(shapes) != 1 or len(shapes.pop()) != 1:
            raise ValueError("seconds, step and values must be 1-D and equally long")


@dataclass(frozen=True)
class Reference:
    """A value to compare with, drawn as a dashed level line."""

    label: str
    value: float

    def __post_init__(self) -> None:
        if not np.isfinite(self.value):
            raise ValueError(f"the reference {self.label!r} is not a finite number")


@dataclass(frozen=True)
class KLMap:
    """The KL of every step of the network over training.

    Attributes:
        seconds: ``[n]`` training time, ascending, at any distances.
        step: ``[n]`` updates made by then.
        kl: ``[n, T]`` in nats, mean over images.
    """

    seconds: ArrayLike
    step: ArrayLike
    kl: ArrayLike

    def __post_init__(self) -> None:
        shape = np.shape(self.kl)
        if len(shape) != 2 or {np.shape(self.seconds), np.shape(self.step)} != {shape[:1]}:
            raise ValueError("kl must be [n, T] with seconds and step [n]")


def pack(
    series: Sequence[Series],
    references: Sequence[Reference] = (),
    kl: KLMap | None = None,
    *,
    subject: str = "",
    height: int = 320,
    unit: str = "nats per image",
    empty: str = "The first losses appear here in a moment.",
) -> bytes:
    """What :data:`curves` shall show, as the bytes that it takes.

    Args:
        series: the curves, most important first.
        references: level lines.
        kl: the map below the curves; None or without steps leaves it out.
        subject: names what is shown, say the run. A zoom belongs to its subject: it stays as long
            as the subject does, and comes back with it.
        height: of the curves in pixels.
        unit: of the curves.
        empty: is shown until there is a point.
    """
    tensors = {}
    for index, curve in enumerate(series):
        points = np.array([curve.seconds, curve.step, curve.values], np.float32)
        tensors[f"series{index}"] = _in_order(points)
    if kl is not None and np.size(kl.kl):
        times = np.array([kl.seconds, kl.step], np.float32)
        tensors["kl"] = _in_order(np.vstack([times, np.asarray(kl.kl, np.float32).T]))
    told = {
        "series": [
            {"name": s.name, "kind": s.kind, "run": s.run, "words": s.words} for s in series
        ],
        "references": [{"label": r.label, "value": float(r.value)} for r in references],
        "subject": subject,
        "height": height,
        "unit": unit,
        "empty": empty,
    }
    return wire.pack(tensors, {**told, "id": wire.digest(tensors, told)})


def _in_order(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Columns with finite times (rows 0 and 1), ascending; other values finite or NaN."""
    points = points[:, np.isfinite(points[:2]).all(axis=0)]
    points = points[:, np.argsort(points[0], kind="stable")]
    points[~np.isfinite(points)] = np.nan
    return np.ascontiguousarray(points)
