"""The command line, on a network and a data set of a few kilobytes."""

import os
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import Result
from typer.testing import CliRunner

from draw_core.cli import app, train
from draw_core.data.datasets import load
from draw_core.families.draw.presets import PRESETS
from draw_core.measure.evaluate import evaluate
from draw_core.runs import execution
from draw_core.runs.files import claim
from draw_core.runs.registry import Run, list_runs
from draw_core.runs.run import CONFIG
from draw_core.store.checkpoint import load_card, load_checkpoint, load_preview, save_checkpoint
from tests.support import process, small, tiny_runs
from tests.support.command_lines import ask, fails

SIZES = ["--num-steps", "2", "--enc-size", "8", "--dec-size", "8", "--z-size", "3"]
SIZES += ["--read-size", "2", "--write-size", "3", "--batch-size", "8", "--warmup-steps", "2"]


def _train(out: Path, root: Path, *more: object) -> Result:
    fixed = ["--data", "mnist", "--data-root", root, *SIZES, "--steps", 5, "--threads", 1]
    fixed += ["--seconds", 0]
    return ask("train", "--run-dir", out, *fixed, *more)


@pytest.fixture
def painter(tmp_path):
    """A checkpoint whose steps all differ."""
    model = small.model(channels=1)
    save_checkpoint(tmp_path / "painter", model, small.card(config=model.config), None)
    return tmp_path / "painter"


def test_train_writes_a_whole_checkpoint(tmp_path, mnist_root):
    result = _train(tmp_path / "run", mnist_root, "--seed", 3, "--initial-canvas", "data_mean")
    assert result.exit_code == 0, result.output
    model, card = load_checkpoint(tmp_path / "run")
    assert card.steps == card.training.steps == 5
    assert card.training.seed == 3
    assert (card.config.num_steps, card.config.z_size, card.config.initial_canvas) == (
        2,
        3,
        "data_mean",
    )
    assert card.train_images == 24
    assert card.test == evaluate(model, load("mnist", "test", mnist_root).images).to_dict()
    assert card.test["images"] == 11
    assert load_preview(tmp_path / "run").num_samples == 64
    assert f"Test bound {card.test['nll_bound']:.2f} nats" in result.stderr


def test_the_card_holds_a_command_that_trains_the_same_again(tmp_path, mnist_root):
    more = ["--no-write-attention", "--name", "Mine", "--preset", "ten-minutes"]
    assert _train(tmp_path / "run", mnist_root, *more).exit_code == 0
    card = load_card(tmp_path / "run")
    assert str(mnist_root) not in card.command
    assert str(tmp_path) not in card.command
    words = shlex.split(card.command)
    assert words[:4] == ["python", "-m", "draw_core", "train"]
    again = ["--run-dir", tmp_path / "again", "--data-root", mnist_root]
    assert ask(*words[3:], *again).exit_code == 0
    assert load_card(tmp_path / "again").training == card.training
    assert load_card(tmp_path / "again").config == card.config
    whole, resumed = (load_checkpoint(tmp_path / name)[0] for name in ("run", "again"))
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name])


def test_the_application_lists_therun(tmp_path, mnist_root, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path))
    fixed = ["--data", "mnist", "--data-root", mnist_root, *SIZES, "--steps", 2, "--threads", 1]
    result = ask("train", *fixed)
    assert result.exit_code == 0
    assert ask("train", *fixed, "--run-dir", tmp_path / "mine", "--name", "Mine").exit_code == 0
    mine, other = list_runs(tmp_path)
    assert (mine.id, mine.config.name, mine.config.kept) == ("mine", "Mine", True)
    assert (other.config.name, other.config.preset) == ("One minute on MNIST", "one-minute")
    assert f"in {tmp_path / other.id}" in result.stderr
    assert {mine.status.state, other.status.state} == {"finished"}
    assert Run(tmp_path / "mine").samples() is not None


@pytest.mark.parametrize(("more", "digits"), [([], "strokes"), (["--download"], "mnist")])
def test_composites_are_of_mnist_where_it_may_be_fetched(tmp_path, monkeypatch, more, digits):
    downloads = []

    def execute(folder, download, **_):
        downloads.append(download)
        return Run(folder).status()

    monkeypatch.setattr(train, "execute", execute)
    result = ask(
        *("train", "--run-dir", tmp_path / "run", "--data-root", tmp_path / "empty"),
        *("--data", "two_digits", *more),
    )
    assert result.exit_code == 0, result.output
    assert Run(tmp_path / "run").config().data == f"two_digits:{digits}"
    assert downloads == [bool(more)]


def test_the_presets_settings_hold_where_there_is_no_option(tmp_path, mnist_root):
    assert _train(tmp_path / "run", mnist_root, "--preset", "paper").exit_code == 0
    config, preset = Run(tmp_path / "run").config(), PRESETS["paper"]
    assert config.training.grad_clip == preset.training.grad_clip
    assert config.training.learning_rate == preset.training.learning_rate
    assert config.model.initial_canvas == preset.model.initial_canvas
    assert (config.training.batch_size, config.model.z_size) == (8, 3)


