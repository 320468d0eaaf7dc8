"""All runs: the folder of their folders. No torch."""

import contextlib
import dataclasses
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from draw_core.base.environment import path_variable
from draw_core.runs.config import UNFINISHED, RunConfig, RunState, Status
from draw_core.runs.control import Control, write_control
from draw_core.runs.files import replace_file
from draw_core.runs.history import History
from draw_core.runs.run import CONFIG, STATUS, TRAINING, Run, RunError

__all__ = [
    "CONFIG",
    "NO_RUN",
    "STATUS",
    "TRAINING",
    "UNFINISHED",
    "History",
    "Run",
    "RunConfig",
    "RunEntry",
]
__all__ += ["RunError", "RunState", "Status", "create_run", "find_run", "is_run_id", "list_runs"]
__all__ += ["runs_root"]

NO_RUN = "There is no such run; it may have been deleted."


@dataclass(frozen=True)
class RunEntry:
    """One folder in the list of runs: what it holds, or the fault that keeps it from being used."""

    id: str
    config: RunConfig | None
    status: Status | None
    fault: str | None


def runs_root() -> Path:
    """Where runs are: ``DRAW_RUNS_DIR``, else ``runs`` in the project's own folder.

    Raises:
        SettingError: if the variable cannot be used.
    """
    return path_variable("DRAW_RUNS_DIR") or Path(__file__).resolve().parents[2] / "runs"


def create_run(
    config: RunConfig,
    root: Path | None = None,
    folder: Path | None = None,
    status: Status | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Run:
    """Makes the folder of a new run, which waits as ``stopped`` until it is submitted or executed.

    Args:
        root: folder of all runs; :func:`runs_root` if it is None.
        folder: the run's own folder instead, which must not exist or be empty.
        status: another one to begin with.
        files: what else is to be in the folder, by name.

    Raises:
        RunError: if the folder cannot be made or already holds something.
    """
    if not config.created:
        config = dataclasses.replace(config, created=time.time())
    root = root or runs_root()
    run_id = time.strftime("%Y%m%d-%H%M%S-", time.localtime(config.created)) + secrets.token_hex(3)
    run = Run(folder or root / run_id)
    # Filled elsewhere, so that nobody ever sees half a run.
    fresh = run.folder.with_name(f".new-{secrets.token_hex(6)}")
    try:
        fresh.mkdir(parents=True)
        replace_file(fresh / CONFIG, config.to_json().encode())
        write_control(fresh, Control())
        for name, content in (files or {}).items():
            replace_file(fresh / name, content)
        Run(fresh).write_status(status or Status("stopped", message="Not started yet."))
        if run.folder.is_dir():
            run.folder.rmdir()  # refuses one that holds something
        fresh.rename(run.folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if run.folder.exists():
            raise RunError(
                f"{run.folder} already holds something; choose another folder."
            ) from error
        raise RunError(
            f"The run cannot be made in {run.folder.parent} ({error.strerror or error})."
        ) from error
    return run


def find_run(run_id: str, root: Path | None = None) -> Run:
    """The run of that id, which may come from an address.

    Raises:
        RunError: if there is none.
    """
    run = Run((root or runs_root()) / run_id) if is_run_id(run_id) else None
    if run is None or not (run.folder / CONFIG).is_file():
        raise RunError(NO_RUN)
    return run


def list_runs(root: Path | None = None) -> list[RunEntry]:
    """Every run, newest first, then the folders that hold none, each with its fault."""
    entries: list[RunEntry] = []
    with contextlib.suppress(OSError):
        folders = [f for f in (root or runs_root()).iterdir() if is_run_id(f.name) and f.is_dir()]
        entries = [_entry(Run(folder)) for folder in sorted(folders)]
    return sorted(entries, key=lambda e: e.config.created if e.config else 0.0, reverse=True)


def _entry(run: Run) -> RunEntry:
    try:
        config = run.config()
        return RunEntry(run.id, config, run.status(), None)
    except RunError as error:
        return RunEntry(run.id, None, None, str(error))


def is_run_id(name: str) -> bool:
    """Whether this can be the id of a run: a name of a folder that leads nowhere else."""
    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", name) is not None
