"""Run folders: what is written is read, at any moment and after any crash."""

import dataclasses
import json
import time

import numpy as np
import pytest

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from draw_core.runs import speed
from draw_core.runs.commands import train_command
from draw_core.runs.config import RunConfig, Status
from draw_core.runs.files import claim
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
from tests.support import process

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
