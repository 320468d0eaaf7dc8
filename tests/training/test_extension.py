"""A run that ended is trained for longer."""

import dataclasses

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from draw_core.cli import app, train as train_cli
from draw_core.data.datasets import load
from draw_core.data.registry import DataError
from draw_core.learning.train import TrainState, new_model, train
from draw_core.runs import execution, extension
from draw_core.runs.execution import execute
from draw_core.runs.extension import extend
from draw_core.runs.files import claim
from draw_core.runs.run import Run, RunError
from draw_core.store.checkpoint import (
    PREVIEW,
    load_card,
    load_checkpoint,
    load_preview,
    make_preview,
)
from tests.support import tiny_runs

SHORT, LONG = tiny_runs.TRAINING_CONFIG.steps, tiny_runs.TRAINING_CONFIG.steps + 5


@pytest.fixture
def run(tmp_path, mnist_root) -> Run:
    """A finished run."""
    new = tiny_runs.new(tmp_path, mnist_root)
    assert execute(new.folder).state == "finished"
    return new


def test_it_goes_on_from_where_it_was_with_the_rate_of_the_longer_training(run, mnist_root):
    extend(run.folder, LONG)
    assert execute(run.folder).state == "finished"
    images = load("mnist", "train", mnist_root).images
    config = run.config()
    assert config.training.steps == LONG
    short = dataclasses.replace(config.training, steps=SHORT)
    state = TrainState(new_model(config.model, images, seed=1), short)
    for _ in train(state, images):
        pass
    state.config = config.training
    for _ in train(state, images):
        pass
    model, card = load_checkpoint(run.folder)
    for name, value in state.model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name])
    assert (card.steps, card.training.steps) == (LONG, LONG)
    painted = make_preview(model)
    z = load_preview(run.folder).vectors("z").values
    np.testing.assert_array_equal(z, painted.vectors("z").values)


def test_what_was_measured_is_taken_off_until_it_is_measured_again(run):
    first = load_card(run.folder)
    assert first.test
    extend(run.folder, LONG)
    card = load_card(run.folder)
    assert card.test is None
    assert card.command.splitlines() == [
        first.command,
        f"python -m draw_core train --resume --run-dir RUN --steps {LONG}",
    ]
    execute(run.folder)
    assert load_card(run.folder).test != first.test
    assert load_card(run.folder).command == card.command
    assert (run.folder / PREVIEW).exists()


def test_a_process_that_died_on_the_way_is_made_good(run, monkeypatch):
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(extension.Run, "write_status", die)
        with pytest.raises(KeyboardInterrupt):
            extend(run.folder, LONG)
    assert run.stored_status().state == "finished"
    extend(run.folder, LONG)
    assert len(load_card(run.folder).command.splitlines()) == 2
    assert execute(run.folder).step == LONG


def test_the_command_that_began_it_changes_nothing(tmp_path, run, mnist_root):
    by_the_clock = tiny_runs.new(tmp_path, mnist_root, seconds=60.0)
    for same in (run, by_the_clock):
        before = {path: path.read_bytes() for path in same.folder.glob("*.json")}
        extend(same.folder, SHORT)
        assert {path: path.read_bytes() for path in same.folder.glob("*.json")} == before


@pytest.mark.parametrize("steps", [1, SHORT - 1])
def test_no_run_is_made_shorter(run, steps):
    with pytest.raises(RunError, match=f"planned for {SHORT} updates: ask for more"):
        extend(run.folder, steps)
    assert run.stored_status().state == "finished"
    assert load_card(run.folder).test


def test_a_run_that_ends_by_the_clock_is_refused(tmp_path, mnist_root):
    new = tiny_runs.new(tmp_path, mnist_root, seconds=60.0)
    with pytest.raises(RunError, match="also ends after a time: begin one with --seconds 0"):
        extend(new.folder, LONG)


