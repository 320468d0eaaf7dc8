"""One training run on disk: a folder, readable at any moment and after any crash. No torch.

====================  ============================================================================
run.json              the configuration (:class:`RunConfig`)
status.json           how far it is (:class:`Status`), written by the process that holds ``lock``
control.json          what the user asks of it (:mod:`draw_core.runs.control`)
metrics.jsonl         losses over time, only appended to (:mod:`draw_core.runs.history`)
log.txt               what happened, one line each
samples.npz           a film of 16 samples, painted with the same noise each time
reconstruction.npz    a film of one test image, the same each time, with the original
rollouts/STEP.npz     samples.npz as it was at some steps, ever further apart
training.safetensors  weights, Adam's moments, step: what a resumed run goes on from
model.safetensors,    a checkpoint, so that whatever opens checkpoints opens runs
card.json, preview.npz
====================  ============================================================================

Every file but those appended to is replaced in one step, so it is the old or the new one, whole.
"""

import contextlib
import dataclasses
import functools
import re
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, Unpack

from draw_core.base.files import stamp
from draw_core.film.arrays import FilmError
from draw_core.film.files import load_film
from draw_core.film.film import Film
from draw_core.runs.config import RunConfig, RunState, Status
from draw_core.runs.control import Control, Wishes, change_control, read_control
from draw_core.runs.files import Claimed, append_line, is_claimed, replace_file
from draw_core.runs.history import METRICS, History, read_history

CONFIG, STATUS, LOG = "run.json", "status.json", "log.txt"
SAMPLES, RECONSTRUCTION, ROLLOUTS = "samples.npz", "reconstruction.npz", "rollouts"
TRAINING = "training.safetensors"
# How many samples are painted while a run trains, always with the same noise.
LIVE_SAMPLES, LIVE_SEED = 16, 0
# A process at work reports at least this often, but for a very long training step.
_SILENT_S = 10.0
_AT_WORK: tuple[RunState, ...] = ("starting", "running", "paused")
_LOG_BYTES = 64 << 10
_Content = TypeVar("_Content")


class RunError(Exception):
    """A run cannot be used or do what is asked; the message is one sentence for the user."""


