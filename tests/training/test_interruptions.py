"""A run that is paused, stopped, killed, taken over or deleted goes on as if nothing had been."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from draw_core.runs import session
from draw_core.runs.control import Control, write_control
from draw_core.runs.execution import MAX_DEATHS, execute
from draw_core.runs.registry import create_run
from draw_core.runs.reporting import Reporter
from draw_core.runs.run import RunError
from draw_core.store.checkpoint import (
    load_card,
)
from tests.support import process, tiny_runs


@pytest.mark.parametrize("stops", [[0], [1], [5], [3, 4, 11]])
def test_stopped_and_continued_equals_uninterrupted(new, whole, stops):
    run, steps = new(), []
    for stop in stops:
        observer = tiny_runs.At(**{f"_{stop}": lambda: run.request(stop=True)})
        if stop == 0:
            run.request(stop=True)
        status = execute(run.folder, observer=observer)
        assert (status.state, status.step, status.worker) == ("stopped", stop, None)
        steps += observer.steps
        run.request(resume=True)
    observer = tiny_runs.At()
    assert execute(run.folder, observer=observer).state == "finished"
    assert steps + observer.steps == list(range(1, tiny_runs.STEPS + 1))
    tiny_runs.same_training(run, whole)
    assert run.status().retries == 0


def test_paused_single_stepped_and_resumed_equals_uninterrupted(new, whole, monkeypatch):
    run = new()
    seen = []

    def look(_seconds: float) -> None:  # the run sleeps where it is paused
        status = run.status()
        seen.append((status.state, status.step))
        assert load_card(run.folder).steps == status.step
        assert run.samples() is not None
        if status.step < 6:
            run.request(step=True)
        else:
            run.request(resume=True)

    monkeypatch.setattr(session.time, "sleep", look)
    observer = tiny_runs.At(_3=lambda: run.request(pause=True))
    status = execute(run.folder, observer=observer)
    assert seen == [("paused", 3), ("paused", 4), ("paused", 5), ("paused", 6)]
    assert (status.state, observer.steps) == ("finished", list(range(1, tiny_runs.STEPS + 1)))
    tiny_runs.same_training(run, whole)


def test_a_pause_does_not_count_as_time_at_work(new, monkeypatch):
    run = new()
    run.request(pause=True)
    slept: list[float] = []
    clock = time.monotonic

    def sleep(_seconds: float) -> None:  # an hour, on a clock that is put forward
        slept.append(run.status().elapsed_s)
        if len(slept) == 30:
            run.request(resume=True)

    monkeypatch.setattr(session.time, "sleep", sleep)
    monkeypatch.setattr(session.time, "monotonic", lambda: clock() + 3600 * len(slept))
    monkeypatch.setattr("draw_core.runs.reporting._HEARTBEAT_S", 0.0)
    execute(run.folder)
    assert len(slept) == 30
    assert slept[-1] - slept[1] < 3600  # of 28 hours


def test_the_scale_of_the_learning_rate_lasts_over_a_stop(new):
    whole_run, run = new(), new()
    whole_run.request(learning_rate_scale=0.5)
    execute(whole_run.folder)
    run.request(learning_rate_scale=0.5)
    execute(run.folder, observer=tiny_runs.At(_5=lambda: run.request(stop=True)))
    run.request(resume=True)
    execute(run.folder)
    tiny_runs.same_training(run, whole_run)


def _rates(run) -> dict[int, float]:
    lines = [json.loads(line) for line in (run.folder / "metrics.jsonl").read_text().splitlines()]
    return {line["step"]: line["learning_rate"] for line in lines if line.get("loss")}


@pytest.fixture
def each_step_is_a_line(monkeypatch):
    """Metrics are not averaged."""
    monkeypatch.setattr("draw_core.runs.history._FIRST_INTERVAL_S", 0.0)
    monkeypatch.setattr("draw_core.runs.history._INTERVAL_GROWTH", 0.0)


def test_the_learning_rate_changes_at_the_very_next_step(new, each_step_is_a_line):
    plain, run = new(), new()
    execute(plain.folder)
    execute(run.folder, observer=tiny_runs.At(_5=lambda: run.request(learning_rate_scale=0.5)))
    rates, usual = _rates(run), _rates(plain)
    assert list(rates) == list(range(1, tiny_runs.STEPS + 1))
    for step, rate in rates.items():
        assert rate == pytest.approx(usual[step] * (0.5 if step > 5 else 1), rel=1e-4)


# Trains the folders that it is told of, and kills itself after step 9 of those it is told to.
OTHER = """
import os, signal, sys, pathlib, torch
from draw_core.runs import execution, history
from draw_core.runs.registry import RunError
history._FIRST_INTERVAL_S = history._INTERVAL_GROWTH = 0.0
class Kill(execution.Observer):
    def trained(self, metrics, status):
        if metrics.step == 9: os.kill(os.getpid(), signal.SIGKILL)
