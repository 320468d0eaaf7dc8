"""What goes wrong in a run ends it in a sentence and leaves its last good weights."""

import dataclasses
import errno
import re

import pytest

from draw_core.learning.train import train
from draw_core.runs import execution, live, saving
from draw_core.runs.control import Control, write_control
from draw_core.runs.execution import execute
from draw_core.runs.files import is_claimed
from draw_core.runs.run import ROLLOUTS, TRAINING, RunError
from draw_core.store.checkpoint import (
    CheckpointError,
    load_card,
    load_checkpoint,
    load_tensors,
)
from tests.support import tiny_runs


def _raise(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


def test_a_full_disk_ends_the_run_and_keeps_the_last_checkpoint(new, whole, monkeypatch):
    run = new()
    full = OSError(errno.ENOSPC, "No space left on device")
    execute(run.folder, observer=tiny_runs.At(_4=lambda: run.request(stop=True)))
    run.request(resume=True)
    right = saving.write_atomic
    with monkeypatch.context() as patch:
        observer = tiny_runs.At(_8=lambda: patch.setattr(saving, "write_atomic", _raise(full)))
        observer.actions[9] = lambda: run.request(stop=True)
        status = execute(run.folder, observer=observer)
    assert saving.write_atomic is right
    assert (status.state, status.worker) == ("failed", None)
    assert status.message == (
        "The disk is full; delete trainings or files, then resume this one. Its last checkpoint is "
        "whole."
    )
    assert load_checkpoint(run.folder)[1].steps == 4
    run.request(resume=True)
    assert execute(run.folder).state == "finished"
    tiny_runs.same_training(run, whole)


def test_a_disk_too_full_for_the_status_makes_room(new, monkeypatch):
    run = new()
    right = live.replace_file
    full = OSError(errno.ENOSPC, "No space left on device")

    def write(path, content):
        if (run.folder / ROLLOUTS).exists():  # until something is deleted
            raise full
        right(path, content)

    def break_it() -> None:
        monkeypatch.setattr("draw_core.runs.run.replace_file", write)
        monkeypatch.setattr(live, "replace_file", write)
        monkeypatch.setattr(saving, "write_atomic", _raise(full))
        run.request(stop=True)

    status = execute(run.folder, observer=tiny_runs.At(_4=break_it))
    assert status.state == run.stored_status().state == "failed"
    assert "The disk is full" in run.stored_status().message


def test_a_disk_that_takes_nothing_is_told_to_the_caller(new, monkeypatch):
    run = new()
    full = OSError(errno.ENOSPC, "No space left on device")

    def break_it() -> None:
        monkeypatch.setattr(saving, "write_atomic", _raise(full))
        monkeypatch.setattr("draw_core.runs.run.replace_file", _raise(full))
        write_control(run.folder, Control(stop=True))

    with pytest.raises(RunError, match="failed and cannot say so: No space left"):
        execute(run.folder, observer=tiny_runs.At(_4=break_it))
    assert not is_claimed(run.folder)


def test_divergence_keeps_the_last_good_weights(new):
    run = new(learning_rate=1e30, warmup_steps=0, steps=50)
    status = execute(run.folder)
    assert status.state == "failed"
    assert "not a finite number. Lower the learning rate" in status.message
    _, card = load_checkpoint(run.folder)  # refuses weights that are not finite
    assert card.steps == status.step
    assert "Failed at update" in run.log()


def _is_whole_and_finite(run, step: int) -> None:
    model, card = load_checkpoint(run.folder)  # refuses weights that are not finite
    assert card.steps == load_card(run.folder).steps == run.stored_status().step == step
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert "NaN" not in (run.folder / "status.json").read_text()


def test_spoilt_by_the_only_update(new):
    run = new(learning_rate=1e30, warmup_steps=0, steps=1)
    status = execute(run.folder)
    assert status.state == run.status().state == "failed"
    assert re.fullmatch(r"Training stopped at update 1: [^\n]*", status.message)
    _is_whole_and_finite(run, 0)
    assert "Traceback" not in run.log()


@pytest.mark.parametrize("wish", ["pause", "stop"])
def test_spoilt_weights_are_not_saved_where_the_user_halts(new, wish):
    run = new(learning_rate=1e30, warmup_steps=0, steps=50)
    status = execute(run.folder, observer=tiny_runs.At(_1=lambda: run.request(**{wish: True})))
    assert status.state == "failed"
    assert "not a finite number. Lower the learning rate" in status.message
    _is_whole_and_finite(run, 0)


def test_spoilt_weights_are_not_saved_by_the_clock(new, monkeypatch):
    monkeypatch.setattr(execution, "SAVE_EVERY_S", 0.0)
    run = new(learning_rate=1e30, warmup_steps=0, steps=50)
    assert execute(run.folder).state == "failed"
    _is_whole_and_finite(run, 0)


def test_a_bound_that_is_no_number_fails(new, monkeypatch):
    run = new()
    right = execution.result_of

    def spoilt(*args, **options):
        return dataclasses.replace(right(*args, **options), nll_bound=float("nan"))

    monkeypatch.setattr(execution, "result_of", spoilt)
    status = execute(run.folder)
    assert status.state == "failed"
    assert status.message.startswith("The bound on the test images is not a finite number.")
    assert load_card(run.folder).test is None
    _is_whole_and_finite(run, tiny_runs.STEPS)


def test_the_user_is_told_of_the_translation(new, monkeypatch):
    run = new(compiled=True)
    messages = []

    def slowly(state, *data):
        messages.append(run.status().message)
        state.config = dataclasses.replace(state.config, compiled=False)  # it takes a minute
        yield from train(state, *data)

    monkeypatch.setattr(execution, "train", slowly)
    monkeypatch.setattr("draw_core.runs.reporting._EVERY_S", -1.0)
    observer = tiny_runs.At(_1=lambda: messages.append(run.status().message))
    assert execute(run.folder, observer=observer).state == "finished"
    assert messages == ["Translating the network, which takes a minute or more.", ""]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "not enough memory .* smaller batch"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "smaller batch"),
        (ValueError("Set it to 3."), r"^Set it to 3\.$"),
        (PermissionError(13, "Permission denied", "x"), "could not be read or written.*denied"),
        (ZeroDivisionError("by zero"), r"^Training failed \(ZeroDivisionError: by zero\); see"),
    ],
)
def test_what_goes_wrong_is_one_sentence(new, monkeypatch, error, message):
    run = new()
    monkeypatch.setattr(execution, "train", _raise(error))
    status = execute(run.folder)
    assert status.state == "failed"
    assert status.step == 0
    assert re.search(message, status.message)
    assert run.status() == status
    load_checkpoint(run.folder)
    assert "Traceback" in run.log()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "nonesuch"}, "There is no data set 'nonesuch'"),
        ({"data_root": "/nowhere"}, "MNIST could not be read from /nowhere"),
        ({"height": 29}, r"The images are \(1, 28, 28\).*\(1, 29, 28\)"),
    ],
)
def test_a_run_that_cannot_begin_fails_with_one_sentence(new, changes, message):
    run = new(**changes)
    status = execute(run.folder)
    assert status.state == "failed"
    assert re.search(message, status.message)
    assert not (run.folder / TRAINING).exists()


