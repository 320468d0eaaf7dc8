"""Files of run folders: each is whole at any moment, and claimed by one."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from draw_core.runs import files as run_files
from draw_core.runs.config import Status
from draw_core.runs.control import Control, read_control, write_control
from draw_core.runs.files import Claimed, claim, identity, is_claimed
from draw_core.runs.history import METRICS
from draw_core.runs.registry import (
    RunError,
)
from tests.support import process, tiny_runs


def _new(root):
    return tiny_runs.new(root, root)


def _full_disk(*_):
    raise OSError(28, "No space left on device")


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


def test_files_of_a_run_can_be_read_by_others(tmp_path):
    run = _new(tmp_path)
    modes = {p.name: p.stat().st_mode & 0o777 for p in run.folder.iterdir()}
    assert set(modes.values()) == {0o644}
    assert os.access(run.folder, os.X_OK)
