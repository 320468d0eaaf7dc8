"""Where runs are trained: in order, outside the process that asks for it, on Dask. No torch.

The queue is in the run folders themselves (state ``queued``, ordered by ``Status.queued``), so
it outlives every process. A thread of the server, the dispatcher, hands the next run to Dask
when a worker is free, and puts a run whose worker has died at the head of the queue again.

By default there is one worker, a process of this server that is started with the first job and ends
with the server, however that ends. ``DRAW_SCHEDULER=tcp://host:8786`` sends the runs to a cluster
instead, one at a time to each of its workers:

- Every worker and server must find the same folders of runs and data under the same paths, as
  absolute paths in ``DRAW_RUNS_DIR`` and ``DRAW_DATA_ROOT``, on a file system with locks (NFS 4).
- Every worker needs this program (``PYTHONPATH``) and its requirements, in the same versions.
- ``dask scheduler --host HOST`` starts the scheduler and
  ``dask worker tcp://HOST:8786 --nthreads 1 --no-nanny --preload draw_core.jobs.worker`` a worker.
- Who can reach the scheduler can run any program on the workers: use it in a closed network.

A run of the pages works no longer than ``DRAW_RUNS_MAX_HOURS``. After ``DRAW_RUNS_TURN_MINUTES``
it gives way to the runs of others who wait: it is saved, waits behind them as ``queued`` with
``Status.gave_way``, and goes on bit for bit. What a page should say in each state:

- ``queued``: its place and :func:`expected_wait`; with ``gave_way`` that it is paused for others
  and goes on by itself; with a fault of :func:`cluster_status` why it cannot begin.
- ``running``: how long it will take, and if others wait that it gives way to them after its turn.
- ``paused``, ``stopped``: that it is saved and whose wish that was: ``Status.message`` says so
  where it was not the user's. ``failed``: ``Status.message``.

Several servers may share one folder of runs: a run is trained by whoever claims it first.
Everything here may be called from any thread.
"""

import dataclasses
import threading
import time
from dataclasses import dataclass
from typing import Literal, Unpack

from draw_core.base.environment import variable
from draw_core.jobs.dispatcher import Dispatcher
from draw_core.jobs.pending import interrupted, release, wait_of, waiting
from draw_core.runs.config import UNFINISHED
from draw_core.runs.control import Wishes
from draw_core.runs.files import Claimed, claim
from draw_core.runs.limits import (
    QuotaError,
    check_queue_length,
    check_quota,
    check_time,
    check_unfinished,
    prune,
    turn_seconds,
)
from draw_core.runs.registry import Run, RunError, runs_root

__all__ = ["ClusterStatus", "QuotaError", "check_quota", "check_time", "cluster_status"]
__all__ += [
    "expected_wait",
    "place",
    "prune",
    "queue",
    "request",
    "resume_interrupted",
    "shutdown",
    "submit",
    "warm_up",
]

_BUSY = "This run is being trained already."

_lock = threading.RLock()
_dispatcher: Dispatcher | None = None


@dataclass(frozen=True)
class ClusterStatus:
    """The workers, as far as this server uses them.

    Attributes:
        kind: ``"none"`` before the first job, ``"embedded"`` or ``"remote"``.
        address: of the scheduler, or None.
        workers: how many there are.
        running: ids of the runs that were handed to them and are not done.
        fault: why there are no workers, one sentence, or None.
        pids: processes of an embedded cluster: scheduler, worker.
    """

    kind: Literal["none", "embedded", "remote"]
    address: str | None = None
    workers: int = 0
    running: tuple[str, ...] = ()
    fault: str | None = None
    pids: tuple[int, ...] = ()


def submit(run: Run) -> None:
    """Puts a new, stopped or failed run at the end of the queue, to go on where it was.

    Raises:
        QuotaError: if the queue is full, the run's owner has too many unfinished runs, or the run
            would work longer than it may.
        RunError: if the run is finished, was deleted, or is being trained now.
    """
    status = run.status()
    if status.state != "queued":
        if status.worker is not None and status.state in UNFINISHED:
            raise RunError(_BUSY)
        _enqueue(run, resume=True)
    _dispatch().wake()


