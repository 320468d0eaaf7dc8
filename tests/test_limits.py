"""Bounds on runs and disk, and which runs are pruned."""

import dataclasses
import os
import shutil
import time

import pytest

from draw_core import jobs
from draw_core.runs import limits
from draw_core.runs.config import Status
from draw_core.runs.files import claim
from draw_core.runs.limits import QuotaError, check_disk, check_queue_length, check_quota, prune
from draw_core.runs.registry import STATUS, Run, RunError, RunState, create_run, list_runs
from tests import tiny_runs

DAY = 86_400.0


def _run(root, state: RunState, days: float = 0.0, **changes) -> Run:
    """A run of another time in some state."""
    now = time.time() - days * DAY
    config = dataclasses.replace(tiny_runs.config(root), created=now, data_root=None, **changes)
    run = create_run(config, root)
    queued = now if state == "queued" else None
    (run.folder / STATUS).write_text(Status(state, updated=now, queued=queued).to_json())
    return run


def test_a_session_has_three_unfinished_runs_and_twenty_in_all(tmp_path):
    for state in ("queued", "running"):
        _run(tmp_path, state, owner="me")
    for _ in range(10):
        _run(tmp_path, "finished", owner="me")
    for _ in range(5):
        _run(tmp_path, "paused", owner="you")
    check_quota("me", tmp_path)
    check_quota(None, tmp_path)
    _run(tmp_path, "paused", owner="me")
    with pytest.raises(QuotaError, match="3 runs that are not finished; wait for one or stop one"):
        check_quota("me", tmp_path)
    check_quota("another", tmp_path)
    for _ in range(20):
        _run(tmp_path, "stopped", owner="another")
    with pytest.raises(QuotaError, match="You have 20 runs; delete one"):
        check_quota("another", tmp_path)


def test_the_queue_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    for index in range(limits.QUEUE_LENGTH):
        check_quota(f"{index}", tmp_path)
        _run(tmp_path, "queued", owner=f"{index}")
    with pytest.raises(QuotaError, match="30 runs are waiting already"):
        check_quota("late", tmp_path)
    with pytest.raises(QuotaError, match="30 runs are waiting already"):
        jobs.submit(_run(tmp_path, "stopped"))
    assert jobs.cluster_status().kind == "none"
    check_queue_length(29)


def test_stopping_and_continuing_is_no_way_around_the_quota(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    for state in ("queued", "running", "paused"):
        _run(tmp_path, state, owner="me")
    stopped = _run(tmp_path, "stopped", owner="me")
    for ask in (jobs.submit, lambda run: jobs.request(run, resume=True)):
        with pytest.raises(QuotaError, match="3 runs that are not finished"):
            ask(stopped)
        assert stopped.status().state == "stopped"
    assert jobs.cluster_status().kind == "none"


def test_one_run_that_cannot_be_pruned_does_not_keep_the_others(tmp_path, monkeypatch):
    runs = [_run(tmp_path, "finished", days=20 + day) for day in range(3)]
    (tmp_path / ".deleted-gone").symlink_to(tmp_path / "nowhere")
    right = Run.delete

    def delete(run: Run) -> None:
        if run.id == runs[1].id:
            raise RunError("It cannot be changed.")
        right(run)

    monkeypatch.setattr(Run, "delete", delete)
    assert prune(tmp_path) == [runs[0].id, runs[2].id]


def test_the_disk_is_bounded(tmp_path, monkeypatch):
    check_disk(tmp_path / "not" / "there")
    run = _run(tmp_path, "finished")
    (run.folder / "model.safetensors").write_bytes(bytes(2_000_000))
    check_disk(tmp_path)
    monkeypatch.setenv("DRAW_RUNS_MAX_GB", "0.001")
    with pytest.raises(QuotaError, match=r"more than 0\.001 GB; delete some"):
        check_quota("me", tmp_path)
    monkeypatch.setenv("DRAW_RUNS_MAX_GB", "much")
    check_disk(tmp_path)
    usage = shutil.disk_usage(tmp_path)._replace(free=limits.MIN_FREE_BYTES - 1)
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(QuotaError, match="Less than 1 GB of disk is free"):
        check_disk(tmp_path)


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_old_runs_that_nobody_named_are_pruned(tmp_path, state):
    old = _run(tmp_path, state, days=15)
    young = _run(tmp_path, state, days=13)
    kept = _run(tmp_path, state, days=100, kept=True)
    assert prune(tmp_path) == [old.id]
    assert {e.id for e in list_runs(tmp_path)} == {young.id, kept.id}
    young.rename("Mine")
    assert prune(tmp_path, now=time.time() + 100 * DAY) == []


@pytest.mark.parametrize("state", ["queued", "starting", "running", "paused"])
def test_unfinished_runs_are_not_pruned(tmp_path, state):
    _run(tmp_path, state, days=100)
    assert prune(tmp_path) == []


def test_a_run_that_is_trained_is_not_pruned(tmp_path):
    run = _run(tmp_path, "stopped", days=100)
    with claim(run.folder):
        assert prune(tmp_path) == []
    assert prune(tmp_path) == [run.id]


def test_the_newest_hundred_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "KEPT_RUNS", 3)
    runs = [_run(tmp_path, "finished", days=day) for day in range(6)]
    _run(tmp_path, "finished", days=0.5, kept=True)
    assert prune(tmp_path) == [run.id for run in runs[3:]]


def test_leftovers_of_killed_processes_go(tmp_path):
    for name in (".new-abc", ".deleted-abc", ".new-fresh", ".other"):
        (tmp_path / name).mkdir()
        if "fresh" not in name:
            os.utime(tmp_path / name, (1.0, 1.0))
    assert prune(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {".new-fresh", ".other"}
    assert prune(tmp_path / "none") == []
