"""How much one user and all users together may store and ask for, and what is pruned. No torch.

The rule of pruning: a run that has ended (finished, stopped or failed) and that nobody has named
or made on the command line is deleted when it has not changed for ``PRUNE_AFTER_DAYS`` days, or
when it is not among the ``KEPT_RUNS`` newest of its kind. A server that trains does so once an
hour.
"""

import contextlib
import os
import shutil
import time
from pathlib import Path

from draw_core.base.environment import SettingError, number_variable, variable
from draw_core.base.hardware import has_gpu
from draw_core.runs.config import UNFINISHED, RunConfig, Status
from draw_core.runs.estimate import Measured, measured, seconds_needed, spoken
from draw_core.runs.files import is_claimed
from draw_core.runs.registry import Run, RunEntry, RunError, list_runs, runs_root

UNFINISHED_PER_OWNER, RUNS_PER_OWNER = 3, 20
QUEUE_LENGTH = 30
MIN_FREE_BYTES = 1 << 30
MAX_RUNS_GB = 20.0
PRUNE_AFTER_DAYS, KEPT_RUNS = 14, 100
TURN_MINUTES = 15.0
REACHED = (
    "Stopped and saved: it has worked {}, as long as the owner of this server lets one training "
    "work."
)
_HOURS, _MINUTES = "DRAW_RUNS_MAX_HOURS", "DRAW_RUNS_TURN_MINUTES"
# Floating point operations a second: about ten times what two cores of a processor reach.
_FASTEST = 1e11


class QuotaError(RunError):
    """A bound on the number or size of runs is reached; the message says what to do."""


def check_quota(owner: str | None, root: Path | None = None) -> None:
    """Makes sure that this user may begin one more run.

    Args:
        owner: their token in :class:`~draw_core.runs.config.RunConfig`; None is not counted.

    Raises:
        QuotaError: if they have too many runs, the queue is full, or the disk is.
    """
    root = root or runs_root()
    max_seconds(), turn_seconds()
    check_unfinished(owner, root)
    check_number(owner, root)
    queued = sum(e.status is not None and e.status.state == "queued" for e in list_runs(root))
    check_queue_length(queued)
    check_disk(root)


def max_seconds() -> float | None:
    """How long a training of the pages may work in all; None for no limit.

    ``DRAW_RUNS_MAX_HOURS`` says so in hours; without it, or with 0, there is none.

    Raises:
        QuotaError: if it is no number.
    """
    hours = _number(_HOURS, 0.0, "hours")
    return 3600 * hours or None


def turn_seconds() -> float | None:
    """How long a training works before it gives way to those of others; None if it never does.

    ``DRAW_RUNS_TURN_MINUTES`` says so in minutes, by default 15; with 0 they wait for its end.

    Raises:
        QuotaError: if it is no number.
    """
    return 60 * _number(_MINUTES, TURN_MINUTES, "minutes") or None


def _number(name: str, usual: float, unit: str) -> float:
    try:
        return number_variable(name, usual, unit)
    except SettingError as error:
        raise QuotaError(str(error)) from error


def check_time(config: RunConfig, done: Status | None = None, root: Path | None = None) -> None:
    """Makes sure that a training works no longer than ``DRAW_RUNS_MAX_HOURS``.

    How long it will take is known from its own speed or that of earlier runs; where there are none,
    from a speed that hardly a processor reaches.

    Args:
        done: how far it is already.

    Raises:
        QuotaError: if it would, or has; the message says what to do.
    """
    limit = max_seconds()
    if limit is None:
        return
    allowed = f"the owner of this server lets one training work {spoken(limit)}"
    elapsed = done.elapsed_s if done else 0.0
    if elapsed >= limit:
        raise QuotaError(
            f"This training has worked {spoken(elapsed)} and is saved; {allowed}. Start one that "
            "takes less time."
        )
    model, training = config.model, config.training
    speed = measured(model, list_runs(root or runs_root()))
    about = "about"
    if speed is None and not (has_gpu() or variable("DRAW_SCHEDULER")):
        speed = Measured(_FASTEST / model.flops_per_image(), model, training.precision)
        about = "at least" if training.seconds is None else "about"
    step, seconds = (done.step, done.seconds) if done else (0, 0.0)
    left = seconds_needed(model, training, speed, step=step, seconds=seconds)
    if left is not None and elapsed + left > limit:
        raise QuotaError(
            f"This training would take {about} {spoken(elapsed + left)}, and {allowed}. Choose "
            "a preset that takes less time, or fewer updates."
        )


