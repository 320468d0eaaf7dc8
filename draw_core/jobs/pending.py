"""The queue of runs, which is in the run folders themselves, and how a run moves through it."""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path

from draw_core.runs.config import UNFINISHED, RunState, Status
from draw_core.runs.control import read_control
from draw_core.runs.estimate import measured, seconds_needed
from draw_core.runs.files import Claimed, claim, is_claimed
from draw_core.runs.registry import RunEntry, list_runs
from draw_core.runs.run import Run, RunError


def managed(root: Path) -> list[tuple[Run, Status]]:
    """Unfinished runs that were ever queued, with what their files say."""
    found = []
    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            run = Run(folder)
            with contextlib.suppress(RunError):  # it was deleted, or is none
                status = None if run.id.startswith(".") else run.stored_status()
                if status and status.queued is not None and status.state in UNFINISHED:
                    found.append((run, status))
    return found


def waiting(root: Path) -> list[Run]:
    """The runs that wait for a worker, the next one first."""
    queued = [(s.queued or 0.0, run) for run, s in managed(root) if s.state == "queued"]
    return [run for _, run in sorted(queued, key=lambda pair: (pair[0], pair[1].id))]


def wait_of(run_id: str, root: Path, workers: int, turn_s: float | None) -> float | None:
    """About how many seconds a run waits for one of the workers: 0 if it trains.

    None if it does neither, or if nobody can know.
    """
    runs = managed(root)
    status = next((status for run, status in runs if run.id == run_id), None)
    if status is None or status.state == "paused":
        return None
    if status.state != "queued":
        return 0.0
    mine = (status.queued or 0.0, run_id)
    ahead = [
        (run, s)
        for run, s in runs
        if s.state in ("starting", "running")
        or (s.state == "queued" and (s.queued or 0.0, run.id) < mine)
    ]
    if len(ahead) < workers:
        return 0.0
    entries = list_runs(root) if any(_left(s) is None for _, s in ahead) else []
    wait = 0.0
    for run, ahead_status in ahead:
        need = _needed(run, ahead_status, entries)
        if turn_s is not None:
            need = min(turn_s, math.inf if need is None else need)
        if need is None:
            return None
        wait += need / workers
    return wait


def _left(status: Status) -> float | None:
    return status.left_s if status.state == "running" else None


def _needed(run: Run, status: Status, entries: list[RunEntry]) -> float | None:
    """How long a run still takes, as far as is known."""
    if (left := _left(status)) is not None:
        return left
    try:
        config = run.config()
    except RunError:
        return 0.0  # deleted
    speed = measured(config.model, entries)
    return seconds_needed(
        config.model, config.training, speed, step=status.step, seconds=status.seconds
    )


def interrupted(root: Path) -> tuple[list[str], bool]:
    """The runs that nobody trains, but should; and whether any should be trained by somebody."""
    unfinished = [
        (run, status)
        for run, status in managed(root)
        if status.state == "queued" or status.worker is not None
    ]
    alone = [run.id for run, s in unfinished if s.state == "queued" or not is_claimed(run.folder)]
    return alone, bool(unfinished)


def release(run: Run) -> None:
    """Moves a run that no process trains where its user wants it: waiting, paused or stopped."""

    def released(status: Status) -> Status:
        state = _wanted(run, status)
        if state is None:
            return status
        queued = time.time() if state == "queued" else status.queued
        return dataclasses.replace(status, state=state, queued=queued, message="")

    with contextlib.suppress(FileNotFoundError, RunError):  # it is gone
        if _wanted(run, run.stored_status()) is not None:
            _change(run, released)


def _change(run: Run, changed: Callable[[Status], Status]) -> None:
    """Writes another status, unless a worker has just taken the run or it is gone."""
    with contextlib.suppress(Claimed, OSError, RunError), claim(run.folder):
        status = run.stored_status()
        if (other := changed(status)) != status:
            run.write_status(other)


def _wanted(run: Run, status: Status) -> RunState | None:
    """Another state that the user wants a run in; None if it need not change."""
    if status.worker is not None or status.queued is None:
        return None
    if status.state not in ("queued", "paused"):
        return None
    control = read_control(run.folder)
    wanted: RunState = "queued"
    if control.stop:
        wanted = "stopped"
    elif control.pauses(status.step):
        wanted = "paused"
    return None if wanted == status.state else wanted


def pick_up(run: Run) -> None:
    """Queues a run again whose worker died, where it was in the queue."""

    def queued(status: Status) -> Status:
        if status.worker is None or status.queued is None:
            return status
        message = "Its process ended unexpectedly; it is saved."
        if status.state == "paused" and read_control(run.folder).pauses(status.step):
            # It was saved when it was paused, and needs no worker before it goes on.
            retries = status.retries + 1
            return dataclasses.replace(status, worker=None, retries=retries, message=message)
        message = "Its process ended unexpectedly; it goes on from its last checkpoint."
        return dataclasses.replace(status, state="queued", message=message)

    _change(run, queued)


def give_up(run: Run, message: str) -> None:
    """Ends a run that no worker can train as failed."""

    def failed(status: Status) -> Status:
        run.write_log(f"Failed. {message}")
        return dataclasses.replace(status, state="failed", worker=None, message=message)

    _change(run, failed)