class Run:
    """A handle on one run folder. It holds no state, so many may look at the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """The name of the folder, unique among the runs of a root."""
        return self.folder.name

    def config(self) -> RunConfig:
        """What the run is to do.

        Raises:
            RunError: if the run was deleted or its file is damaged.
        """
        return self._read(CONFIG, RunConfig.from_json)

    def status(self) -> Status:
        """How far the run is; a run whose process died without a word is ``stopped``.

        Raises:
            RunError: if the run was deleted or its file is damaged.
        """
        status = self.stored_status()
        if status.worker is None or status.state not in _AT_WORK:
            return status
        if time.time() - status.updated < _SILENT_S:
            return status
        if is_claimed(self.folder):
            return status
        # The process may have ended properly between the two looks.
        status = self.stored_status()
        if status.worker is None or status.state not in _AT_WORK:
            return status
        return dataclasses.replace(
            status,
            state="stopped",
            message="The process that trained this run ended unexpectedly; it can be continued.",
        )

    def stored_status(self) -> Status:
        """What ``status.json`` says, be its process alive or not.

        Raises:
            RunError: if the run was deleted or its file is damaged.
        """
        return self._read(STATUS, Status.from_json)

    def write_status(self, status: Status) -> Status:
        """Replaces the status; returns it as written. Only who has claimed the folder may do so.

        Raises:
            OSError: if the folder is gone or the disk is full.
        """
        status = dataclasses.replace(status, updated=time.time())
        replace_file(self.folder / STATUS, status.to_json().encode())
        return status

    def rename(self, name: str) -> None:
        """Gives the run another name, and keeps it from being pruned.

        Raises:
            RunError: if the name cannot be shown, or the run was deleted.
        """
        self._change_config(name=name.strip(), kept=True)

    def share(self, shared: bool) -> None:
        """Lets others see the network, or no longer; of its images they see none either way.

        Raises:
            RunError: if the run was deleted.
        """
        self._change_config(shared=shared)

    def _change_config(self, **changes: Any) -> None:
        try:
            config = dataclasses.replace(self.config(), **changes)
            replace_file(self.folder / CONFIG, config.to_json().encode())
        except ValueError as error:
            raise RunError(str(error)) from error
        except OSError as error:
            raise self._unwritable(error) from error

    def history(self, max_points: int = 1000) -> History:
        """The losses over time, thinned to ``max_points`` by averaging neighbours."""
        return read_history(self.folder, max_points)

    def samples(self) -> Film | None:
        """16 samples painted with the same noise each time; None before the first."""
        return _load(self.folder / SAMPLES)

    def reconstruction(self) -> Film | None:
        """How the network sees and paints one test image; None before the first."""
        return _load(self.folder / RECONSTRUCTION)

    def sample_steps(self) -> list[int]:
        """The steps at which :meth:`samples` was kept, in order."""
        with contextlib.suppress(OSError):
            names = [path.name for path in (self.folder / ROLLOUTS).iterdir()]
            return sorted(int(n[:-4]) for n in names if re.fullmatch(r"\d{1,12}\.npz", n))
        return []

    def samples_at(self, step: int) -> Film | None:
        """:meth:`samples` as it was at one of :meth:`sample_steps`."""
        return _load(self.folder / ROLLOUTS / kept_name(step))

    def live_stamp(self) -> tuple[tuple[int, ...], ...]:
        """Changes when the pictures, the metrics or the status change; costs four looks."""
        names = (SAMPLES, RECONSTRUCTION, METRICS, STATUS)
        return tuple(stamp(self.folder / name) for name in names)

    def control(self) -> Control:
        """What is asked of the run.

        Raises:
            RunError: if the run was deleted.
        """
        try:
            return read_control(self.folder)
        except FileNotFoundError as error:
            if self.folder.is_dir():
                return Control()
            raise self._unwritable(error) from error

    def request(self, **wishes: Unpack[Wishes]) -> Control:
        """Asks the process that trains the run for something.

        A run that no process holds goes on only when it is queued again: see
        :func:`draw_core.jobs.request`, which does both.

        Raises:
            RunError: if the run was deleted or does not answer, or the scale is no such number.
        """
        try:
            return change_control(self.folder, self.stored_status().step, **wishes)
        except ValueError as error:
            raise RunError(str(error)) from error
        except Claimed as error:
            raise RunError(f"The run {self.id} does not answer; try again in a moment.") from error
        except OSError as error:
            raise self._unwritable(error) from error

    def log(self) -> str:
        """What happened to the run, one line each with its time; the last 64 KiB."""
        try:
            content = (self.folder / LOG).read_bytes()
        except OSError:
            return ""
        return content[-_LOG_BYTES:].decode("utf-8", errors="replace")

    def write_log(self, sentence: str) -> None:
        """Adds a sentence with the time to the log; further lines of it are set in.

        Raises:
            OSError: if the folder is gone or the disk is full.
        """
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        lines = sentence.strip().splitlines()
        append_line(self.folder / LOG, f"{now}  " + "\n    ".join(lines))

    def delete(self) -> None:
        """Removes the folder; a process that trains it ends by itself at its next step.

        Raises:
            RunError: if it cannot be removed.
        """
        # Moved first, so that it is gone in one step and nobody writes into what is being removed.
        trash = self.folder.with_name(f".deleted-{secrets.token_hex(6)}")
        try:
            self.folder.rename(trash)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from error
        shutil.rmtree(trash, ignore_errors=True)

    def _read(self, name: str, parse: Callable[[str], _Content]) -> _Content:
        path = self.folder / name
        try:
            stat = path.stat()
            found: _Content = _parsed(path, parse, (stat.st_mtime_ns, stat.st_size, stat.st_ino))
            return found
        except FileNotFoundError as error:
            if self.folder.is_dir():
                raise RunError(f"{self.id} is no run: it has no {name}.") from error
            raise RunError(f"The run {self.id} was deleted.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(f"{self.id}/{name} cannot be read ({error}).") from error
        except ValueError as error:
            fault = str(error).rstrip(".")
            raise RunError(f"{self.id}/{name} cannot be used: {fault}.") from error

    def _unwritable(self, error: OSError) -> RunError:
        if not self.folder.is_dir():
            return RunError(f"The run {self.id} was deleted.")
        return RunError(f"The run {self.id} cannot be changed ({error.strerror or error}).")


@functools.lru_cache(maxsize=512)
def _parsed(path: Path, parse: Callable[[str], Any], stamp: tuple[int, ...]) -> Any:  # noqa: ARG001
    """What a file says, parsed only when it has changed: runs are looked at all the time."""
    return parse(path.read_text(encoding="utf-8"))


def kept_name(step: int) -> str:
    """The file in ``rollouts/`` of the samples of one step."""
    return f"{step:09d}.npz"


def _load(path: Path) -> Film | None:
    try:
        return load_film(path)
    except FilmError:
        return None
