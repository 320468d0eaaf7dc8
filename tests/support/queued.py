"""What tests do with runs in the queue."""

import psutil

from draw_core import jobs
from draw_core.runs.control import Control, write_control
from draw_core.runs.registry import Run
from tests.support.tiny_runs import wait_for

LONG = 1800  # updates, of which a fast machine makes some hundreds in a second


def submit_until(run: Run, step: int) -> None:
    """Queues a run that pauses at a step."""
    write_control(run.folder, Control(pause_at=step - 1))
    jobs.request(run, step=True)


def wait(run: Run, *states: str) -> None:
    wait_for(lambda: run.status().state in states, lambda: f"{run.status()}\n{run.log()}")


def pid_of(run: Run) -> int:
    return int(run.stored_status().worker.rpartition(":")[2])


def threads_of(pid: int) -> list[int]:
    return [thread.id for thread in psutil.Process(pid).threads()]


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
