"""One process at work on a run: what the user wants of it, what is saved, and how it ends."""

import contextlib
import errno
import os
import shutil
import time
import traceback
from collections.abc import Callable
from typing import Literal

from jaxtyping import UInt8
from torch import Tensor

from draw_core.families.engine import Labels
from draw_core.learning.train import TrainState
from draw_core.runs import limits
from draw_core.runs.config import RunState
from draw_core.runs.control import CONTROL, Control, read_control
from draw_core.runs.estimate import spoken
from draw_core.runs.failures import explain, is_expected
from draw_core.runs.files import Identity, identity
from draw_core.runs.history import MetricsLog
from draw_core.runs.live import Live
from draw_core.runs.reporting import Reporter
from draw_core.runs.run import CONFIG, ROLLOUTS, Run
from draw_core.runs.saving import save_run
from draw_core.store.card import Card

_PAUSE_POLL_S = 0.05
_MAX_MESSAGE = 300

Leave = Callable[[], Literal["queued", "stopped"] | None]


class Ended(Exception):
    """The run leaves this process before it is finished."""

    def __init__(self, state: RunState, message: str) -> None:
        super().__init__(message)
        self.state, self.message = state, message


class Session:
    """A claimed run, from its first step in this process to its last.

    Attributes:
        control: the wishes of the user as they were read last.
        begun: whether training has begun or goes on; there is no ``state``, ``card``, ``live`` or
            ``images`` with their ``labels`` before.
    """

    state: TrainState
    card: Card
    live: Live
    images: UInt8[Tensor, "N C H W"]
    labels: Labels

    def __init__(
        self, run: Run, identity: Identity, leave: Leave, limit_s: float | None = None
    ) -> None:
        """``identity`` is that of the claimed folder; ``limit_s`` the longest time at work."""
        self.run, self.folder = run, run.folder
        self._identity = identity
        self.reporter = Reporter(run, self.require_folder)
        self.metrics = MetricsLog(self.folder, self.reporter.status.elapsed_s)
        self.control = Control()
        self.begun = False
        self._leave, self._limit_s = leave, limit_s
        self._control_stamp: object = None

    def begin(
        self,
        state: TrainState,
        card: Card,
        live: Live,
        images: UInt8[Tensor, "N C H W"],
        labels: Labels,
    ) -> None:
        """Training begins or goes on, on these images."""
        self.state, self.card, self.live = state, card, live
        self.images, self.labels = images, labels
        self.begun, self._first_step = True, state.step

    def heed(self) -> None:
        """Acts between two steps on what the user asks; returns when training is to go on.

        Raises:
            Ended: if the run is to leave this process.
            FileNotFoundError: if it was deleted.
            TrainingDiverged: if it was to be saved and the weights are spoilt.
        """
        self.look_at_control()
        self.state.rate_scale = self.control.learning_rate_scale
        if self.state.done:
            return
        self.leave_if_asked()
        self._end_at_limit()
        if not self.control.pauses(self.state.step):
            if self.control.give_way and self.state.step > self._first_step:
                self._give_way()
            return
        self.save()
        self.live.paint()
        self.report("paused", "")
        while self.control.pauses(self.state.step):
            began = time.monotonic()
            if self.control.give_way:
                raise Ended("paused", "Paused and saved; it lets the next training go first.")
            time.sleep(_PAUSE_POLL_S)
            self.reporter.leave_out(time.monotonic() - began)
            if self.reporter.silent:
                self.report()
            self.look_at_control()
            self.leave_if_asked()
        self.state.rate_scale = self.control.learning_rate_scale
        self.report("running", "")

    def leave_if_asked(self) -> None:
        """Saves and raises :class:`Ended` if the user or the process wants that."""
        target = "stopped" if self.control.stop else self._leave()
        if target is None:
            return
        if self.begun:
            self.save()
        message = "Its process was closed; it goes on by itself when there is another."
        raise Ended(target, message if target == "queued" else "")

    def _end_at_limit(self) -> None:
        """Saves and raises :class:`Ended` if the run has worked for as long as it may."""
        if self._limit_s is not None and self.reporter.elapsed_s >= self._limit_s:
            self.save()
            raise Ended("stopped", limits.REACHED.format(spoken(self._limit_s)))

    def _give_way(self) -> None:
        """Saves and raises :class:`Ended`: the run waits for its next turn, behind all others."""
        self.save()
        step = f"{self.state.step:,}"
        self.run.write_log(f"Gave way at update {step} to others who wait; it goes on by itself.")
        self.reporter.change(queued=time.time(), gave_way=True)
        raise Ended("queued", "Paused and saved for others who wait; it goes on by itself.")

    def look_at_control(self) -> None:
        """Reads the wishes of the user if they have changed."""
        try:
            stat = os.stat(self.folder / CONTROL)  # noqa: PTH116 - at each step, so the fastest
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp != self._control_stamp:
                self.control, self._control_stamp = read_control(self.folder), stamp
        except FileNotFoundError:
            self.require_folder()
            self.control = Control()

    def save(self) -> None:
        """Writes a checkpoint of weights that the next update could use.

        Raises:
            TrainingDiverged: if they are spoilt. The state is put back to the last good ones, and
                nothing is written yet.
            FileNotFoundError: if the run was deleted.
            OSError: if the disk is full.
        """
        self.state.check(self.images, self.labels)
        self.write_checkpoint()

    def write_checkpoint(self) -> None:
        """Writes a checkpoint of weights that are known to be good.

        Raises:
            FileNotFoundError: if the run was deleted.
            OSError: if the disk is full.
        """
        self.require_folder()
        self.metrics.flush()
        self.card = save_run(self.folder, self.state, self.card, self.reporter.elapsed_s)
        self.reporter.change(deaths=0)

    def report(self, state: RunState | None = None, message: str | None = None) -> None:
        """Writes how far training is."""
        self.reporter.progress(self.state, self.metrics.loss)
        self.reporter.write(state, message)

    def end(self, state: RunState, message: str) -> None:
        """Writes the last status of this process."""
        self.require_folder()
        if self.begun:
            self.reporter.progress(self.state, self.metrics.loss)
        if state == "finished":
            self.reporter.change(left_s=0.0)
        self.reporter.change(worker=None)
        if state != "queued":
            step = self.reporter.status.step
            self.run.write_log(f"{state.capitalize()} at update {step:,}. {message}")
        self.reporter.write(state, message)

    def fail(self, error: Exception) -> None:
        """Ends the run as failed, with a sentence on what went wrong."""
        if self.is_deleted():
            return
        message = explain(error)
        if message is None:
            message = f"Training failed ({type(error).__name__}: {error})"[:_MAX_MESSAGE]
            message = f"{' '.join(message.split())}; see the log."
        if not is_expected(error):
            with contextlib.suppress(OSError):
                self.run.write_log("".join(traceback.format_exception(error)))
        try:
            self.end("failed", message)
        except OSError:
            if self.is_deleted():
                raise
            # The disk is full: what can be painted again makes room for the sentence.
            shutil.rmtree(self.folder / ROLLOUTS, ignore_errors=True)
            self.end("failed", message)

    def is_deleted(self) -> bool:
        """Whether the folder is no run any more, or another one that has its path now."""
        if identity(self.folder) != self._identity:
            return True
        return not (self.folder / CONFIG).is_file()

    def remove_leftovers(self) -> None:
        """Removes what was written of a deleted run since, but no other run in its place."""
        ours = identity(self.folder) in (self._identity, None)
        if ours and not (self.folder / CONFIG).is_file():
            shutil.rmtree(self.folder, ignore_errors=True)

    def require_folder(self) -> None:
        """To be called before anything is written: no file of a deleted run may come back.

        Raises:
            FileNotFoundError: if the run was deleted.
        """
        if self.is_deleted():
            raise FileNotFoundError(errno.ENOENT, "the run was deleted", str(self.folder))