def test_a_run_at_work_is_left_alone(run):
    with (
        claim(run.folder),
        pytest.raises(RunError, match="stop it before it is made longer"),
    ):
        extend(run.folder, LONG)
    assert run.config().training.steps == SHORT


def test_it_goes_on_with_other_images(run, mnist_root):
    first = load_card(run.folder)
    extend(run.folder, LONG, "strokes")
    assert run.config().data == load_card(run.folder).data == "strokes"
    assert load_card(run.folder).train_images == first.train_images  # it has not learned yet
    extend(run.folder, LONG, "strokes")  # the same again
    assert load_card(run.folder).command.splitlines() == [
        first.command,
        f"python -m draw_core train --resume --run-dir RUN --data strokes --steps {LONG}",
    ]
    extend(run.folder, LONG + 1)
    assert load_card(run.folder).command.splitlines()[2:] == [
        f"python -m draw_core train --resume --run-dir RUN --steps {LONG + 1}"
    ]


@pytest.mark.parametrize(
    ("steps", "data", "error", "words"),
    [
        (LONG, "two_digits", RunError, r"images of 1 × 28 × 28 .* not for those of Two digits\."),
        (LONG, "nothing", DataError, "There is no data set 'nothing'"),
        (SHORT, "strokes", RunError, f"planned for {SHORT} updates: ask for more"),
    ],
)
def test_other_images_that_do_not_do_change_nothing(run, steps, data, error, words):
    before = {path: path.read_bytes() for path in run.folder.glob("*.json")}
    with pytest.raises(error, match=words):
        extend(run.folder, steps, data)
    assert {path: path.read_bytes() for path in run.folder.glob("*.json")} == before


def test_the_card_counts_the_images_that_it_learned_from_last(run, mnist_root, monkeypatch):
    few = load("mnist", "train", mnist_root)._replace(
        images=torch.zeros(9, 1, 28, 28).byte(), labels=torch.zeros(9).long()
    )
    monkeypatch.setattr(execution, "load", lambda *_: few)
    extend(run.folder, LONG, "strokes")
    assert execute(run.folder).state == "finished"
    assert load_card(run.folder).train_images == 9


def test_other_digits_are_those_that_may_be_fetched(run, tmp_path, monkeypatch):
    monkeypatch.setattr(train_cli, "execute", lambda *_, **__: run.status())
    extend(run.folder, LONG)  # so that it can be longer still, whatever it shows
    seen = []
    monkeypatch.setattr(train_cli, "extend", lambda *arguments: seen.append(arguments[2]))
    resume = ["train", "--resume", "--run-dir", str(run.folder), "--steps", str(LONG + 1)]
    empty = ["--data", "two_digits_apart", "--data-root", str(tmp_path / "empty")]
    CliRunner().invoke(app, [*resume, *empty, "--download"])
    CliRunner().invoke(app, [*resume, *empty])
    assert seen == ["two_digits_apart:mnist", "two_digits_apart:strokes"]
    assert run.config().data_root == str(tmp_path / "empty")


def test_the_command_line_goes_on_with_other_images(run, mnist_root, monkeypatch):
    seen = []
    monkeypatch.setattr(train_cli, "execute", lambda folder, **_: seen.append(1) or run.status())
    resume = ["train", "--resume", "--run-dir", str(run.folder), "--data", "fashion_mnist"]
    result = CliRunner().invoke(app, resume)
    assert result.exit_code == 1
    assert "Say with --steps for how many updates in all" in result.stderr
    assert run.config().data == "mnist"
    CliRunner().invoke(app, [*resume, "--steps", str(LONG)])
    assert seen == [1]
    assert (run.config().data, run.config().training.steps) == ("fashion_mnist", LONG)


def test_the_command_line_makes_it_longer(run):
    arguments = ["train", "--resume", "--run-dir", str(run.folder), "--steps", str(LONG)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert run.status().step == LONG
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output  # the same again: it is finished
    arguments[-1] = str(SHORT)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert f"Error: This run was planned for {LONG} updates: ask for more." in result.stderr
