"""The costs of a training over time, as they lie beside a checkpoint's weights.

``curve.json`` in a checkpoint's folder holds ``{"format": "draw-curve/1", "unit": "nats", "step":
[...], "train": [...], "test_step": [...], "test": [...], "test_images": 300, "test_spread":
true}``: the bound per image on training images after so many updates, averaged over a short time,
and on so many test images. Where the last two are absent, nobody knows which test images these are.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from draw_core.base.fields import is_number

CURVE, FORMAT = "curve.json", "draw-curve/1"
_MAX_BYTES = 4 << 20


@dataclass(frozen=True)
class CostCurve:
    """Costs in nats per image, oldest first; either pair may be empty.

    Attributes:
        test_images: how many test images each of ``test`` is the mean over; 0 if nobody knows.
        test_spread: whether they are spread over the test set. If not, they may be its first ones,
            and of a sorted set these can be easier.
    """

    step: NDArray[np.float32]
    train: NDArray[np.float32]
    test_step: NDArray[np.float32]
    test: NDArray[np.float32]
    test_images: int = 0
    test_spread: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return len(self.step) < 2 and len(self.test_step) < 2

    def to_json(self) -> str:
        """The curve as JSON text, without what is no number."""
        arrays: dict[str, list[int] | list[float]] = {}
        for steps, costs in (("step", "train"), ("test_step", "test")):
            pairs = zip(getattr(self, steps).tolist(), getattr(self, costs).tolist(), strict=True)
            kept = [(round(step), round(cost, 3)) for step, cost in pairs if math.isfinite(cost)]
            arrays[steps], arrays[costs] = [step for step, _ in kept], [cost for _, cost in kept]
        about = {"test_images": self.test_images, "test_spread": self.test_spread}
        values = {"format": FORMAT, "unit": "nats", **arrays, **about}
        return json.dumps(values, allow_nan=False) + "\n"


def load_curve(folder: Path) -> CostCurve | None:
    """What lies in a checkpoint's folder; None if there is nothing that can be used."""
    path = folder / CURVE
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        return None
    arrays = {}
    for name in ("step", "train", "test_step", "test"):
        numbers = values.get(name, [])
        if not isinstance(numbers, list) or not all(is_number(v) for v in numbers):
            return None
        arrays[name] = np.array(numbers, np.float32)
    images, spread = values.get("test_images", 0), values.get("test_spread", False)
    counts = isinstance(images, int) and is_number(images) and images >= 0
    if not (counts and isinstance(spread, bool)):
        return None
    curve = CostCurve(**arrays, test_images=images, test_spread=spread)
    fits = len(curve.step) == len(curve.train) and len(curve.test_step) == len(curve.test)
    return curve if fits and not curve.is_empty else None
