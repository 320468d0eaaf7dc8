"""One run from its beginning to its end, whatever happens to it on the way."""

import dataclasses
import errno
import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torch

from draw_core.base import hardware
from draw_core.data.datasets import load
from draw_core.families.draw.film import fitted
from draw_core.families.draw.sample import sample_film
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure.evaluate import evaluate
from draw_core.runs import execution, live, saving, session
from draw_core.runs.config import RunConfig
from draw_core.runs.control import Control, write_control
from draw_core.runs.execution import MAX_DEATHS, Observer, execute
from draw_core.runs.files import is_claimed
from draw_core.runs.registry import create_run
from draw_core.runs.reporting import Reporter
from draw_core.runs.run import ROLLOUTS, TRAINING, RunError
from draw_core.store.checkpoint import (
    CheckpointError,
    load_card,
    load_checkpoint,
    load_preview,
    load_tensors,
)
from tests.support import process, small, tiny_runs

STEPS = tiny_runs.TRAINING_CONFIG.steps


class At(Observer):
    """Does something after a step; remembers the steps."""

    def __init__(self, **actions) -> None:
        self.actions = {int(name[1:]): action for name, action in actions.items()}
        self.steps: list[int] = []

    def trained(self, metrics, status) -> None:
        """Called after each update."""
        self.steps.append(metrics.step)
        if metrics.step in self.actions:
            self.actions.pop(metrics.step)()


@pytest.fixture
def new(tmp_path, mnist_root):
    """Makes runs."""
    return lambda **changes: tiny_runs.new(tmp_path, mnist_root, **changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, mnist_root):
    """The same run without any interruption."""
    run = tiny_runs.new(tmp_path_factory.mktemp("runs"), mnist_root)
    assert execute(run.folder).state == "finished"
    return run


def test_a_finished_run_holds_all_it_should(whole, mnist_root):
    status, config = whole.status(), whole.config()
    images = load("mnist", "train", mnist_root).images
    state = TrainState(new_model(config.model, images, seed=1), config.training)
    losses = [metrics.loss for metrics in train(state, images)]
    expected = load_tensors(whole.folder / TRAINING)
    for name, value in state.tensors().items():
        assert name == "seconds" or torch.equal(value, expected[name])

    model, card = load_checkpoint(whole.folder)
    test_images = load("mnist", "test", mnist_root).images
    assert card.test == evaluate(model, test_images).to_dict()
    assert (card.steps, card.train_images, card.data) == (STEPS, 24, "mnist")
    assert status == dataclasses.replace(
        status,
        state="finished",
        step=STEPS,
        message="",
        retries=0,
        worker=None,
        test=card.test["nll_bound"],
        left_s=0.0,
    )
    assert 0 < status.seconds <= status.elapsed_s
    assert card.wall_time_s == pytest.approx(status.elapsed_s, abs=0.5)
    history = whole.history()
    assert history.step[-1] == STEPS
    assert history.kl.shape == (len(history.step), 2)
    np.testing.assert_allclose(history.kl.sum(axis=1), history.latent_loss, rtol=1e-4)
    rounding = 1e-5 * max(losses)  # of the file
    assert min(losses) - rounding <= history.loss.min()
    assert history.loss.max() <= max(losses) + rounding

    samples = whole.samples()
    np.testing.assert_array_equal(samples.frames(), sample_film(model, 16, 0).frames())
    z = load_preview(whole.folder).first(16).vectors("z").values
    np.testing.assert_array_equal(z, samples.vectors("z").values)
    assert whole.reconstruction().bars("kl").values.shape == (2, 1)
    np.testing.assert_array_equal(whole.reconstruction().original, test_images[:1].numpy())
    assert whole.sample_steps()[0] == 1
    assert fitted(whole.samples_at(1), config.model)
    assert not is_claimed(whole.folder)
    log = whole.log()
    assert card.command in log
    assert f"Finished at step {STEPS}." in log


def test_the_card_holds_a_command_that_trains_the_same(tmp_path, mnist_root):
    model = dataclasses.replace(tiny_runs.MODEL, read_attention=False, initial_canvas="data_mean")
    training = dataclasses.replace(tiny_runs.TRAINING_CONFIG, seconds=9.5, binarisation="grey")
    config = RunConfig("x", "mnist", model, training, preset="paper", data_root="/secret")
    run = create_run(config, tmp_path)
    _, card = saving.begin(run.config(), load("mnist", "train", mnist_root).images)
    assert card.command == (
        "python -m draw_core train --preset paper --data mnist --num-steps 2 --z-size 3 "
        "--enc-size 8 --dec-size 8 --write-size 3 --no-read-attention --initial-canvas data_mean "
        "--steps 12 --seconds 9.5 --batch-size 8 --learning-rate 0.01 --warmup-steps 2 --seed 1 "
        "--binarisation grey --precision float32"
    )
    assert card.binarisation.startswith("None")


