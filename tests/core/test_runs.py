"""Run folders: what is written is read, at any moment and after any crash."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from draw_core.runs import files as run_files, speed
from draw_core.runs.commands import train_command
from draw_core.runs.config import RunConfig, Status
from draw_core.runs.control import Control, read_control, write_control
from draw_core.runs.files import Claimed, claim, identity, is_claimed
from draw_core.runs.history import METRICS
from draw_core.runs.registry import (
    CONFIG,
    STATUS,
    Run,
    RunError,
    create_run,
    find_run,
    list_runs,
    runs_root,
)
from tests.support import process, tiny_runs

CONFIGURATION = RunConfig(
    name="Äpfel & pears",
    data="mnist",
    model=DrawConfig(num_steps=3),
    training=TrainConfig(seconds=2.5, binarisation="grey"),
    threads=2,
    preset="one-minute",
    owner="token",
    restart_of="other",
    data_root="/data",
)


def _new(tmp_path, **changes) -> Run:
    return create_run(dataclasses.replace(CONFIGURATION, **changes), tmp_path)


def test_a_new_run_reads_as_it_was_made(tmp_path):
    run = _new(tmp_path)
    config = run.config()
    assert config.created == pytest.approx(time.time(), abs=60)
    assert dataclasses.replace(config, created=0.0) == CONFIGURATION
    assert (run.status().state, run.status().step) == ("stopped", 0)
    assert set(run.id) <= set("0123456789-abcdef")
    assert (run.samples(), run.reconstruction()) == (None, None)
    assert (run.sample_steps(), run.log()) == ([], "")
    history = run.history()
    assert (history.kl.shape, history.loss.dtype, history.test_nll.shape) == (
        (0, 0),
        np.float32,
        (0,),
    )
    assert [p.name for p in tmp_path.iterdir()] == [run.id]


def test_the_folder_of_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    assert runs_root() == tmp_path
    monkeypatch.delenv("DRAW_RUNS_DIR")
    assert runs_root() == process.ROOT / "runs"
    assert list_runs(tmp_path / "none") == []


def test_runs_are_listed_newest_first_and_the_faulty_with_their_fault(tmp_path):
    old, new = _new(tmp_path, created=1000.0), _new(tmp_path, created=2000.0)
    bad, worse = _new(tmp_path, created=3000.0), _new(tmp_path, created=4000.0)
    (bad.folder / CONFIG).write_text("{")
    (worse.folder / STATUS).write_text(json.dumps({"state": "flying"}))
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "file").touch()
    entries = list_runs(tmp_path)
    assert [e.id for e in entries[:2]] == [new.id, old.id]
    faults = {e.id: e.fault for e in entries[2:]}
    assert faults[bad.id] == (
        f"{bad.id}/run.json cannot be used: it is not valid JSON (Expecting property name "
        "enclosed in double quotes: line 1 column 2 (char 1))."
    )
    assert faults[worse.id].endswith("its state is none that a run can be in.")
    assert entries[0].config.owner == "token"
    assert entries[0].status.state == "stopped"


@pytest.mark.parametrize(
    "run_id", ["", "..", ".", "../x", "a/b", "/etc", ".new-1", "nonesuch", "a\0"]
)
def test_an_id_from_an_address_stays_in_the_folder(tmp_path, run_id):
    (tmp_path / "x").mkdir()
    with pytest.raises(RunError, match="no such run"):
        find_run(run_id, tmp_path / "x")
    run = _new(tmp_path)
    assert find_run(run.id, tmp_path).folder == run.folder


def test_rename(tmp_path):
    run = _new(tmp_path)
    run.rename("  Better  ")
    assert (run.config().name, run.config().kept) == ("Better", True)
    wrong = [("", "empty"), ("  ", "empty"), ("x" * 81, "80"), ("a\nb", "shown")]
    wrong += [("a\u200bb", "shown"), ("a\u202eb", "shown"), ("a\u2066b", "shown")]
    for name, message in wrong:
        with pytest.raises(RunError, match=message):
            run.rename(name)
    assert run.config().name == "Better"


def test_a_deleted_run_says_so_everywhere(tmp_path):
    run = _new(tmp_path)
    run.delete()
    run.delete()
    assert list(tmp_path.iterdir()) == []
    asks = [run.config, run.status, run.control, lambda: run.rename("x")]
    for ask in [*asks, lambda: run.request(stop=True)]:
        with pytest.raises(RunError, match=f"The run {run.id} was deleted"):
            ask()
    assert (run.samples(), run.log(), run.history().step.size) == (None, "", 0)


def test_a_folder_in_use_is_not_taken(tmp_path):
    run = _new(tmp_path)
    with pytest.raises(RunError, match="already holds something"):
        create_run(CONFIGURATION, folder=run.folder)
    (tmp_path / "empty").mkdir()
    assert create_run(CONFIGURATION, folder=tmp_path / "empty").config().name == CONFIGURATION.name


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threads": -1}, "threads is -1"),
        ({"threads": True}, "its threads is not a whole number"),
        ({"name": "\ud800"}, "cannot be shown"),
        ({"model": None}, "JSON object"),
        ({"model": {"height": 0}}, "height is 0"),
        ({"training": {"seed": -1}}, "seed"),
        ({"owner": 3}, "its owner is not text"),
        ({"created": "now"}, "created"),
        ({"wings": 2}, "not those of a run"),
        ({"format": "draw-run/9"}, "no run"),
    ],
)
def test_a_configuration_that_cannot_be(values, message):
    text = json.dumps({**json.loads(CONFIGURATION.to_json()), **values})
    with pytest.raises(ValueError, match=message):
        RunConfig.from_json(text)


def test_status_survives_and_later_fields_are_left_out():
    status = Status("running", step=3, seconds=1.5, loss=2.0, test=1.0, worker="a:1", queued=9.0)
    values = json.loads(status.to_json())
    assert Status.from_json(json.dumps({**values, "later": 1})) == status
    for wrong in ({"step": "x"}, {"loss": "x"}, {"updated": float("nan")}, {"state": "x"}):
        with pytest.raises(ValueError, match="its .* is n"):
            Status.from_json(json.dumps({**values, **wrong}))


def test_files_are_parsed_again_only_when_they_have_changed(tmp_path, monkeypatch):
    run = _new(tmp_path)
    parsed, loads = [], json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(1) or loads(text))
    assert run.config() is run.config()
    assert run.stored_status() is run.stored_status()
    assert len(parsed) == 2
    run.rename("another")
    run.write_status(Status("finished"))
    assert (run.config().name, run.stored_status().state) == ("another", "finished")
    assert len(parsed) == 4


def test_a_reader_never_meets_half_a_file(tmp_path):
    run = _new(tmp_path)
    stop = threading.Event()

    def write() -> None:
        step = 0
        while not stop.is_set():
            step += 1
            run.write_status(Status("running", step=step, message="x" * (step % 5000)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        tiny_runs.wait_for(lambda: run.stored_status().step > 0)  # on a busy machine
        steps = [run.stored_status().step for _ in range(500)]
    finally:
        stop.set()
        writer.join()
    assert steps == sorted(steps)


def test_what_a_dead_process_left_reads_as_stopped(tmp_path):
    run = _new(tmp_path)
    path = run.folder / STATUS
    fresh = Status("running", step=7, worker="host:1")
    run.write_status(fresh)
    assert run.status().state == "running"  # it may not have claimed the folder yet
    old = dataclasses.replace(fresh, updated=time.time() - 60)
    path.write_text(old.to_json())
    assert (run.status().state, run.status().step) == ("stopped", 7)
    assert "ended unexpectedly" in run.status().message
    with claim(run.folder):
        assert run.status() == old
    assert run.stored_status() == old


def test_only_one_claims_a_folder(tmp_path):
    code = (
        "import sys, pathlib\n"
        "from draw_core.runs.files import claim\n"
        f"with claim(pathlib.Path({str(tmp_path)!r})):\n"
        "    print('mine', flush=True)\n"
        "    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=process.ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "mine\n"
        assert is_claimed(tmp_path)
        with pytest.raises(Claimed), claim(tmp_path, patience_s=0.05):
            pass
        other.kill()
        other.wait()
        assert not is_claimed(tmp_path)
        with claim(tmp_path):  # a killed process holds nothing
            assert is_claimed(tmp_path)
    assert not is_claimed(tmp_path / "none")


def test_controls_add_up(tmp_path):
    run = _new(tmp_path)
    assert read_control(run.folder) == Control()
    run.write_status(Status("paused", step=10))
    assert run.request(pause=True).pauses(0)
    one = run.request(step=True)
    assert (one.pauses(10), one.pauses(11)) == (False, True)
    run.request(step=True)
    three = run.request(step=True, learning_rate_scale=0.5)
    assert (three.pause_at, three.learning_rate_scale) == (13, 0.5)
    assert run.request(stop=True) == dataclasses.replace(three, stop=True)
    assert run.request(resume=True) == Control(learning_rate_scale=0.5)
    for scale in (0, -1, float("nan"), float("inf"), 1001, True):
        with pytest.raises(RunError, match="learning_rate_scale"):
            run.request(learning_rate_scale=scale)
    for wrong in (
        '{"pause_at": 1, "learning_rate_scale": "x"}',
        '{"pause_at": "x"}',
        '{"pause_at": true}',
        '{"pause_at": 1.5}',
        '{"stop": "no"}',
        '{"give_way": 1}',
        '{"learning_rate_scale": null}',
        "[]",
    ):
        (run.folder / "control.json").write_text(wrong)
        assert read_control(run.folder) == Control()
    write_control(run.folder, Control(stop=True))
    assert read_control(run.folder).stop


def test_what_is_asked_of_a_run_can_be_read(tmp_path):
    run = _new(tmp_path)
    assert run.request(pause=True) == run.control() == Control(pause_at=0)
    (run.folder / "control.json").unlink()
    assert run.control() == Control()


def test_a_run_whose_wishes_are_being_written_for_ever_says_so(tmp_path, monkeypatch):
    run = _new(tmp_path)
    monkeypatch.setattr("draw_core.runs.control._PATIENCE_S", 0.05)
    with claim(run.folder, "control.lock"), pytest.raises(RunError, match="does not answer"):
        run.request(pause=True)
    assert run.request(pause=True).pause_at == 0


def test_a_folder_is_told_from_a_later_one_of_the_same_path(tmp_path):
    with claim(tmp_path) as mine:
        assert identity(tmp_path) == mine
        (tmp_path / "lock").unlink()
        assert identity(tmp_path) is None
        with claim(tmp_path) as other:
            assert identity(tmp_path) == other != mine


def test_time_left_does_not_count_a_pause(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(speed.time, "monotonic", lambda: clock[0])
    config = TrainConfig(steps=100, warmup_steps=0)
    measured = speed.Speed()
    measured.leave_out(50.0)  # before the first update
    for step in range(1, 11):
        clock[0] += 0.5
        measured.add(step, step / 4, batch=8)  # as much beside the updates as for them
    before = measured.left_s(10, 2.5, config)
    assert before == pytest.approx(90 / 4 * 2, rel=0.2)
    clock[0] += 600.0
    measured.leave_out(600.0)
    assert measured.left_s(10, 2.5, config) == pytest.approx(before)


@pytest.mark.parametrize("field", ["loss", "test", "left_s", "updated"])
def test_a_status_that_no_reader_would_take_is_not_written(field):
    with pytest.raises(ValueError, match="JSON"):
        Status("running", **{field: float("nan")}).to_json()


def test_the_command_of_a_colour_run_says_what_differs_from_a_colour_preset():
    preset = PRESETS["one-minute"]
    training = preset.training_for(3, "bfloat16")
    config = RunConfig("x", "cifar10", preset.model_for(3, 32, 32), training, preset=preset.name)
    usual = "python -m draw_core train --preset one-minute --data cifar10"
    assert train_command(config) == f"{usual} --precision bfloat16"
    black = dataclasses.replace(training, binarisation="bernoulli")
    assert train_command(dataclasses.replace(config, training=black)) == (
        f"{usual} --binarisation bernoulli --precision bfloat16"
    )


def test_controls_from_many_at_once_are_all_kept(tmp_path):
    run = _new(tmp_path)
    run.request(pause=True)
    threads = [
        threading.Thread(target=lambda: [run.request(step=True) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_control(run.folder).pause_at == 40


def test_what_a_killed_process_was_writing_is_removed_and_nothing_else(tmp_path):
    torn = [".samples.npz.x1", ".model.safetensors.x2", ".status.json.x3", ".00000012.npz.x4"]
    kept = ["samples.npz", ".config.json.x5", ".hidden", "12.npz", "lock"]
    for name in (*torn, *kept):
        (tmp_path / name).touch()
    run_files.remove_torn_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
    run_files.remove_torn_files(tmp_path / "absent")


def test_replacing_a_file_makes_no_folder_and_leaves_nothing(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        run_files.replace_file(tmp_path / "none" / "x", b"1")
    assert list(tmp_path.iterdir()) == []
    run_files.replace_file(tmp_path / "x", b"1")
    monkeypatch.setattr(Path, "replace", _full_disk)
    with pytest.raises(OSError, match="space"):
        run_files.replace_file(tmp_path / "x", b"2")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x", b"1")]


def _full_disk(*_):
    raise OSError(28, "No space left on device")


def test_the_stamp_changes_with_the_files(tmp_path):
    run = _new(tmp_path)
    stamps = {run.live_stamp(), run.live_stamp()}
    assert len(stamps) == 1
    (run.folder / METRICS).write_text("x")
    stamps.add(run.live_stamp())
    (run.folder / "samples.npz").write_bytes(b"x")
    stamps.add(run.live_stamp())
    assert len(stamps) == 3
    assert run.samples() is None  # damaged


def test_the_log_has_a_time_for_each_sentence(tmp_path):
    run = _new(tmp_path)
    run.write_log("First.")
    run.write_log("Second\nand more.")
    first, second, more = run.log().splitlines()
    assert (first[21:], second[21:], more) == ("First.", "Second", "    and more.")


@pytest.mark.parametrize(
    "module", ["draw_core.runs.registry", "draw_core.jobs", "draw_core.runs.exchange"]
)
def test_pages_can_import_it_without_torch_and_dask(module):
    assert not process.imported(module) & {"torch", "dask", "distributed", "torchvision"}


def test_files_of_a_run_can_be_read_by_others(tmp_path):
    run = _new(tmp_path)
    modes = {p.name: p.stat().st_mode & 0o777 for p in run.folder.iterdir()}
    assert set(modes.values()) == {0o644}
    assert os.access(run.folder, os.X_OK)