def request(run: Run, **wishes: Unpack[Wishes]) -> None:
    """Asks a run for something, be it in training, in the queue or put aside.

    A run in training acts within one step. One that waits is paused or stopped in its place; one
    that left its worker while paused is queued again by ``resume`` or ``step``, and so is one that
    was stopped or has failed.

    Raises:
        QuotaError: if the run would be queued and may not be; see :func:`submit`.
        RunError: if the run was deleted, or what is asked cannot be.
    """
    run.request(**wishes)
    state = run.status().state
    if (wishes.get("resume") or wishes.get("step")) and state in ("stopped", "failed"):
        _enqueue(run, resume=False)
    release(run)  # what it can do without a worker, at once
    if run.stored_status().queued is not None and state != "finished":
        _dispatch().wake()


def _enqueue(run: Run, resume: bool) -> None:
    check_unfinished(run.config().owner, runs_root(), besides=run.id)
    check_queue_length(len(queue()))
    check_time(run.config(), run.status())
    try:
        with claim(run.folder):
            status = run.stored_status()
            if status.state == "finished":
                raise RunError("This run is finished; restart it to train it again.")
            if resume:
                run.request(resume=True)
            run.write_status(
                dataclasses.replace(
                    status, state="queued", queued=time.time(), message="", gave_way=False
                )
            )
    except Claimed as error:
        raise RunError(_BUSY) from error
    except OSError as error:
        raise RunError(f"The run cannot be queued ({error.strerror or error}).") from error


def queue() -> list[str]:
    """The ids of the runs that wait for a worker, the next one first."""
    return [run.id for run in waiting(runs_root())]


def place(run_id: str) -> int | None:
    """The place of a run in the queue: 1 is the next one. None if it does not wait."""
    ids = queue()
    return ids.index(run_id) + 1 if run_id in ids else None


def expected_wait(run_id: str) -> float | None:
    """About how many seconds a run waits until it trains: 0 if it does already.

    None if it neither waits nor trains, or if nobody can know. The runs before it take what they
    need, but no more than one turn each, after which they give way.
    """
    return wait_of(run_id, runs_root(), max(1, cluster_status().workers), _turn_s())


def _turn_s() -> float | None:
    try:
        return turn_seconds()
    except QuotaError:
        return None


def resume_interrupted() -> list[str]:
    """Goes on with what an earlier server left queued or in training; returns those ids.

    To be called once by each server, at its start. Runs that another process trains are left
    alone, unless it ends before they do: the worker of a server that was killed may still be about
    to save. Runs of the command line are left alone too.
    """
    found, watched = interrupted(runs_root())
    if watched:
        _dispatch().wake()
    return found


def warm_up() -> None:
    """Starts the workers in the background, so that the first job need not wait for that.

    They take about 0.7 GB and end by themselves after ten minutes without work. Those of another
    cluster need no such thing.
    """
    if not variable("DRAW_SCHEDULER"):
        _dispatch().warm_up()


def cluster_status() -> ClusterStatus:
    """What the workers are doing."""
    with _lock:
        dispatcher = _dispatcher
    if dispatcher is None:
        return ClusterStatus("none")
    cluster = dispatcher.cluster
    if cluster is None:
        return ClusterStatus("none", fault=dispatcher.fault)
    return ClusterStatus(
        kind="embedded" if cluster.own else "remote",
        address=cluster.address,
        workers=cluster.workers(),
        running=tuple(dispatcher.running()),
        fault=dispatcher.fault,
        pids=tuple(cluster.own.pids() if cluster.own else ()),
    )


def shutdown() -> None:
    """Ends the embedded cluster, or disconnects from another one; runs in training are saved.

    They stay queued for the next server. The next job starts everything again.
    """
    global _dispatcher
    with _lock:
        dispatcher, _dispatcher = _dispatcher, None
    if dispatcher is not None:
        dispatcher.close()


def _dispatch() -> Dispatcher:
    global _dispatcher  # noqa: PLW0603 - one for each process
    with _lock:
        if _dispatcher is None or not _dispatcher.alive:
            _dispatcher = Dispatcher(runs_root(), variable("DRAW_SCHEDULER"))
        return _dispatcher
