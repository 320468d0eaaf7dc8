"""What runs on a Dask worker. Imported by servers too, so torch is imported only by a job.

As ``--preload draw_core.jobs.worker`` it lets a worker save its run when it is closed properly (a
cluster's worker without it loses at most the time since the last checkpoint), and ends the
processes of an embedded cluster with the server that started them.
"""

import asyncio
import contextlib
import importlib
import logging
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal

from draw_core.base.hardware import has_gpu

# Which process an embedded scheduler or worker belongs to.
SERVER_PID = "DRAW_SERVER_PID"
# A folder that is removed with it.
SCRATCH = "DRAW_SCRATCH"
# How long a process that is to close may take for saving.
SAVING_S = 10.0
# How long Dask may take afterwards to end a worker of an embedded cluster.
_CLOSING_S = 1.0
_WATCH_EVERY_S = 0.5

_leaving = threading.Event()
_idle = threading.Event()
_idle.set()


def run_job(folder: str, limit_s: float | None = None) -> str:
    """Trains one run as far as it goes, for so long in all; returns its last state.

    Raises:
        RunError: if another process trains it or it was deleted.
    """
    from draw_core.runs.execution import execute

    def leave() -> Literal["queued"] | None:
        return "queued" if _leaving.is_set() else None

    _idle.clear()
    try:
        return execute(Path(folder), download=True, leave=leave, limit_s=limit_s).state
    finally:
        _idle.set()


def dask_setup(server: Any) -> None:
    """Called by Dask when a scheduler or worker has started."""
    pid = os.environ.get(SERVER_PID)
    if pid:
        threading.Thread(target=_watch, args=(int(pid),), daemon=True).start()
        if type(server).__name__.endswith("Worker"):
            # The first job need not wait for it that long. On Linux it runs at full speed, because
            # the thread began before.
            threading.Thread(target=_import, daemon=True).start()
            _yield_to_pages()
            _limit_memory()


def _import() -> None:
    for module in ("draw_core.runs.execution", "torchvision.datasets"):
        importlib.import_module(module)


async def dask_teardown(_server: Any) -> None:
    """Called by Dask when it closes: the run that is being trained is saved."""
    _leave()
    deadline = time.monotonic() + SAVING_S
    while not _idle.is_set() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    if SERVER_PID in os.environ:
        # Dask would say goodbye to a scheduler that may be gone or stuck.
        timer = threading.Timer(_CLOSING_S, _exit, (0,))
        timer.daemon = True
        timer.start()


def _leave() -> None:
    _leaving.set()
    if SERVER_PID in os.environ:
        # The scheduler leaves too, of which Dask would print a traceback.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)


def _watch(server: int) -> None:
    """Closes this process when its server is gone, however that died."""
    while os.getppid() == server:  # a dead parent's children are given to another process
        time.sleep(_WATCH_EVERY_S)
    _leave()
    with contextlib.suppress(OSError):
        os.kill(os.getpid(), signal.SIGTERM)
    _idle.wait(SAVING_S)
    time.sleep(2.0)
    _exit(1)


def _exit(code: int) -> None:
    """At once, but with nothing left behind if the server cannot remove it any more."""
    shutil.rmtree(os.environ[SCRATCH], ignore_errors=True)
    os._exit(code)


def _yield_to_pages() -> None:
    """Lets the server and the browsers of this machine go first.

    Pages stay quick while a job trains, which takes what they leave. On the command line and on
    the workers of another cluster nobody waits for pages.
    """
    if sys.platform != "win32":
        os.nice(10)  # of this thread and all that it starts from here on


def _limit_memory() -> None:
    """Lets a job that asks for more than the machine has fail by itself.

    Otherwise the system would choose which process to kill. Not with a GPU, whose driver reserves
    far more than it uses.
    """
    if sys.platform != "linux" or has_gpu():
        return
    import resource

    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = int(0.85 * total)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
