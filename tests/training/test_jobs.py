"""Runs in the queue, on workers that are processes of their own and may die."""

import dataclasses
import os
import re
import signal
import socket
import threading
import time

import psutil
import pytest

from draw_core import jobs
from draw_core.jobs import dispatcher, pending
from draw_core.jobs.dispatcher import Dispatcher
from draw_core.runs.config import RunState, Status
from draw_core.runs.files import claim
from draw_core.runs.registry import RunError
from tests.support import tiny_runs
from tests.support.queued import LONG, pid_of, submit_until, threads_of, wait
from tests.support.tiny_runs import wait_for


def test_runs_are_trained_in_order_elsewhere_and_within_memory(root, mnist_root, references):
    first, second, third = (tiny_runs.new(root, mnist_root) for _ in range(3))
    submit_until(first, 4)
    jobs.submit(second)
    jobs.submit(third)
    jobs.submit(third)
    wait(first, "paused")
    assert first.status().step == 4
    assert pid_of(first) not in (os.getpid(), 0)
    assert jobs.queue() == [second.id, third.id]
    assert [jobs.place(run.id) for run in (first, second, third)] == [None, 1, 2]
    status = jobs.cluster_status()
    assert (status.kind, status.workers, status.running) == ("embedded", 1, (first.id,))
    assert status.pids[1] == pid_of(first)
    niceness = {
        thread: os.getpriority(os.PRIO_PROCESS, thread) for thread in threads_of(pid_of(first))
    }
    assert niceness[pid_of(first)] == min(19, os.nice(0) + 10), niceness  # pages go first
    assert sum(psutil.Process(pid).memory_info().rss for pid in status.pids) < 1.5e9
    with pytest.raises(RunError, match="being trained already"):
        jobs.submit(first)
    jobs.request(first, resume=True)
    for run in (first, second, third):
        wait(run, "finished")
        tiny_runs.same_training(run, references[12])
    ends = [run.status().updated for run in (first, second, third)]
    assert ends == sorted(ends)
    assert jobs.queue() == []
    with pytest.raises(RunError, match="finished; restart it"):
        jobs.submit(first)


def test_controls_reach_a_worker(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root)
    submit_until(run, 3)
    wait(run, "paused")
    jobs.request(run, step=True)
    jobs.request(run, step=True)
    wait_for(lambda: run.status().step == 5)
    jobs.request(run, stop=True)
    wait(run, "stopped")
    assert (run.status().step, run.status().worker) == (5, None)
    wait_for(lambda: not jobs.cluster_status().running)
    jobs.request(run, step=True)  # of a stopped run
    wait(run, "paused")
    assert run.status().step == 6
    jobs.request(run, resume=True)
    wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_what_waits_is_paused_and_stopped_in_its_place(root, mnist_root):
    holder, one, two = (tiny_runs.new(root, mnist_root) for _ in range(3))
    submit_until(holder, 2)
    wait(holder, "paused")
    jobs.submit(one)
    jobs.submit(two)
    jobs.request(one, pause=True)
    assert (one.status().state, jobs.queue()) == ("paused", [two.id])
    jobs.request(one, resume=True)
    assert (one.status().state, jobs.queue()) == ("queued", [two.id, one.id])
    jobs.request(two, stop=True)
    assert (two.status().state, jobs.queue()) == ("stopped", [one.id])
    one.delete()
    assert jobs.queue() == []
    jobs.request(holder, stop=True)
    wait(holder, "stopped")
    assert two.status().step == 0


def test_a_paused_run_gives_way_to_those_that_wait(root, mnist_root, references, monkeypatch):
    holder, other = (tiny_runs.new(root, mnist_root) for _ in range(2))
    submit_until(holder, 5)
    wait(holder, "paused")
    jobs.submit(other)
    monkeypatch.setattr(dispatcher, "GIVE_WAY_S", 0.2)
    wait(other, "finished")
    assert (holder.status().state, holder.status().worker) == ("paused", None)
    jobs.request(holder, resume=True)
    wait(holder, "finished")
    tiny_runs.same_training(holder, references[12])
    assert holder.status().retries == 0