def test_the_card_names_every_machine_that_trained_it(new, monkeypatch):
    run = new()
    for step, machine in ((2, "first"), (4, "second"), (6, "first"), (99, "third")):
        monkeypatch.setattr(saving, "describe_hardware", lambda _, machine=machine: machine)
        run.request(resume=True)
        execute(run.folder, observer=At(**{f"_{step}": lambda: run.request(stop=True)}))
    assert run.status().state == "finished"
    assert load_card(run.folder).hardware == "first; then second; then third"


def test_a_machine_that_only_measures_is_not_named(new, monkeypatch):
    run, at_work = new(), [True]
    monkeypatch.setattr(saving, "describe_hardware", lambda _: "first" if at_work else "second")
    stop = At(**{f"_{STEPS}": lambda: run.request(stop=True)})
    assert execute(run.folder, observer=stop).state == "stopped"
    assert run.status().step == STEPS
    at_work.clear()
    run.request(resume=True)
    assert execute(run.folder).state == "finished"
    assert load_card(run.folder).hardware == "first"


@pytest.mark.parametrize("stops", [[0], [1], [5], [3, 4, 11]])
def test_stopped_and_continued_equals_uninterrupted(new, whole, stops):
    run, steps = new(), []
    for stop in stops:
        observer = At(**{f"_{stop}": lambda: run.request(stop=True)})
        if stop == 0:
            run.request(stop=True)
        status = execute(run.folder, observer=observer)
        assert (status.state, status.step, status.worker) == ("stopped", stop, None)
        steps += observer.steps
        run.request(resume=True)
    observer = At()
    assert execute(run.folder, observer=observer).state == "finished"
    assert steps + observer.steps == list(range(1, STEPS + 1))
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
    observer = At(_3=lambda: run.request(pause=True))
    status = execute(run.folder, observer=observer)
    assert seen == [("paused", 3), ("paused", 4), ("paused", 5), ("paused", 6)]
    assert (status.state, observer.steps) == ("finished", list(range(1, STEPS + 1)))
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
    execute(run.folder, observer=At(_5=lambda: run.request(stop=True)))
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
    execute(run.folder, observer=At(_5=lambda: run.request(learning_rate_scale=0.5)))
    rates, usual = _rates(run), _rates(plain)
    assert list(rates) == list(range(1, STEPS + 1))
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
    execute(run.folder, observer=At(_4=lambda: run.request(stop=True)))  # so step 4 is saved
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
    observer = At(_5=lambda: messages.append(run.status().message))
    status = execute(run.folder, observer=observer)
    assert (status.state, status.retries) == ("finished", 1)
    assert observer.steps == list(range(5, STEPS + 1))
    assert messages == ["It goes on from update 4: its process ended unexpectedly."]
    assert f"The worker {left.worker} died" in run.log()
    tiny_runs.same_training(run, whole)
    np.testing.assert_array_equal(run.history().step, np.arange(1, STEPS + 1))
    assert not list(run.folder.glob(".*"))


def test_a_run_that_kills_its_workers_is_given_up(new):
    run = new()
    execute(run.folder, observer=At(_4=lambda: run.request(stop=True)))
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
    observer = At(_7=lambda: leaving.append(1))
    status = execute(run.folder, leave=lambda: "queued" if leaving else None, observer=observer)
    assert (status.state, status.step, status.worker) == ("queued", 7, None)
    execute(run.folder)
    tiny_runs.same_training(run, whole)
    assert run.status().retries == 0


def test_stopped_and_continued_in_bfloat16(new):
    whole_run, run = (new(precision="bfloat16") for _ in range(2))
    execute(whole_run.folder)
    execute(run.folder, observer=At(_5=lambda: run.request(stop=True)))
    run.request(resume=True)
    assert execute(run.folder).state == "finished"
    tiny_runs.same_training(run, whole_run)


def test_a_paused_run_gives_way(new, whole):
    run = new()
    observer = At(_4=lambda: write_control(run.folder, Control(pause_at=0, give_way=True)))
    status = execute(run.folder, observer=observer)
    assert (status.state, status.step, status.worker) == ("paused", 4, None)
    assert "lets the next training go first" in status.message
    run.request(resume=True)
    execute(run.folder)
    tiny_runs.same_training(run, whole)


