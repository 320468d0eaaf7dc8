"""``metrics.jsonl``: the losses of a run over time, one JSON object on each line.

The file only grows. There are three kinds of lines: training metrics, averaged over a short time;
``{"test": ...}``, the bound on test images; and ``{"resumed_from": step}``, after which everything
above that step is undone, because it was made but not saved, and is made again.
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from draw_core.base.fields import is_number
from draw_core.base.files import stamp
from draw_core.runs.files import append_line
from draw_core.store.curve import CostCurve

if TYPE_CHECKING:
    from draw_core.learning.train import Metrics

METRICS = "metrics.jsonl"

Floats = NDArray[np.float32]

_LOSSES = ("loss", "nll", "latent_loss", "grad_norm", "learning_rate")
_MOST_MEASURES = 20  # of a file that may come from anywhere
# Three lines a second at first; 140 after a minute, 480 after ten, 1300 after ten hours.
_FIRST_INTERVAL_S, _INTERVAL_GROWTH = 0.3, 0.005


@dataclass(frozen=True)
class History:
    """The metrics of a run, oldest first, float32; losses in nats.

    Attributes:
        step, seconds: ``[n]``, updates made and training time spent on them.
        loss, nll, latent_loss: ``[n]``, L_x + L_z, L_x and L_z on training images.
        grad_norm: ``[n]``, before clipping. learning_rate: ``[n]``.
        kl: ``[n, T]``, the terms of L_z, one for each glimpse.
        test_step, test_seconds, test_nll, test_latent: ``[m]``, when, and L_x and L_z on the test
            images; their sum is the bound.
        test_spread: ``[m]``, 1 where these were spread over the test set, 0 where they were its
            first ones, which may be easier.
        test_error: ``[m]``, the share of wrong answers in percent, of a classifier; NaN else.
            Its L_x is the cross-entropy, and it has no L_z.
        test_images: how many images the last of those bounds is over.
        measures: ``[n]`` each, what else the family measures on training images; NaN where a line
            lacks it.
    """

    step: Floats
    seconds: Floats
    loss: Floats
    nll: Floats
    latent_loss: Floats
    grad_norm: Floats
    learning_rate: Floats
    kl: Floats
    test_step: Floats
    test_seconds: Floats
    test_nll: Floats
    test_latent: Floats
    test_spread: Floats
    test_error: Floats
    test_images: int = 0
    measures: Mapping[str, Floats] = field(default_factory=dict)

    def tested(self, metric: str) -> Floats:
        """What a metric was on test images."""
        values: Floats = {
            "loss": self.test_nll + self.test_latent,
            "nll": self.test_nll,
            "latent_loss": self.test_latent,
            "error": self.test_error,
        }[metric]
        return values

    def costs(self) -> CostCurve:
        """The bounds alone; those on spread images alone if there are any."""
        test, spread = self.tested("loss"), self.test_spread == 1
        kept = spread if spread.any() else ~spread
        return CostCurve(
            self.step,
            self.loss,
            self.test_step[kept],
            test[kept],
            test_images=self.test_images,
            test_spread=bool(spread.any()),
        )


class MetricsLog:
    """Appends metrics to a run folder, averaged over an interval that grows with the run."""

    def __init__(self, folder: Path, elapsed_s: float = 0.0) -> None:
        self._path = folder / METRICS
        self._pending: list[Metrics] = []
        self._begun = time.monotonic() - elapsed_s
        self._written = time.monotonic()
        self.loss: float | None = None  # of the line written last

    def add(self, metrics: "Metrics") -> None:
        """Takes one step, and writes a line if it is time."""
        self._pending.append(metrics)
        now = time.monotonic()
        interval = _FIRST_INTERVAL_S + _INTERVAL_GROWTH * (now - self._begun)
        if now - self._written >= interval:
            self.flush()

    def flush(self) -> None:
        """Writes what has gathered."""
        if not self._pending:
            return
        last = self._pending[-1]
        line: dict[str, Any] = {"step": last.step, "seconds": round(last.seconds, 3)}
        for name in _LOSSES:
            line[name] = _short(np.mean([getattr(m, name) for m in self._pending]))
        self.loss = line["loss"]
        line["kl"] = [_short(v) for v in np.mean([m.kl for m in self._pending], axis=0)]
        if last.measures:
            line["measures"] = {
                name: _short(np.mean([m.measures[name] for m in self._pending]))
                for name in last.measures
            }
        self._pending = []
        self._written = time.monotonic()
        append_line(self._path, json.dumps(line))

    def test(
        self,
        step: int,
        seconds: float,
        L_x: float,
        L_z: float,
        images: int,
        *,
        error: float | None = None,
        spread: bool = False,
    ) -> None:
        """Writes the result on so many test images: the first ones, or spread over the set."""
        bound = {"L_x": _short(L_x), "L_z": _short(L_z), "images": images}
        if error is not None:
            bound["error"] = _short(error)
        if spread:
            bound["spread"] = True
        append_line(
            self._path, json.dumps({"step": step, "seconds": round(seconds, 3), "test": bound})
        )

    def resumed(self, step: int) -> None:
        """Undoes what was written of later steps."""
        if self._path.exists():
            append_line(self._path, json.dumps({"resumed_from": step}))


def _short(value: Any) -> float:
    return float(f"{float(value):.6g}")


def read_history(folder: Path, max_points: int = 1000) -> History:
    """Reads the metrics of a run, thinned to ``max_points`` by averaging neighbours.

    Lines that are torn or foreign are left out; no file is an empty history.
    """
    path = folder / METRICS
    return _history(path, max_points, stamp(path))


@lru_cache(maxsize=32)
def _history(path: Path, max_points: int, _stamp: tuple[int, ...]) -> History:
    """Parsed only when the file has changed: many may look at the same run."""
    rows, tests = _read_lines(path)
    length = len(rows[-1]["kl"]) if rows else 0
    rows = [row for row in rows if len(row["kl"]) == length]
    columns = {
        name: _thin(_floats([row[name] for row in rows]), max_points)
        for name in ("step", "seconds", *_LOSSES, "kl")
    }
    columns["kl"] = columns["kl"].reshape(len(columns["step"]), length)
    more = [measures if isinstance(measures := row.get("measures"), dict) else {} for row in rows]
    measures = {
        name: _thin(_floats([_number(line.get(name)) for line in more]), max_points)
        for name in (list(more[-1])[:_MOST_MEASURES] if more else ())
    }
    bounds = {
        "test_step": _floats([t["step"] for t in tests]),
        "test_seconds": _floats([t["seconds"] for t in tests]),
        "test_nll": _floats([t["test"]["L_x"] for t in tests]),
        "test_latent": _floats([t["test"]["L_z"] for t in tests]),
        "test_spread": _floats([t["test"].get("spread") is True for t in tests]),
        "test_error": _floats([_number(t["test"].get("error")) for t in tests]),
    }
    thinned = {name: _thin(values, max_points) for name, values in bounds.items()}
    images = int(tests[-1]["test"]["images"]) if tests else 0
    return History(**columns, **thinned, test_images=images, measures=measures)


def _read_lines(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return [], []
    rows: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for line in lines:
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):  # torn by a crash, being written, or hostile
            continue
        if not isinstance(values, dict):
            continue
        if _is_number(values.get("resumed_from")):
            for kept in (rows, tests):
                while kept and kept[-1]["step"] > values["resumed_from"]:
                    kept.pop()
        elif _numbers(values, ("step", "seconds")):
            test, kl = values.get("test"), values.get("kl")
            if isinstance(test, dict) and _numbers(test, ("L_x", "L_z", "images")):
                tests.append(values)
            elif _numbers(values, _LOSSES) and isinstance(kl, list) and all(map(_is_number, kl)):
                rows.append(values)
    return rows, tests


def _number(value: object) -> float:
    return float(value) if _is_number(value) else math.nan


def _numbers(values: dict[str, Any], names: Sequence[str]) -> bool:
    return all(_is_number(values.get(name)) for name in names)


def _is_number(value: object) -> TypeGuard[float]:
    return is_number(value, below=1e30)  # no quantity of a training is as large


def _floats(values: list[Any]) -> Floats:
    return np.asarray(values, dtype=np.float32)


def _thin(values: Floats, max_points: int) -> Floats:
    """Means of so many neighbours that at most ``max_points`` are left."""
    size = -(-len(values) // max(1, max_points))
    if size <= 1:
        return values
    starts = np.arange(0, len(values), size)
    counts = np.diff(np.append(starts, len(values)))
    sums = np.add.reduceat(values.astype(np.float64), starts, axis=0)
    means = sums / counts.reshape(-1, *[1] * (values.ndim - 1))
    return means.astype(np.float32)