def test_a_long_run_takes_turns_with_those_of_others(root, mnist_root, references, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_TURN_MINUTES", "0.005")
    long = tiny_runs.new(root, mnist_root, steps=LONG, owner="me")
    jobs.submit(long)
    wait_for(lambda: long.status().step > 5)
    mine, other = (tiny_runs.new(root, mnist_root, owner=owner) for owner in ("me", "another"))
    jobs.submit(mine)
    time.sleep(1.5)  # of the same person: they wait for one another
    assert "Gave way" not in long.log()
    assert jobs.queue() == [mine.id]
    jobs.submit(other)
    wait_for(lambda: long.stored_status().gave_way)
    assert long.stored_status().state == "queued"
    assert long.stored_status().queued > other.stored_status().queued  # behind the others
    wait(other, "finished")
    assert long.status().step < LONG
    wait(long, "finished")
    wait(mine, "finished")
    for run, steps in ((long, LONG), (mine, 12), (other, 12)):
        tiny_runs.same_training(run, references[steps])
        assert run.status().retries == 0
    assert not long.status().gave_way


def test_a_wait_is_what_those_before_it_need_but_a_turn_at_most(root, mnist_root, monkeypatch):
    jobs.shutdown()
    now = time.time()
    runs = [tiny_runs.new(root, mnist_root, seconds=100.0) for _ in range(4)]
    running, first, second, paused = runs
    running.write_status(Status("running", left_s=30.0, queued=now, worker="host:1"))
    first.write_status(Status("queued", seconds=40.0, queued=now + 1))
    second.write_status(Status("queued", queued=now + 2))
    paused.write_status(Status("paused", queued=now + 1))
    waits = [jobs.expected_wait(run.id) for run in runs]
    assert waits == [0.0, 30.0, 90.0, None]
    monkeypatch.setenv("DRAW_RUNS_TURN_MINUTES", "0.75")
    assert jobs.expected_wait(second.id) == 30.0 + 45.0
    assert pending.wait_of(second.id, root, 3, None) == 0.0
    assert pending.wait_of(second.id, root, 2, None) == 45.0
    config = dataclasses.replace(first.config(), training=tiny_runs.TRAINING_CONFIG)
    (first.folder / "run.json").write_text(config.to_json())  # nobody knows how long it takes
    assert pending.wait_of(second.id, root, 1, None) is None
    assert pending.wait_of(second.id, root, 1, 45.0) == 75.0
    assert jobs.expected_wait("nobody") is None


def test_a_killed_worker_is_replaced_and_its_run_retried(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root, steps=LONG)
    submit_until(run, 50)
    wait(run, "paused")  # which saves
    jobs.request(run, resume=True)
    wait_for(lambda: run.status().step > 80)
    pid = pid_of(run)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: run.stored_status().worker not in (None, f"{socket.gethostname()}:{pid}"))
    wait(run, "running")
    # Step 50, unless five seconds went by until step 80.
    step = int(re.search(r"Taken up again from update (\d+)", run.log()).group(1))
    assert step >= 50
    said = f"It goes on from update {step}: its process ended unexpectedly."
    assert run.status().message == said
    assert run.status().retries == 1
    wait(run, "finished")
    assert f":{pid} died" in run.log()
    tiny_runs.same_training(run, references[LONG])
    assert run.history().step[-1] == LONG


def test_a_worker_that_dies_while_its_run_is_paused(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root)
    submit_until(run, 5)
    wait(run, "paused")
    os.kill(pid_of(run), signal.SIGKILL)
    wait_for(lambda: run.stored_status().worker is None)
    assert (run.status().state, run.status().retries) == ("paused", 1)
    assert jobs.queue() == []
    jobs.request(run, resume=True)
    wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_a_deleted_run_frees_its_worker(root, mnist_root):
    run, next_run = (tiny_runs.new(root, mnist_root) for _ in range(2))
    submit_until(run, 3)
    wait(run, "paused")
    jobs.submit(next_run)
    run.delete()
    wait(next_run, "finished")
    assert [path.name for path in root.iterdir()] == [next_run.id]


def test_many_threads_may_ask_at_once(root, mnist_root):
    runs = [tiny_runs.new(root, mnist_root, steps=2) for _ in range(6)]
    threads = [threading.Thread(target=jobs.submit, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs:
        wait(run, "finished")
    assert len(jobs.cluster_status().pids) == 2


def test_a_worker_that_is_still_leaving_is_waited_for(root, mnist_root, references):
    """That of a server which was killed, when the next one starts at once."""
    jobs.shutdown()
    run = tiny_runs.new(root, mnist_root)
    with claim(run.folder):
        run.write_status(Status("running", queued=time.time(), worker="host:1"))
        assert jobs.resume_interrupted() == []
    wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_runs_of_the_command_line_are_left_alone(root, mnist_root):
    run = tiny_runs.new(root, mnist_root)
    run.write_status(run.status().__class__("running", step=3, worker="host:1"))
    assert jobs.resume_interrupted() == []
    assert jobs.queue() == []


def test_only_a_pause_that_lasts_makes_way(root, mnist_root, monkeypatch):
    run = tiny_runs.new(root, mnist_root)
    queue = object.__new__(Dispatcher)  # without its thread
    queue._root, queue._futures = root, {run.id: None}
    queue._paused_since, queue._works_since = {}, {}
    clock = [0.0]
    monkeypatch.setattr(dispatcher.time, "monotonic", lambda: clock[0])

    def asked(state: RunState, step: int) -> bool:
        clock[0] += 0.6 * dispatcher.GIVE_WAY_S
        queue._note_times([(run, Status(state, step=step))])
        queue._ask_to_give_way()
        return run.control().give_way

    seen = [("paused", 3), ("running", 3), ("paused", 3), ("paused", 4), ("paused", 4)]
    assert [asked(*what) for what in seen] == [False] * 5  # a step in between begins it anew
    monkeypatch.setattr("draw_core.runs.control._PATIENCE_S", -1.0)  # the clock stands
    with claim(run.folder, "control.lock"):  # someone else writes: the next look asks
        assert not asked("paused", 4)
    assert asked("paused", 4)
    run.delete()
    queue._ask_to_give_way()