def test_interrupted_and_resumed_gives_the_same_weights(tmp_path, mnist_root, monkeypatch):
    assert _train(tmp_path / "whole", mnist_root).exit_code == 0
    right = execution.train

    def interrupted(state, *data):
        for metrics in right(state, *data):
            if metrics.step == 3:
                os.kill(os.getpid(), signal.SIGINT)
            yield metrics

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(execution, "train", interrupted)
    result = _train(tmp_path / "run", mnist_root)
    assert result.exit_code == 0
    assert (
        "Stopped and saved after update 3. Go on with: "
        f"python -m draw_core train --resume --run-dir {tmp_path / 'run'}\n" in result.stderr
    )
    assert signal.getsignal(signal.SIGINT) is before
    assert load_card(tmp_path / "run").steps == 3
    assert load_card(tmp_path / "run").test is None

    monkeypatch.setattr(execution, "train", right)
    result = ask("train", "--resume", "--run-dir", tmp_path / "run")
    assert result.exit_code == 0
    assert "Going on from update 3, with the images of mnist." in result.stderr
    whole, _ = load_checkpoint(tmp_path / "whole")
    resumed, card = load_checkpoint(tmp_path / "run")
    assert card.steps == 5
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name])


def test_data_that_moved_can_be_named_when_going_on(tmp_path, mnist_root):
    moved = tmp_path / "data"
    shutil.copytree(mnist_root, moved)
    assert _train(tmp_path / "run", moved, "--steps", 2).exit_code == 0
    assert Run(tmp_path / "run").config().data_root == str(moved)
    assert ask(
        "train", "--resume", "--run-dir", tmp_path / "run", "--data-root", mnist_root
    ).exit_code == 0  # fmt: skip
    assert Run(tmp_path / "run").config().data_root == str(mnist_root.resolve())


def test_a_training_can_start_from_a_shipped_model(tmp_path, mnist_root, monkeypatch):
    shipped = tmp_path / "shipped"
    assert _train(shipped / "small", mnist_root).exit_code == 0
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(shipped))
    more = ["--start-from", "small", "--num-steps", 4, "--learning-rate", 1e-6]
    assert _train(tmp_path / "longer", mnist_root, *more).exit_code == 0
    (old, _), (new, card) = (load_checkpoint(f) for f in (shipped / "small", tmp_path / "longer"))
    for name, value in old.state_dict().items():  # five updates of 1e-6 each, at most
        assert (new.state_dict()[name] - value).abs().max() < 1e-5
    assert "--start-from small" in card.command
    assert card.notes == (
        "It began with the weights of small, which had been trained for 5 updates; its own updates "
        "come on top.",
    )
    fails(
        _train(tmp_path / "other", mnist_root, "--start-from", "small", "--z-size", 4),
        r"Error: The weights of small do not fit this network; give it the same settings but for "
        r"the number of steps\.",
    )
    fails(
        _train(tmp_path / "none", mnist_root, "--start-from", "../small"),
        r"Error: There is no checkpoint",
    )
    assert not (tmp_path / "other").exists()
    assert not (tmp_path / "none").exists()


def test_ctrl_c_in_a_terminal_saves(tmp_path, mnist_root):
    arguments = ["train", "--run-dir", tmp_path / "run", "--data-root", mnist_root, *SIZES]
    arguments += ["--data", "mnist", "--steps", "1000000", "--seconds", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "draw_core", *map(str, arguments)],
        env=process.ENVIRONMENT,
        cwd=process.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as training:
        try:
            tiny_runs.wait_for(
                lambda: (tmp_path / "run" / "metrics.jsonl").exists() or training.poll() is not None
            )
            assert training.poll() is None, training.stdout.read()
            training.send_signal(signal.SIGINT)
            output, _ = training.communicate(timeout=60)
        finally:
            training.kill()
    assert training.returncode == 0, output
    assert "Traceback" not in output
    steps = load_card(tmp_path / "run").steps
    assert f"saved after update {steps:,}." in output
    assert 0 < steps < 1_000_000


def test_divergence_is_one_sentence_and_saves_good_weights(tmp_path, mnist_root):
    result = _train(
        tmp_path / "run", mnist_root, "--learning-rate", 1e30, "--warmup-steps", 0, "--steps", 50
    )
    assert result.exit_code == 1
    assert "Error: Training stopped at update" in result.stderr
    assert "Traceback" not in result.output
    load_checkpoint(tmp_path / "run")  # refuses weights that are not finite


