"""Kills what trains, at random moments, and says how much was lost: ``python -m benchmarks.kills``.

A run is trained as the page trains it: by a server, its scheduler and its worker. Again and again
one of them gets a ``kill -9``, or all at once, every third time while a checkpoint is being
written; a server that was killed is started anew. Printed are how many times the run went on, and
the most seconds of training that were lost.
"""

import argparse
import contextlib
import dataclasses
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from draw_core.runs.config import RunConfig
from draw_core.runs.registry import TRAINING, Run, create_run
from draw_core.store.checkpoint import load_tensors

ROOT = Path(__file__).resolve().parents[1]
VICTIMS = ("server", "worker", "scheduler", "all")
# Between the return of a run and the next kill: about the time between two checkpoints.
_LONGEST_WAIT_S = 6.0
_PATIENCE_S = 180.0
_SERVER = """
import sys
from draw_core import jobs
from draw_core.runs.registry import find_run
jobs.resume_interrupted()
run = find_run(sys.argv[1])
if run.stored_status().queued is None:
    jobs.submit(run)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Kill:
    """What came of one: whether the run went on, and the seconds of training it had lost.

    At most ``lost_s`` seconds, the time since its last report included, in which the worker of a
    busy machine may have done nothing; of those reported ``reported_s`` were lost.
    """

    victim: str
    while_saving: bool
    resumed: bool
    lost_s: float
    reported_s: float


class Victim:
    """A run and the processes that train it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server, unless it lives."""
        if self.server is None or self.server.poll() is not None:
            self.close()
            self.server = subprocess.Popen(
                [sys.executable, "-c", _SERVER, self.run.id],
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "DRAW_RUNS_DIR": str(self.run.folder.parent),
                },
                stdin=subprocess.PIPE,
                start_new_session=True,
            )

    def close(self) -> None:
        """Kills the server."""
        if self.server is not None:
            self.server.kill()
            self.server.communicate()

    def processes(self) -> dict[str, psutil.Process]:
        """Server, scheduler and worker, as far as they live."""
        assert self.server is not None
        found = {"server": psutil.Process(self.server.pid)}
        worker = (self.run.stored_status().worker or "").rpartition(":")[2]
        for child in found["server"].children():
            if "draw_core.jobs.member" in child.cmdline():
                found["worker" if str(child.pid) == worker else "scheduler"] = child
        return found

    def trains(self) -> bool:
        """Whether it makes updates, and has saved some since a worker died."""
        status = self.run.stored_status()
        return status.state == "running" and status.deaths == 0 and len(self.processes()) == 3

    def saves(self) -> bool:
        """Whether a checkpoint is being written at this moment."""
        return any(self.run.folder.glob(f".{TRAINING}*"))

    def kill(self, victim: str, *, while_saving: bool, wait_s: float) -> Kill:
        """Kills one or all of them; returns when the run trains again."""
        _until(self.trains, "it trains")
        time.sleep(wait_s)
        processes = self.processes()
        if while_saving:
            _until(self.saves, "it saves", every_s=0.0)
        status, now = self.run.stored_status(), time.time()
        trained = status.seconds + max(0.0, now - status.updated)
        for name, process in processes.items():
            if victim in (name, "all"):
                process.kill()
        if victim in ("server", "all"):
            self.close()  # so that it is known to be dead
        worker = processes["worker"]
        _until(lambda: not _lives(worker), "the worker has ended")
        saved = load_tensors(self.run.folder / TRAINING)
        step = int(saved["step"])
        self.start()

        def goes_on() -> bool:
            status = self.run.stored_status()
            at_work = status.worker and not status.worker.endswith(f":{worker.pid}")
            return status.state == "running" and bool(at_work) and status.step > step

        resumed = True
        try:
            _until(goes_on, "it goes on")
        except TimeoutError:
            resumed = False
        lost_s, reported_s = (
            max(0.0, s - float(saved["seconds"])) for s in (trained, status.seconds)
        )
        return Kill(victim, while_saving, resumed, lost_s, reported_s)


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _until(condition: Callable[[], bool], what: str, every_s: float = 0.05) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(psutil.NoSuchProcess):
            if condition():
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {_PATIENCE_S:.0f} s")
        time.sleep(every_s)


def kills(run: Run, seed: int) -> Iterator[Kill]:
    """One after another without an end; what has trained is killed when nobody asks any more."""
    chance, victim = random.Random(seed), Victim(run)
    try:
        victim.start()
        for number, who in enumerate(itertools.cycle(VICTIMS)):
            wait_s = chance.uniform(0.0, _LONGEST_WAIT_S)
            yield victim.kill(who, while_saving=number % 3 == 2, wait_s=wait_s)
    finally:
        victim.close()


def new_run(root: Path, data: str, data_root: Path | None, model: DrawConfig) -> Run:
    """A run that does not end by itself."""
    training = TrainConfig(steps=10**7, batch_size=64, learning_rate=1e-3)
    config = RunConfig(
        name="kills",
        data=data,
        model=model,
        training=training,
        threads=1,
        data_root=str(data_root.resolve()) if data_root else None,
    )
    return create_run(config, root)


def main() -> None:
    """Prints a line for each kill, and the two figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=60.0, help="end after so many at most")
    parser.add_argument("--data", default="strokes")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = dataclasses.replace(PRESETS["one-minute"].model, initial_canvas="blank")
    found: list[Kill] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        run = new_run(Path(root), options.data, None, model)
        for kill in itertools.islice(kills(run, options.seed), options.kills):
            found.append(kill)
            how = " while it saved" if kill.while_saving else ""
            end = f"resumed, {kill.lost_s:.1f} s lost" if kill.resumed else "NOT RESUMED"
            print(f"{len(found):3} {kill.victim}{how}: {end}", flush=True)
            if not kill.resumed or time.monotonic() - began > 60 * options.minutes:
                break
    resumed = sum(kill.resumed for kill in found)
    lost = max((kill.lost_s for kill in found), default=0.0)
    print(f"{resumed} of {len(found)} resumed; at most {lost:.1f} s of training lost")


if __name__ == "__main__":
    main()