def check_unfinished(owner: str | None, root: Path, besides: str = "") -> None:
    """Makes sure that this user may have one more unfinished run.

    Args:
        besides: the id of a run that is not counted.

    Raises:
        QuotaError: if they have too many.
    """
    mine = [e for e in _runs_of(owner, root) if e.id != besides and e.status]
    unfinished = [e for e in mine if e.status and e.status.state in UNFINISHED]
    if len(unfinished) >= UNFINISHED_PER_OWNER:
        raise QuotaError(
            f"You have {len(unfinished)} trainings that are not finished; wait for one or stop one."
        )


def check_number(owner: str | None, root: Path) -> None:
    """Makes sure that this user may have one more run.

    Raises:
        QuotaError: if they have too many.
    """
    mine = _runs_of(owner, root)
    if len(mine) >= RUNS_PER_OWNER:
        raise QuotaError(f"You have {len(mine)} trainings; delete one to begin another.")


def _runs_of(owner: str | None, root: Path) -> list[RunEntry]:
    if owner is None:
        return []
    return [e for e in list_runs(root) if e.config and e.config.owner == owner]


def check_queue_length(queued: int) -> None:
    """Makes sure that one more run may be queued.

    Raises:
        QuotaError: if the queue is full.
    """
    if queued >= QUEUE_LENGTH:
        raise QuotaError(
            f"{queued} trainings are waiting already; try again when some have finished."
        )


def check_disk(root: Path | None = None) -> None:
    """Makes sure that there is room for a new run.

    ``DRAW_RUNS_MAX_GB`` sets the largest size of all runs together in gigabytes, by default 20.

    Raises:
        QuotaError: if the disk or the folder of all runs is full, or the variable holds no number.
    """
    root = root or runs_root()
    place = next(p for p in (root, *root.resolve().parents) if p.exists())
    if shutil.disk_usage(place).free < MIN_FREE_BYTES:
        raise QuotaError("Less than 1 GB of disk is free; delete trainings or other files first.")
    largest = _number("DRAW_RUNS_MAX_GB", MAX_RUNS_GB, "gigabytes")
    if sum(_size(path) for path in _files(root)) > largest * 1e9:
        raise QuotaError(
            f"The trainings take up more than {largest:g} GB; delete some of them first."
        )


def prune(root: Path | None = None, now: float | None = None) -> list[str]:
    """Deletes runs by the rule above; returns their ids.

    Folders that a killed process left half made or half deleted go too.
    """
    root, now = root or runs_root(), time.time() if now is None else now
    _remove_leftovers(root, now)
    entries = [e for e in list_runs(root) if _is_prunable(e)]  # newest first
    deleted = []
    for place, entry in enumerate(entries):
        assert entry.status is not None
        run = Run(root / entry.id)
        age_days = (now - entry.status.updated) / 86_400
        old = age_days > PRUNE_AFTER_DAYS or place >= KEPT_RUNS
        if old and not is_claimed(run.folder):
            with contextlib.suppress(RunError):  # the others still go
                run.delete()
                deleted.append(entry.id)
    return deleted


def _is_prunable(entry: RunEntry) -> bool:
    if entry.config is None or entry.status is None or entry.config.kept:
        return False
    return entry.status.state not in UNFINISHED and entry.status.worker is None


def _remove_leftovers(root: Path, now: float) -> None:
    if not root.is_dir():
        return
    for path in root.iterdir():
        if path.name.startswith((".new-", ".deleted-")):
            with contextlib.suppress(OSError):  # another server has removed it
                if now - path.stat().st_mtime > 3600:
                    shutil.rmtree(path, ignore_errors=True)


def _files(folder: Path) -> list[str]:
    return [
        os.path.join(place, name)  # noqa: PTH118 - as os.walk gives it
        for place, _, names in os.walk(folder)
        for name in names
    ]


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