def test_train_refuses_to_overwrite_arun(tmp_path, mnist_root):
    assert _train(tmp_path / "run", mnist_root).exit_code == 0
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    fails(_train(tmp_path / "run", mnist_root, "--seed", 9), "Error: .*already holds a run")
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--resume"], "Error: There is no run in .*Leave out --resume"),
        (["--preset", "nap"], "Error: There is no preset 'nap'; choose one of one-minute"),
        (["--read-size", 1], "Error: --read-size is 1; set it to 2 or more"),
        (["--steps", 0], "Error: --steps is 0; set it to 1 or more"),
        (["--batch-size", 10**10], "Error: --batch-size is 10000000000; set it to 100,000 or less"),
        (["--data", "mnits"], "Error: There is no data set 'mnits'"),
        (["--data-root", "/nowhere"], "Error: MNIST could not be read from /nowhere"),
    ],
)
def test_train_says_what_is_wrong(tmp_path, mnist_root, more, message):
    fails(_train(tmp_path / "run", mnist_root, *more), message)
    assert not list(tmp_path.iterdir())  # a run that cannot begin leaves nothing


def test_going_on_needs_a_folder(tmp_path):
    fails(ask("train", "--resume"), "Error: Say with --run-dir which run")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--seconds", 90], "Error: --seconds is 0 in this run and cannot be changed"),
        (["--learning-rate", 1], r"Error: --learning-rate is 0\.01 in this run and cannot be"),
        (["--num-steps", 9], "Error: --num-steps is 2 in this run and cannot be changed"),
        (["--family", "vae"], "Error: --family is draw in this run and cannot be changed"),
        (["--hidden-size", 9], "Error: --hidden-size is no setting of a DRAW; leave it out"),
        (["--preset", "one-minute"], "Error: A run that goes on has its settings; leave out"),
        (["--name", "other"], "Error: --name is tiny in this run and cannot be changed"),
        (["--data", "strokes"], "Error: Say with --steps for how many updates"),
        (["--data", "two_digits"], "Error: Say with --steps for how many updates"),
    ],
)
def test_what_a_run_would_not_take_is_refused(tmp_path, mnist_root, option, message):
    run = tiny_runs.new(tmp_path, mnist_root)
    before = (run.folder / CONFIG).read_bytes()
    fails(ask("train", "--resume", "--run-dir", run.folder, *option), message)
    assert (run.folder / CONFIG).read_bytes() == before


def test_the_settings_that_it_has_may_be_said_again(tmp_path, mnist_root):
    run = tiny_runs.new(tmp_path, mnist_root)
    same = ("--seconds", 0, "--learning-rate", 0.01, "--num-steps", 2, "--data", "mnist")
    result = ask("train", "--resume", "--run-dir", run.folder, *same)
    assert result.exit_code == 0, result.output
    assert run.status().state == "finished"


def test_a_run_that_another_process_trains_is_left_to_it(tmp_path, mnist_root):
    run = tiny_runs.new(tmp_path, mnist_root)
    with claim(run.folder):
        result = ask("train", "--resume", "--run-dir", run.folder)
    fails(result, "Error: The run .* is being trained by another process")


def test_evaluate_refuses_images_of_another_size(painter, mnist_root):
    result = ask("evaluate", painter, "--data-root", mnist_root)
    fails(result, r"Error: The images are \(1, 28, 28\).*the network is for \(1, 5, 7\)")


@pytest.mark.parametrize("name", ["evaluate", "sample"])
def test_an_unknown_checkpoint_lists_the_shipped_ones(name, painter, monkeypatch, tmp_path):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    more = ["--out", tmp_path / "x.png"] if name == "sample" else []
    fails(ask(name, "nonesuch", *more), "Error: There is no checkpoint.*'nonesuch'.*painter")


def test_a_damaged_checkpoint_is_one_sentence(painter, tmp_path):
    (painter / "model.safetensors").write_bytes(b"cut")
    fails(
        ask("sample", painter, "--out", tmp_path / "x.png"),
        "Error: .*model.safetensors is trunc",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["train", "evaluate", "sample", "publish", "1502.04623"]),
        (
            ["train"],
            ["--run-dir", "--preset", "one-minute", "strokes", "--resume", "--num-steps",
             "--seconds", "--read-attention", "--initial-canvas", "Ctrl-C",
             "same command", "test set", "card.json", "cosine", "--threads"],
        ),
        (
            ["evaluate"],
            ["--json", "--data-root", "nats", "whole test set", "fixed seed", "--samples",
             "--iwae", "importance-weighted", "--resume", "Ctrl-C", "--save"],
        ),
        (["publish"], ["--note", "--replace", "half precision", "0.05 nats", "card"]),
        (
            ["sample"],
            ["--out", ".png", ".gif", ".mp4", ".svg", ".csv", ".npz", "--seed", "--temperature",
             "--only", "--step", "same samples"],
        ),
    ],
)  # fmt: skip
def test_help_says_what_matters(arguments, words):
    # As a user sees it, less the frame that the terminal's width puts between words.
    result = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "200"})
    text = " ".join(re.sub(r"\x1b\[[0-9;]*m|[│╭╮╰╯─]", " ", result.output).split())
    assert result.exit_code == 0
    for word in words:
        assert word in text


def test_python_dash_m_runs_it(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["draw_core", "sample"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("draw_core", run_name="__main__")
    assert ended.value.code == 2
    assert "python -m draw_core sample" in capsys.readouterr().err
