"""Runs on disk: a resumed run gives the weights of an uninterrupted one, bit for bit."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from draw_core.checkpoint import CheckpointError, load_card, load_checkpoint, load_preview
from draw_core.evaluate import Bound
from draw_core.runs import METRICS, TRAINING, RunFolder
from draw_core.train import TrainState, new_model, train
from tests import small

IMAGES = small.byte_images(10)  # an epoch has two batches of 4, so 6 steps pass three epochs


def _state() -> TrainState:
    return TrainState(new_model(small.CONFIG, IMAGES, seed=1), small.TRAINING)


def _begin(folder) -> tuple[RunFolder, TrainState]:
    run, state = RunFolder(folder), _state()
    run.begin(state, "mnist", len(IMAGES), "none", ["python", "-m", "draw_core", "a b"])
    return run, state


@pytest.mark.parametrize("stops", [[0], [1], [3], [2, 4], [5]])
def test_interrupted_and_resumed_equals_uninterrupted(tmp_path, stops):
    whole = _state()
    losses = [metrics.loss for metrics in train(whole, IMAGES)]

    run, state = _begin(tmp_path)
    resumed_losses = []
    for stop in [*stops, small.TRAINING.steps]:
        for metrics in train(state, IMAGES) if state.step < stop else ():
            resumed_losses.append(metrics.loss)
            if state.step == stop:
                break
        run.save(state)
        run = RunFolder(tmp_path)
        state = run.resume()
        assert state.step == stop
    assert resumed_losses == losses
    expected, got = whole.tensors(), state.tensors()
    assert got.keys() == expected.keys()
    assert any(name.startswith("adam.exp_avg_sq.") for name in expected)
    assert all(torch.equal(value, expected[name]) for name, value in got.items())


def test_a_run_is_a_checkpoint_from_its_beginning(tmp_path):
    assert not RunFolder(tmp_path).exists
    _, state = _begin(tmp_path)
    assert RunFolder(tmp_path).exists
    model, card = load_checkpoint(tmp_path)
    assert torch.equal(model.posterior.weight, state.model.posterior.weight)
    assert (card.steps, card.train_images, card.test) == (0, 10, None)
    assert card.command == "python -m draw_core 'a b'"


def test_metrics_are_one_line_per_save_and_last_over_a_resume(tmp_path):
    run, state = _begin(tmp_path)
    for metrics in train(state, IMAGES):
        run.save(state, metrics)
        run = RunFolder(tmp_path)
        state.load_tensors(run.resume().tensors())
    lines = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["loss"] == metrics.loss
    _begin(tmp_path)
    assert not (tmp_path / METRICS).exists()


def test_the_end_of_a_run_writes_bound_and_preview(tmp_path):
    run, state = _begin(tmp_path)
    list(train(state, IMAGES))
    run.save(state)
    bound = Bound(nll_bound=3.0, L_x=2.0, L_z=1.0, images=5)
    card = run.finish(state, bound)
    assert card == load_card(tmp_path)
    assert card.test == {"nll_bound": 3.0, "L_x": 2.0, "L_z": 1.0, "images": 5}
    assert card.steps == 6
    z = state.model.generate(64, small.seeded(0)).z
    assert torch.equal(torch.from_numpy(load_preview(tmp_path).z), z.detach())


def test_time_is_counted_over_all_sessions(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("draw_core.runs.time.monotonic", lambda: clock[0])
    run, state = _begin(tmp_path)
    clock[0] += 5
    run.save(state)
    clock[0] += 1000  # nobody trains
    run = RunFolder(tmp_path)
    state = run.resume()
    clock[0] += 2
    run.save(state)
    assert load_card(tmp_path).wall_time_s == 7


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
def test_truncated_training_state(tmp_path, kept):
    _begin(tmp_path)
    content = (tmp_path / TRAINING).read_bytes()
    (tmp_path / TRAINING).write_bytes(content[: int(kept * len(content))])
    with pytest.raises(CheckpointError, match=f"{TRAINING} is truncated"):
        RunFolder(tmp_path).resume()


@pytest.mark.parametrize("name", ["step", "model.posterior.bias", "adam.exp_avg.posterior.bias"])
def test_a_tensor_that_is_missing(tmp_path, name):
    run, state = _begin(tmp_path)
    next(train(state, IMAGES))
    run.save(state)
    tensors = load_file(tmp_path / TRAINING)
    del tensors[name]
    save_file(tensors, tmp_path / TRAINING)
    with pytest.raises(CheckpointError, match=f"{TRAINING} .*{name.removeprefix('model.')}"):
        RunFolder(tmp_path).resume()


def test_no_run_and_no_training_state(tmp_path):
    with pytest.raises(CheckpointError, match=r"card\.json is missing"):
        RunFolder(tmp_path).resume()
    _begin(tmp_path)
    (tmp_path / TRAINING).unlink()
    with pytest.raises(CheckpointError, match=f"{TRAINING} is missing"):
        RunFolder(tmp_path).resume()


def test_a_run_must_be_begun_before_it_is_saved(tmp_path):
    with pytest.raises(RuntimeError, match="begin"):
        RunFolder(tmp_path).save(_state())


def test_metrics_of_steps_that_were_lost_are_forgotten(tmp_path):
    run, state = _begin(tmp_path)
    for metrics in train(state, IMAGES):
        run.save(state, metrics)
        if state.step == 2:
            saved = (tmp_path / TRAINING).read_bytes()
    (tmp_path / TRAINING).write_bytes(saved)  # as if the machine had died after step 2 was saved
    assert RunFolder(tmp_path).resume().step == 2
    lines = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