def test_a_run_in_training_gives_way_and_goes_on_bit_for_bit(new, whole):
    run = new()
    before = run.write_status(dataclasses.replace(run.stored_status(), queued=1.0))
    observer = At(_4=lambda: write_control(run.folder, Control(give_way=True)))
    status = execute(run.folder, observer=observer)
    assert (status.state, status.step, status.worker, status.gave_way) == ("queued", 4, None, True)
    assert status.queued >= before.updated  # behind those that waited
    assert "for others who wait" in status.message
    assert "Gave way at step 4" in run.log()
    observer = At(_6=lambda: write_control(run.folder, Control()))
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
    observer = At(**{step: lambda s=s: clock.__setitem__(0, s) for step, s in steps.items()})
    status = execute(run.folder, observer=observer, limit_s=7200.0)
    assert (status.state, status.step, status.worker) == ("stopped", 5, None)
    assert status.message.startswith(
        "Stopped and saved: it has worked 2 hours, as long as the owner "
    )
    assert execute(run.folder, limit_s=7200.0).step == 5
    assert execute(run.folder, limit_s=7300.0).state == "finished"
    tiny_runs.same_training(run, whole)


def _raise(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


def test_a_full_disk_ends_the_run_and_keeps_the_last_checkpoint(new, whole, monkeypatch):
    run = new()
    full = OSError(errno.ENOSPC, "No space left on device")
    execute(run.folder, observer=At(_4=lambda: run.request(stop=True)))
    run.request(resume=True)
    right = saving.write_atomic
    with monkeypatch.context() as patch:
        observer = At(_8=lambda: patch.setattr(saving, "write_atomic", _raise(full)))
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

    status = execute(run.folder, observer=At(_4=break_it))
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
        execute(run.folder, observer=At(_4=break_it))
    assert not is_claimed(run.folder)


def test_divergence_keeps_the_last_good_weights(new):
    run = new(learning_rate=1e30, warmup_steps=0, steps=50)
    status = execute(run.folder)
    assert status.state == "failed"
    assert "not a finite number. Lower the learning rate" in status.message
    _, card = load_checkpoint(run.folder)  # refuses weights that are not finite
    assert card.steps == status.step
    assert "Failed at step" in run.log()


def _is_whole_and_finite(run, step: int) -> None:
    model, card = load_checkpoint(run.folder)  # refuses weights that are not finite
    assert card.steps == load_card(run.folder).steps == run.stored_status().step == step
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert "NaN" not in (run.folder / "status.json").read_text()


def test_spoilt_by_the_only_update(new):
    run = new(learning_rate=1e30, warmup_steps=0, steps=1)
    status = execute(run.folder)
    assert status.state == run.status().state == "failed"
    assert re.fullmatch(r"Training stopped at step 1: [^\n]*", status.message)
    _is_whole_and_finite(run, 0)
    assert "Traceback" not in run.log()


@pytest.mark.parametrize("wish", ["pause", "stop"])
def test_spoilt_weights_are_not_saved_where_the_user_halts(new, wish):
    run = new(learning_rate=1e30, warmup_steps=0, steps=50)
    status = execute(run.folder, observer=At(_1=lambda: run.request(**{wish: True})))
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
    right = execution.evaluate

    def spoilt(*args, **options):
        return dataclasses.replace(right(*args, **options), nll_bound=float("nan"))

    monkeypatch.setattr(execution, "evaluate", spoilt)
    status = execute(run.folder)
    assert status.state == "failed"
    assert status.message.startswith("The bound on the test images is not a finite number.")
    assert load_card(run.folder).test is None
    _is_whole_and_finite(run, STEPS)


def test_the_user_is_told_of_the_translation(new, monkeypatch):
    run = new(compiled=True)
    messages = []

    def slowly(state, images):
        messages.append(run.status().message)
        state.config = dataclasses.replace(state.config, compiled=False)  # it takes a minute
        yield from train(state, images)

    monkeypatch.setattr(execution, "train", slowly)
    monkeypatch.setattr("draw_core.runs.reporting._EVERY_S", -1.0)
    observer = At(_1=lambda: messages.append(run.status().message))
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


@pytest.mark.parametrize("how", ["delete", "rmtree"])
def test_a_deleted_run_ends_and_stays_deleted(new, tmp_path, how):
    run = new()
    delete = run.delete if how == "delete" else lambda: shutil.rmtree(run.folder)
    observer = At(_6=delete)
    status = execute(run.folder, observer=observer)
    assert (status.state, status.message) == ("failed", "The run was deleted while it trained.")
    assert observer.steps[-1] <= 7
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunError, match="was deleted"):
        execute(run.folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", [6, STEPS])
def test_another_run_in_the_place_of_a_deleted_one_is_left_alone(new, step):
    run = new()
    files = {}

    def replace() -> None:
        run.delete()
        create_run(dataclasses.replace(config, name="another"), folder=run.folder)
        files.update({p.name: p.read_bytes() for p in run.folder.iterdir()})

    config = run.config()
    status = execute(run.folder, observer=At(**{f"_{step}": replace}))
    assert (status.state, status.message) == ("failed", "The run was deleted while it trained.")
    assert {p.name: p.read_bytes() for p in run.folder.iterdir()} == files
    assert run.config().name == "another"


def test_a_finished_run_is_left_as_it_is(whole):
    before = (whole.folder / TRAINING).stat().st_mtime_ns
    assert execute(whole.folder) == whole.status()
    assert (whole.folder / TRAINING).stat().st_mtime_ns == before


def test_a_limit_of_time_ends_the_run(new):
    run = new(steps=10**9, seconds=0.3)
    status = execute(run.folder)
    assert status.state == "finished"
    assert 0.3 <= status.seconds < 1
    assert load_card(run.folder).steps == status.step < 10**9


def test_a_run_is_a_checkpoint_from_its_first_step(new):
    run = new()
    cards = []

    def look() -> None:
        cards.append(load_checkpoint(run.folder)[1])

    execute(run.folder, observer=At(_1=look))
    assert (cards[0].steps, cards[0].test) == (0, None)


def test_threads_are_one_fewer_than_cores_unless_the_user_says(new, monkeypatch):
    counts = []
    monkeypatch.setattr(torch, "set_num_threads", counts.append)
    before = torch.get_num_threads()
    for cores, threads in ((4, 0), (4, 2), (1, 0)):
        monkeypatch.setattr(hardware, "cores", lambda cores=cores: cores)
        execute(new(threads=threads, steps=1).folder)
    assert counts == [3, before, 2, before, 1, before]


def test_restarting_with_the_same_seed_gives_the_same_run(new, whole):
    run = create_run(dataclasses.replace(whole.config(), restart_of=whole.id), whole.folder.parent)
    execute(run.folder)
    tiny_runs.same_training(run, whole)


def test_pictures_are_kept_ever_further_apart(new):
    run = new()
    model = small.model(channels=1)
    for step in [*range(1, 40), *range(40, 20_000, 250)]:
        live.write_samples(run, model, step)
    kept = run.sample_steps()
    assert kept[:4] == [1, 2, 3, 5]
    assert 15 < len(kept) < 25
    assert all(b >= 1.4 * a for a, b in itertools.pairwise(kept))
    live.forget_samples_after(run, 5)
    assert run.sample_steps() == [1, 2, 3, 5]


def test_a_pace_keeps_its_share_of_the_time(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    pace, times = live.Pace(1.0, 2.0, 0.01, share=0.05), []

    def work() -> None:
        times.append(clock[0])
        clock[0] += 0.3

    while clock[0] < 1000:
        clock[0] += 0.01
        pace.do_if_due(work)
    assert times[0] == pytest.approx(1.0, abs=0.02)
    assert times[1] - times[0] == pytest.approx(0.3 + 6.0, abs=0.05)
    assert 0.3 * len(times) / 1000 < 0.05


@pytest.mark.parametrize(
    ("rate", "available", "expected"),
    [(None, 50, 50), (None, 500, 100), (300.0, 10_000, 300), (9999.0, 10_000, 1000)],
)
def test_the_regular_test_takes_as_many_images_as_time_allows(rate, available, expected):
    assert live.subset_size(rate, available) == expected


@pytest.mark.parametrize(("count", "expected"), [(1, [0]), (4, [0, 2, 5, 7]), (10, range(10))])
def test_measured_images_are_spread_over_the_set(count, expected):
    images = torch.arange(10, dtype=torch.uint8).reshape(10, 1, 1, 1)
    assert live.spread(images, count).flatten().tolist() == list(expected)


def test_a_sorted_test_set_does_not_flatter_a_run_that_trains(new, mnist_root, monkeypatch):
    run, measured = new(), []
    monkeypatch.setattr(live, "subset_size", lambda *_: 2)
    monkeypatch.setattr(execution, "Pace", lambda *_, share: live.Pace(0.0, 0.0, 0.0, share=1e9))
    real = live.evaluate

    def look(model, images, **options):
        measured.append(images)
        return real(model, images, **options)

    monkeypatch.setattr(live, "evaluate", look)
    execute(run.folder)
    test = load("mnist", "test", mnist_root).images
    assert torch.equal(measured[0], test[[0, len(test) // 2]])
    costs = run.history().costs()
    assert (costs.test_images, costs.test_spread) == (2, True)
    assert len(costs.test) == len(measured)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
def test_truncated_training_state(new, kept):
    run = new()
    execute(run.folder, observer=At(_4=lambda: run.request(stop=True)))
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
    execute(run.folder, observer=At(_4=lambda: run.request(stop=True)))
    tensors = load_tensors(run.folder / TRAINING)
    del tensors[name]
    save_file(tensors, run.folder / TRAINING)
    with pytest.raises(CheckpointError, match=f"{TRAINING} .*{name.removeprefix('model.')}"):
        saving.take_up(run.folder)