def test_a_network_too_large_for_memory_fails_with_one_sentence(new):
    # 16384 * (16384 + 16384 + 2 * 28 * 28) * 4 weights of 4 bytes: 9 GB, ten times with Adam
    import resource

    run = new(enc_size=16384, dec_size=16384, read_attention=False)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, before[1]))
    try:
        status = execute(run.folder)
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    assert status.state == "failed"
    assert "There is not enough memory for this configuration" in status.message


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
def test_truncated_training_state(new, kept):
    run = new()
    execute(run.folder, observer=tiny_runs.At(_4=lambda: run.request(stop=True)))
    content = (run.folder / TRAINING).read_bytes()
    (run.folder / TRAINING).write_bytes(content[: int(kept * len(content))])
    with pytest.raises(CheckpointError, match=f"{TRAINING} is truncated"):
        saving.take_up(run.folder)
    run.request(resume=True)
    assert f"{TRAINING} is truncated" in execute(run.folder).message


@pytest.mark.parametrize("name", ["step", "model.posterior.bias", "adam.exp_avg.posterior.bias"])
def test_a_tensor_that_is_missing(new, name):
    from safetensors.torch import save_file

    run = new()
    execute(run.folder, observer=tiny_runs.At(_4=lambda: run.request(stop=True)))
    tensors = load_tensors(run.folder / TRAINING)
    del tensors[name]
    save_file(tensors, run.folder / TRAINING)
    with pytest.raises(CheckpointError, match=f"{TRAINING} .*{name.removeprefix('model.')}"):
        saving.take_up(run.folder)
