"""A Dask scheduler and one worker of our own: two processes that end with this one.

They are in a session of their own, so that Ctrl-C in the server's terminal reaches the server
alone, which then lets the worker save before it ends it. Nothing here waits for longer than it is
told to, whatever state the processes are in.

Whoever reaches a scheduler can run programs as its user. So both listen on the loopback only, and
accept only those who have the credentials, which are made anew each time and which only the server
and these two processes have.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from draw_core.data.drawn import strokes
from draw_core.jobs import settings
from draw_core.jobs.worker import SAVING_S, SCRATCH, SERVER_PID

_PRELOAD = "draw_core.jobs.worker"
_KILLED_S = 2.0
_POLL_S = 0.02


class Embedded:
    """A scheduler and a worker of one thread, which listen on 127.0.0.1 only.

    Beside them, for seconds and where it is asked for, a process that draws the strokes.

    Every method may be called from any thread.
    """

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []  # scheduler, worker
        self._painter: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._scratch: Path | None = None
        self._ended = False
        self._told = False  # the worker, to end

    def begin(self) -> None:
        """Starts both, which takes them a second; :meth:`connect` tells them what they are.

        Raises:
            OSError, RuntimeError: if that is not possible or :meth:`kill` was called.
        """
        # Only this user can read or write here. Both import modules from their folders in it.
        self._scratch = Path(tempfile.mkdtemp(prefix="draw-"))
        for _ in range(2):
            self._spawn(self._scratch)

    def connect(self, credentials: dict[str, Any], seconds: float) -> str:
        """Tells both what they are; returns the scheduler's address, where the worker registers.

        Args:
            credentials: those of :class:`distributed.security.Security`, by their names.

        Raises:
            OSError, RuntimeError, TimeoutError: if that is not possible or :meth:`kill` was called.
        """
        deadline = time.monotonic() + seconds
        assert self._scratch is not None
        file = self._scratch / "scheduler.json"
        local = {
            "host": "127.0.0.1",
            "security": credentials,
            "preload": [_PRELOAD],
            "dashboard": False,
        }
        scheduler, worker = self._processes
        options = {**local, "port": 0, "scheduler_file": str(file)}
        _tell(scheduler, "SilentScheduler", options)
        while (address := _address(file)) is None:
            if scheduler.poll() is not None:
                raise RuntimeError(f"the scheduler ended with code {scheduler.returncode}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"the scheduler was not there within {seconds:.0f} s")
            time.sleep(_POLL_S)
        # Without a nanny: its death is our affair, see jobs.
        options = {**local, "nthreads": 1, "memory_limit": 0}
        _tell(worker, "SilentWorker", options, address)
        return address

    def draw_strokes(self) -> None:
        """Draws that data set in a process of its own, unless it is there."""
        if strokes.are_made():
            return
        with self._lock, contextlib.suppress(OSError):  # else the first run draws them
            if not self._ended:
                code = "from draw_core.data.drawn.strokes import make_files; make_files()"
                self._painter = subprocess.Popen(  # noqa: S603 - this Python and the line above
                    [sys.executable, "-c", code],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                    start_new_session=True,
                )

    @property
    def alive(self) -> bool:
        """Whether both processes live."""
        if self._painter is not None:
            self._painter.poll()  # when it has ended, nothing of it may be left
        return len(self.pids()) == 2

    def pids(self) -> list[int]:
        """Of those that live: scheduler, then worker."""
        return [process.pid for process in self._processes if process.poll() is None]

    def end_worker(self) -> None:
        """Lets the worker save the run that it trains; kills it if that takes too long.

        Nothing can be started any more.
        """
        with self._lock:
            self._ended = True
            first, self._told = not self._told, True
        if self._painter is not None:
            _kill(self._painter)  # the worker may be waiting for it
        for worker in self._processes[1:]:
            if first:  # Dask takes a second signal for impatience
                with contextlib.suppress(OSError):
                    worker.send_signal(signal.SIGTERM)
            _wait(worker, SAVING_S)
            _kill(worker)

    def kill(self) -> None:
        """Kills what still lives, at once, and lets nothing be started any more."""
        with self._lock:
            self._ended = True
        for process in (self._painter, *reversed(self._processes)):
            if process is not None:
                _kill(process)
        for process in self._processes:
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _spawn(self, scratch: Path) -> None:
        with self._lock:
            if self._ended:
                raise RuntimeError("this server ends")
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "draw_core.jobs.member"],
                    stdin=subprocess.PIPE,
                    env={**_environment(), SCRATCH: str(scratch)},
                    start_new_session=True,
                )
            )


def _tell(
    process: "subprocess.Popen[bytes]", cls: str, options: dict[str, Any], *arguments: str
) -> None:
    """Says what a process is to be.

    Raises:
        OSError: if it has ended.
    """
    spec = {"cls": f"draw_core.jobs.silent.{cls}", "opts": options, "arguments": arguments}
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(spec).encode() + b"\n")


def _address(file: Path) -> str | None:
    """Of a scheduler that has written its file."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError):
        return None  # not there yet, or half of it


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """With the processes that it has started, such as compilers."""
    group: Callable[[int, int], None] = getattr(os, "killpg", os.kill)
    with contextlib.suppress(OSError):
        if process.poll() is None:
            group(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    _wait(process, _KILLED_S)


def _environment() -> dict[str, str]:
    """What the processes inherit: who owns them, and our code."""
    root = str(Path(__file__).resolve().parents[2])
    return {
        **settings.environment_without(),
        SERVER_PID: str(os.getpid()),
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
    }
