"""Bounds on runs and disk, and which runs are pruned."""

import dataclasses
import os
import shutil
import time

import pytest

from draw_core import jobs
from draw_core.families.draw.presets import PRESETS
from draw_core.runs import limits
from draw_core.runs.config import Status
from draw_core.runs.files import claim
from draw_core.runs.limits import (
    QuotaError,
    check_disk,
    check_queue_length,
    check_quota,
    check_time,
    prune,
)
from draw_core.runs.registry import STATUS, Run, RunError, RunState, create_run, list_runs
from tests.support import tiny_runs

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
    with pytest.raises(
        QuotaError, match="3 trainings that are not finished; wait for one or stop one"
    ):
        check_quota("me", tmp_path)
    check_quota("another", tmp_path)
    for _ in range(20):
        _run(tmp_path, "stopped", owner="another")
    with pytest.raises(QuotaError, match="You have 20 trainings; delete one"):
        check_quota("another", tmp_path)


def test_the_queue_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    for index in range(limits.QUEUE_LENGTH):
        check_quota(f"{index}", tmp_path)
        _run(tmp_path, "queued", owner=f"{index}")
    with pytest.raises(QuotaError, match="30 trainings are waiting already"):
        check_quota("late", tmp_path)
    with pytest.raises(QuotaError, match="30 trainings are waiting already"):
        jobs.submit(_run(tmp_path, "stopped"))
    assert jobs.cluster_status().kind == "none"
    check_queue_length(29)


def test_stopping_and_continuing_is_no_way_around_the_quota(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    for state in ("queued", "running", "paused"):
        _run(tmp_path, state, owner="me")
    stopped = _run(tmp_path, "stopped", owner="me")
    for ask in (jobs.submit, lambda run: jobs.request(run, resume=True)):
        with pytest.raises(QuotaError, match="3 trainings that are not finished"):
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
    monkeypatch.delenv("DRAW_RUNS_MAX_GB")
    check_disk(tmp_path)
    usage = shutil.disk_usage(tmp_path)._replace(free=limits.MIN_FREE_BYTES - 1)
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(QuotaError, match="Less than 1 GB of disk is free"):
        check_disk(tmp_path)


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """An empty folder of runs, and no GPU."""
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    monkeypatch.delenv("DRAW_RUNS_MAX_HOURS", raising=False)
    monkeypatch.setattr(limits, "has_gpu", lambda: False)
    return tmp_path


def _preset(name: str, root):
    preset = PRESETS[name]
    return dataclasses.replace(
        tiny_runs.config(root), model=preset.model, training=preset.training, owner="me"
    )


def test_the_owner_of_the_server_bounds_the_time_of_a_training(fresh, monkeypatch):
    paper, minute = (_preset(name, fresh) for name in ("paper", "one-minute"))
    check_time(paper)
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "2")
    check_time(minute)
    # 372 MFLOP an image, 18 million images: on no processor in 18.6 hours.
    with pytest.raises(
        QuotaError, match=r"^This training would take at least 19 hours, and the owner "
    ):
        check_time(paper)
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "0.01")
    with pytest.raises(QuotaError, match=r"about 60 seconds, and .* work 36 seconds\. Choose"):
        check_time(minute)
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "0")
    check_time(paper)


def test_the_estimate_goes_by_the_speed_of_earlier_runs(fresh, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "100")
    paper = _preset("paper", fresh)
    check_time(paper)
    run = create_run(paper, fresh)
    speed = Status("stopped", step=90_000, elapsed_s=1000.0, images_per_s=30.2, seconds=900.0)
    run.write_status(speed)
    with pytest.raises(QuotaError, match=r"would take about 6\.9 days, .* work 4\.2 days\."):
        check_time(paper)
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "84")  # half of it is done
    check_time(paper, run.status())
    with pytest.raises(QuotaError, match="would take about"):
        check_time(paper)


@pytest.mark.parametrize("known_by", ["gpu", "scheduler"])
def test_nothing_is_guessed_of_machines_that_may_be_faster(fresh, monkeypatch, known_by):
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "2")
    if known_by == "gpu":
        monkeypatch.setattr(limits, "has_gpu", lambda: True)
    else:
        monkeypatch.setenv("DRAW_SCHEDULER", "tcp://127.0.0.1:9")
    check_time(_preset("paper", fresh))


def test_a_run_that_has_had_its_time_is_not_continued(fresh, monkeypatch):
    run = _run(fresh, "stopped", owner="me")
    run.write_status(dataclasses.replace(run.status(), elapsed_s=7300.0))
    monkeypatch.setenv("DRAW_RUNS_MAX_HOURS", "2")
    for ask in (jobs.submit, lambda run: jobs.request(run, resume=True)):
        with pytest.raises(QuotaError, match="has worked 2 hours 2 minutes and is saved"):
            ask(run)
        assert run.status().state == "stopped"
    assert jobs.cluster_status().kind == "none"


@pytest.mark.parametrize("variable", ["DRAW_RUNS_MAX_HOURS", "DRAW_RUNS_TURN_MINUTES"])
@pytest.mark.parametrize("value", ["2h", "-1", "nan", "inf", "1,5"])
def test_a_limit_that_is_no_number_is_said(fresh, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    unit = "hours" if "HOURS" in variable else "minutes"
    with pytest.raises(QuotaError, match=f"^{variable} is '{value}'; set it to a number of {unit}"):
        check_quota("me", fresh)


def test_turns_are_a_quarter_of_an_hour_unless_the_owner_says(fresh, monkeypatch):
    for value, seconds in ((None, 900.0), ("", 900.0), (' "2.5" ', 150.0), ("0", None)):
        if value is None:
            monkeypatch.delenv("DRAW_RUNS_TURN_MINUTES", raising=False)
        else:
            monkeypatch.setenv("DRAW_RUNS_TURN_MINUTES", value)
        assert limits.turn_seconds() == seconds


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
