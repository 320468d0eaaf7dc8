"""One run from its beginning to its end, whatever happens to it on the way."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from draw_core.base import hardware
from draw_core.data.datasets import load
from draw_core.families.draw.engine import ENGINE
from draw_core.families.draw.film import fitted
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure.evaluate import evaluate
from draw_core.runs import execution, live, saving
from draw_core.runs.config import RunConfig
from draw_core.runs.execution import execute
from draw_core.runs.files import is_claimed
from draw_core.runs.registry import create_run
from draw_core.runs.run import TRAINING
from draw_core.store.checkpoint import (
    load_card,
    load_checkpoint,
    load_preview,
    load_tensors,
)
from tests.support import small, tiny_runs


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
    assert (card.steps, card.train_images, card.data) == (tiny_runs.STEPS, 24, "mnist")
    assert status == dataclasses.replace(
        status,
        state="finished",
        step=tiny_runs.STEPS,
        message="",
        retries=0,
        worker=None,
        test=card.test["nll_bound"],
        left_s=0.0,
    )
    assert 0 < status.seconds <= status.elapsed_s
    assert card.wall_time_s == pytest.approx(status.elapsed_s, abs=0.5)
    history = whole.history()
    assert history.step[-1] == tiny_runs.STEPS
    assert history.kl.shape == (len(history.step), 2)
    np.testing.assert_allclose(history.kl.sum(axis=1), history.latent_loss, rtol=1e-4)
    rounding = 1e-5 * max(losses)  # of the file
    assert min(losses) - rounding <= history.loss.min()
    assert history.loss.max() <= max(losses) + rounding

    samples = whole.samples()
    np.testing.assert_array_equal(samples.frames(), ENGINE.generate(model, 16, 0).frames())
    z = load_preview(whole.folder).first(16).vectors("z").values
    np.testing.assert_array_equal(z, samples.vectors("z").values)
    assert whole.reconstruction().bars("kl").values.shape == (2, 1)
    np.testing.assert_array_equal(whole.reconstruction().original, test_images[:1].numpy())
    assert whole.sample_steps()[0] == 1
    assert fitted(whole.samples_at(1), config.model)
    assert not is_claimed(whole.folder)
    log = whole.log()
    assert card.command in log
    assert f"Finished at update {tiny_runs.STEPS}." in log


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
        execute(run.folder, observer=tiny_runs.At(**{f"_{step}": lambda: run.request(stop=True)}))
    assert run.status().state == "finished"
    assert load_card(run.folder).hardware == "first; then second; then third"


def test_a_machine_that_only_measures_is_not_named(new, monkeypatch):
    run, at_work = new(), [True]
    monkeypatch.setattr(saving, "describe_hardware", lambda _: "first" if at_work else "second")
    stop = tiny_runs.At(**{f"_{tiny_runs.STEPS}": lambda: run.request(stop=True)})
    assert execute(run.folder, observer=stop).state == "stopped"
    assert run.status().step == tiny_runs.STEPS
    at_work.clear()
    run.request(resume=True)
    assert execute(run.folder).state == "finished"
    assert load_card(run.folder).hardware == "first"


def test_a_finished_run_is_left_as_it_is(whole):
    before = (whole.folder / TRAINING).stat().st_mtime_ns
    assert execute(whole.folder) == whole.status()
    assert (whole.folder / TRAINING).stat().st_mtime_ns == before


def test_a_limit_of_time_ends_the_run(new):
    run = new(steps=10**7, seconds=0.3)
    status = execute(run.folder)
    assert status.state == "finished"
    assert 0.3 <= status.seconds < 1
    assert load_card(run.folder).steps == status.step < 10**7


def test_a_run_is_a_checkpoint_from_its_first_step(new):
    run = new()
    cards = []

    def look() -> None:
        cards.append(load_checkpoint(run.folder)[1])

    execute(run.folder, observer=tiny_runs.At(_1=look))
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
    real = live.result_of

    def look(model, images, *more):
        measured.append(images)
        return real(model, images, *more)

    monkeypatch.setattr(live, "result_of", look)
    execute(run.folder)
    test = load("mnist", "test", mnist_root).images
    assert torch.equal(measured[0], test[[0, len(test) // 2]])
    costs = run.history().costs()
    assert (costs.test_images, costs.test_spread) == (2, True)
    assert len(costs.test) == len(measured)