print("ready", flush=True)
for line in sys.stdin:
    what, folder = line.split(maxsplit=1)
    observer = Kill() if what == "kill" else None
    try: print(execution.execute(pathlib.Path(folder.strip()), observer=observer).state, flush=True)
    except RunError as error: print(error, flush=True)
"""


@pytest.fixture(scope="module")
def other():
    """Another process; its start takes seconds, so that two tests share it."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER],
        env=process.ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stdout.readline() == "ready\n"
            yield started
        finally:
            started.kill()


def _tell(other: subprocess.Popen, what: str, run) -> None:
    other.stdin.write(f"{what} {run.folder}\n")
    other.stdin.flush()


def test_two_processes_fight_for_one_run(new, whole, other):
    run = new()
    said = []

    def fight() -> None:
        try:
            said.append(execute(run.folder).state)
        except RunError as error:
            said.append(str(error))

    run.request(pause=True)  # so that the winner is still there when the loser comes
    first = threading.Thread(target=fight)
    second = threading.Thread(target=lambda: said.append(other.stdout.readline().strip()))
    second.start()
    _tell(other, "train", run)
    first.start()
    tiny_runs.wait_for(lambda: said)  # the loser
    run.request(resume=True)
    first.join(timeout=60)
    second.join(timeout=60)
    assert sorted(said) == [f"The run {run.id} is being trained by another process.", "finished"]
    tiny_runs.same_training(run, whole)


def test_killed_runs_are_retried_from_the_last_checkpoint(new, whole, other, each_step_is_a_line):
    run = new()
    execute(
        run.folder, observer=tiny_runs.At(_4=lambda: run.request(stop=True))
    )  # so step 4 is saved
    run.request(resume=True)
    _tell(other, "kill", run)
    assert other.wait(timeout=60) == -signal.SIGKILL
    left = run.stored_status()
    assert (left.state, left.worker is None) == ("running", False)
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 10, "lo')  # as if it had died while it wrote
    (run.folder / ".training.safetensors.abc").write_bytes(b"half")
    assert run.history().step[-1] > 4

    messages = []
    observer = tiny_runs.At(_5=lambda: messages.append(run.status().message))
    status = execute(run.folder, observer=observer)
    assert (status.state, status.retries) == ("finished", 1)
    assert observer.steps == list(range(5, tiny_runs.STEPS + 1))
    assert messages == ["It goes on from update 4: its process ended unexpectedly."]
    assert f"The worker {left.worker} died" in run.log()
    tiny_runs.same_training(run, whole)
    np.testing.assert_array_equal(run.history().step, np.arange(1, tiny_runs.STEPS + 1))
    assert not list(run.folder.glob(".*"))


def test_a_run_that_kills_its_workers_is_given_up(new):
    run = new()
    execute(run.folder, observer=tiny_runs.At(_4=lambda: run.request(stop=True)))
    run.request(resume=True)
    status = dataclasses.replace(run.stored_status(), state="queued", worker="host:1")
    run.write_status(dataclasses.replace(status, deaths=MAX_DEATHS - 1))
    ended = execute(run.folder)
    assert (ended.state, ended.worker, ended.step) == ("failed", None, 4)
    assert "died 3 times" in ended.message
    assert "smaller batch" in ended.message
    assert execute(run.folder).state == "finished"  # when the user insists


