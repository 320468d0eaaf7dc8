"""How fast a run trains and how long it will take. Standard library only."""

import time
from collections import deque

from draw_core.base.settings import TrainConfig

_WINDOW = 50  # steps


class Speed:
    """Images per second of training time, over the latest steps."""

    def __init__(self) -> None:
        self._recent: deque[tuple[int, float]] = deque(maxlen=_WINDOW)
        self._batch = 0
        self._begun: tuple[float, float] | None = None

    def add(self, step: int, seconds: float, batch: int) -> None:
        """Counts an update, which brought the training time to ``seconds``."""
        if self._begun is None:
            self._begun = (time.monotonic(), seconds)
        self._recent.append((step, seconds))
        self._batch = batch

    def leave_out(self, seconds: float) -> None:
        """Takes a pause off the time that is needed beside the updates."""
        if self._begun is not None:
            self._begun = (self._begun[0] + seconds, self._begun[1])

    @property
    def images_per_s(self) -> float | None:
        """None before two updates."""
        if len(self._recent) < 2:
            return None
        (first, began), (last, ended) = self._recent[0], self._recent[-1]
        return (last - first) * self._batch / (ended - began) if ended > began else None

    def left_s(self, step: int, seconds: float, config: TrainConfig) -> float | None:
        """Estimated time until training ends, with all that is done beside it."""
        rate = self.images_per_s
        if rate is None or self._begun is None:
            return None
        left = (config.steps - step) * self._batch / rate
        if config.seconds is not None:
            left = min(left, config.seconds - seconds)
        trained = seconds - self._begun[1]
        beside = (time.monotonic() - self._begun[0]) / trained if trained > 1 else 1.0
        return max(0.0, left * max(1.0, beside))
