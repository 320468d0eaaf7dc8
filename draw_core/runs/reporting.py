"""Keeps the status of a run up to date while a process is at work on it."""

import dataclasses
import time
from collections.abc import Callable

from draw_core.base.fields import is_number
from draw_core.learning.train import TrainState
from draw_core.runs.config import RunState
from draw_core.runs.run import Run
from draw_core.runs.speed import Speed

_EVERY_S = 0.25
_HEARTBEAT_S = 3.0


class Reporter:
    """The status of a claimed run, and the clock of the time at work on it."""

    def __init__(self, run: Run, require_folder: Callable[[], None] = lambda: None) -> None:
        """``require_folder`` raises FileNotFoundError when the run was deleted."""
        self.run, self._require_folder = run, require_folder
        self.status = run.stored_status()
        self.speed = Speed()
        self._earlier_s = self.status.elapsed_s
        self._began = time.monotonic()
        self._written = 0.0

    @property
    def elapsed_s(self) -> float:
        """Time at work, over all parts of the run, without pauses."""
        return self._earlier_s + time.monotonic() - self._began

    def leave_out(self, seconds: float) -> None:
        """Takes a pause off the time at work."""
        self._earlier_s -= seconds
        self.speed.leave_out(seconds)

    @property
    def due(self) -> bool:
        """Whether the status is old enough to be written again."""
        return time.monotonic() - self._written > _EVERY_S

    @property
    def silent(self) -> bool:
        """Whether nothing was written for so long that a reader may think the process dead."""
        return time.monotonic() - self._written > _HEARTBEAT_S

    def change(self, **changes: object) -> None:
        """Changes fields of the status, which is written later."""
        self.status = dataclasses.replace(self.status, **changes)  # type: ignore[arg-type]

    def write(self, state: RunState | None = None, message: str | None = None) -> None:
        """Writes the status, with another state and message where they are given.

        Raises:
            OSError: if the folder is gone or the disk is full.
        """
        self._require_folder()
        self.status = dataclasses.replace(
            self.status,
            state=state or self.status.state,
            message=self.status.message if message is None else message,
            elapsed_s=self.elapsed_s,
        )
        self.status = self.run.write_status(self.status)
        self._written = time.monotonic()

    def progress(self, state: TrainState, loss: float | None) -> None:
        """Takes over how far training is."""
        self.change(
            step=state.step,
            seconds=state.seconds,
            images_per_s=self.speed.images_per_s,
            loss=loss if is_number(loss) else self.status.loss,
            left_s=self.speed.left_s(state.step, state.seconds, state.config),
        )
