"""The thread of a server that hands queued runs to Dask and picks up those whose worker died."""

import atexit
import contextlib
import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from draw_core.jobs.pending import give_up, managed, pick_up, release, waiting
from draw_core.runs.config import Status
from draw_core.runs.control import change_control
from draw_core.runs.files import Claimed, is_claimed
from draw_core.runs.limits import QuotaError, max_seconds, prune, turn_seconds
from draw_core.runs.registry import Run, RunError

if TYPE_CHECKING:
    from draw_core.jobs.cluster import Cluster

# A run that is paused for longer leaves its worker when others wait for one.
GIVE_WAY_S = 60.0
# Without work an embedded cluster is ended after this time; the next job starts another.
IDLE_S = 600.0
# How often a run is handed out without getting any further.
_MAX_ATTEMPTS = 4
_TICK_S, _IDLE_TICK_S = 0.5, 2.0
_PRUNE_EVERY_S = 3600.0
_RETRY_CLUSTER_S = 5.0
# How long Dask may take to disconnect when the server ends.
_DISCONNECT_S = 3.0

_log = logging.getLogger(__name__)


class Dispatcher:
    """One for each server process. All attributes are changed by its own thread only."""

    def __init__(self, root: Path, scheduler: str | None) -> None:
        self.cluster: Cluster | None = None
        self.fault: str | None = None
        self._starting: Cluster | None = None
        self._root, self._scheduler = root, scheduler
        self._futures: dict[str, Any] = {}
        self._attempts: dict[str, tuple[int, int]] = {}  # how many, at which step
        self._paused_since: dict[str, tuple[int, float]] = {}  # at which step, since when
        self._works_since: dict[str, float] = {}  # since when without a rest
        self._next_start = 0.0
        self._last_work = time.monotonic()
        self._next_prune = 0.0
        self._busy, self._warm = True, False
        self._wake, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="draw-dispatcher", daemon=True)
        atexit.register(self._close_at_exit)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive() and not self._ended.is_set()

    def wake(self) -> None:
        """Looks at the queue now."""
        self._wake.set()

    def warm_up(self) -> None:
        """Starts the cluster before there is a run."""
        self._warm = True
        self._last_work = time.monotonic()
        self.wake()

    def running(self) -> list[str]:
        """Ids of the runs that were handed out."""
        return list(self._futures)

    def close(self) -> None:
        """Ends the thread and the cluster; a run in training on an embedded one is saved.

        Takes seconds, also when Dask does not answer: then the thread is left to end with its
        process.
        """
        atexit.unregister(self._close_at_exit)
        self._ended.set()
        self._wake.set()
        cluster = self.cluster or self._starting
        own = cluster.own if cluster is not None else None
        if own is not None:
            own.end_worker()
        if self._thread is not threading.current_thread():
            self._thread.join(_DISCONNECT_S)
        if own is not None:
            own.kill()

    def _close_at_exit(self) -> None:
        with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C; the worker saves by itself
            self.close()

    def _loop(self) -> None:
        while not self._ended.is_set():
            try:
                self._tick()
            except Exception:  # noqa: BLE001 - the queue must go on, whatever one run or the network does
                _log.exception("The queue of runs could not be worked on")
            self._wake.wait(_TICK_S if self._busy else _IDLE_TICK_S)
            self._wake.clear()
        self._close_cluster()

    def _tick(self) -> None:
        if self.cluster is not None and not self.cluster.alive:
            self._close_cluster()
        self._reap()
        if time.monotonic() > self._next_prune:
            self._next_prune = time.monotonic() + _PRUNE_EVERY_S
            prune(self._root)
        runs = managed(self._root)
        self._busy = bool(runs)
        self._note_times(runs)
        for run, status in runs:
            if run.id in self._futures:
                continue
            if status.worker is None:
                release(run)
            elif status.state != "queued" and not is_claimed(run.folder):
                pick_up(run)
        queued = [run for run in waiting(self._root) if run.id not in self._futures]
        if queued or self._warm:
            self._start_cluster()
        if queued and self.cluster is not None and not self._ended.is_set():
            free = self.cluster.workers() - len(self._futures)
            for run in queued[: max(0, free)]:
                self._hand_out(run)
            if len(queued) > free:
                self._ask_to_give_way()
                self._end_turns(queued[max(0, free) :])
        if queued or self._futures:
            self._last_work = time.monotonic()
        elif (
            self.cluster is not None
            and self.cluster.own
            and time.monotonic() - self._last_work > IDLE_S
        ):
            self._close_cluster()

    def _hand_out(self, run: Run) -> None:
        try:
            step, limit_s = run.stored_status().step, max_seconds()
            change_control(run.folder, step, give_way=False)  # its turn begins
        except QuotaError as error:
            give_up(run, str(error))
            return
        except (RunError, OSError, Claimed):
            return
        attempts, at_step = self._attempts.get(run.id, (0, step))
        attempts = attempts + 1 if step <= at_step else 1
        self._attempts[run.id] = (attempts, step)
        if attempts > _MAX_ATTEMPTS:
            give_up(run, "It was tried several times without getting further; see the log.")
            return
        assert self.cluster is not None
        self._works_since.pop(run.id, None)
        self._futures[run.id] = self.cluster.submit(run.folder, limit_s)

    def _reap(self) -> None:
        for run_id, future in list(self._futures.items()):
            if not future.done():
                continue
            del self._futures[run_id]
            run = Run(self._root / run_id)
            if future.status == "finished":
                self._attempts.pop(run_id, None)
            elif future.status == "error":
                self._look_into(run, future)

    def _look_into(self, run: Run, future: Any) -> None:
        from distributed import KilledWorker

        error = future.exception()
        if isinstance(error, KilledWorker):
            return  # found again by its status
        if isinstance(error, RunError):
            _log.info("%s", error)
        else:
            give_up(run, f"The worker cannot train it ({type(error).__name__}: {error}).")

    def _note_times(self, runs: list[tuple[Run, Status]]) -> None:
        """Remembers since when the runs that were handed out train, and wait at which step."""
        now, paused, works = time.monotonic(), self._paused_since, self._works_since
        handed = [(run.id, status) for run, status in runs if run.id in self._futures]
        self._paused_since = {
            run_id: paused[run_id] if paused.get(run_id, (None,))[0] == s.step else (s.step, now)
            for run_id, s in handed
            if s.state == "paused"
        }
        self._works_since = {
            run_id: works.get(run_id, now)
            for run_id, s in handed
            if s.state in ("running", "paused")
        }

    def _ask_to_give_way(self) -> None:
        """Some run waits and no worker is free."""
        for run_id, (step, began) in self._paused_since.items():
            if time.monotonic() - began > GIVE_WAY_S:
                with contextlib.suppress(OSError, Claimed):  # deleted, or busy: the next tick asks
                    change_control(self._root / run_id, step, give_way=True)

    def _end_turns(self, waiting: list[Run]) -> None:
        """Asks those that have trained for long to let the runs of others train."""
        try:
            turn_s = turn_seconds()
        except QuotaError:
            return  # said where somebody begins a training
        if turn_s is None:
            return
        for run_id, began in sorted(self._works_since.items(), key=lambda item: item[1]):
            if time.monotonic() - began <= turn_s:
                return
            run = Run(self._root / run_id)
            other = next((one for one in waiting if _belong_to_two(one, run)), None)
            if other is None:
                continue
            waiting = [one for one in waiting if one is not other]
            with contextlib.suppress(OSError, Claimed):  # deleted, or busy: the next tick asks
                change_control(run.folder, 0, give_way=True)

    def _start_cluster(self) -> None:
        if self.cluster is not None or time.monotonic() < self._next_start:
            self._warm = False
            return
        try:
            from draw_core.jobs.cluster import Cluster

            self._starting = Cluster(self._scheduler)
            if self._ended.is_set():
                return  # close() may have looked before
            if self._warm and self._starting.own is not None:
                self._starting.own.draw_strokes()  # which a first run would wait for
            self._starting.start()
            self.cluster, self.fault = self._starting, None
        except (OSError, RuntimeError, ValueError, TimeoutError, ImportError) as error:
            where = f"at {self._scheduler}" if self._scheduler else "on this computer"
            self.fault = f"No worker could be reached {where} ({error}); it is tried again."
            self._next_start = time.monotonic() + _RETRY_CLUSTER_S
        finally:
            self._starting, self._warm = None, False

    def _close_cluster(self) -> None:
        cluster, self.cluster = self.cluster, None
        self._futures.clear()
        if cluster is not None:
            cluster.close()


def _belong_to_two(one: Run, other: Run) -> bool:
    """Whether two runs have different owners; of those without one each is its own."""
    try:
        owner = one.config().owner
        return owner is None or owner != other.config().owner
    except RunError:
        return False