def test_a_worker_that_is_closed_saves_and_leaves_the_run_in_the_queue(new, whole):
    run, leaving = new(), []
    observer = tiny_runs.At(_7=lambda: leaving.append(1))
    status = execute(run.folder, leave=lambda: "queued" if leaving else None, observer=observer)
    assert (status.state, status.step, status.worker) == ("queued", 7, None)
    execute(run.folder)
    tiny_runs.same_training(run, whole)
    assert run.status().retries == 0


def test_stopped_and_continued_in_bfloat16(new):
    whole_run, run = (new(precision="bfloat16") for _ in range(2))
    execute(whole_run.folder)
    execute(run.folder, observer=tiny_runs.At(_5=lambda: run.request(stop=True)))
    run.request(resume=True)
    assert execute(run.folder).state == "finished"
    tiny_runs.same_training(run, whole_run)


def test_a_paused_run_gives_way(new, whole):
    run = new()
    observer = tiny_runs.At(
        _4=lambda: write_control(run.folder, Control(pause_at=0, give_way=True))
    )
    status = execute(run.folder, observer=observer)
    assert (status.state, status.step, status.worker) == ("paused", 4, None)
    assert "lets the next training go first" in status.message
    run.request(resume=True)
    execute(run.folder)
    tiny_runs.same_training(run, whole)


def test_a_run_in_training_gives_way_and_goes_on_bit_for_bit(new, whole):
    run = new()
    before = run.write_status(dataclasses.replace(run.stored_status(), queued=1.0))
    observer = tiny_runs.At(_4=lambda: write_control(run.folder, Control(give_way=True)))
    status = execute(run.folder, observer=observer)
    assert (status.state, status.step, status.worker, status.gave_way) == ("queued", 4, None, True)
    assert status.queued >= before.updated  # behind those that waited
    assert "for others who wait" in status.message
    assert "Gave way at update 4" in run.log()
    observer = tiny_runs.At(_6=lambda: write_control(run.folder, Control()))
    execute(run.folder, observer=observer)  # asked for still: it makes an update all the same
    assert observer.steps == [5]
    write_control(run.folder, Control())
    status = execute(run.folder)
    assert (status.state, status.gave_way, status.retries) == ("finished", False, 0)
    tiny_runs.same_training(run, whole)


def test_a_run_stops_when_it_has_worked_for_as_long_as_it_may(new, whole, monkeypatch):
    run, clock = new(), [0.0]
    monkeypatch.setattr(Reporter, "elapsed_s", property(lambda _: clock[0]))
    steps = {"_4": 7199.9, "_5": 7200.0}
    observer = tiny_runs.At(
        **{step: lambda s=s: clock.__setitem__(0, s) for step, s in steps.items()}
    )
    status = execute(run.folder, observer=observer, limit_s=7200.0)
    assert (status.state, status.step, status.worker) == ("stopped", 5, None)
    assert status.message.startswith(
        "Stopped and saved: it has worked 2 hours, as long as the owner "
    )
    assert execute(run.folder, limit_s=7200.0).step == 5
    assert execute(run.folder, limit_s=7300.0).state == "finished"
    tiny_runs.same_training(run, whole)


@pytest.mark.parametrize("how", ["delete", "rmtree"])
def test_a_deleted_run_ends_and_stays_deleted(new, tmp_path, how):
    run = new()
    delete = run.delete if how == "delete" else lambda: shutil.rmtree(run.folder)
    observer = tiny_runs.At(_6=delete)
    status = execute(run.folder, observer=observer)
    assert (status.state, status.message) == ("failed", "The run was deleted while it trained.")
    assert observer.steps[-1] <= 7
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunError, match="was deleted"):
        execute(run.folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", [6, tiny_runs.STEPS])
def test_another_run_in_the_place_of_a_deleted_one_is_left_alone(new, step):
    run = new()
    files = {}

    def replace() -> None:
        run.delete()
        create_run(dataclasses.replace(config, name="another"), folder=run.folder)
        files.update({p.name: p.read_bytes() for p in run.folder.iterdir()})

    config = run.config()
    status = execute(run.folder, observer=tiny_runs.At(**{f"_{step}": replace}))
    assert (status.state, status.message) == ("failed", "The run was deleted while it trained.")
    assert {p.name: p.read_bytes() for p in run.folder.iterdir()} == files
    assert run.config().name == "another"
