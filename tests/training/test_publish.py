"""The command publish: a run becomes a checkpoint, in half precision where that is free."""

import json
import re

import numpy as np
import pytest
import torch
from click.testing import Result
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from draw_core.cli import app, publish
from draw_core.data.datasets import load
from draw_core.measure.carry import CARRY, in_words, load_carry
from draw_core.measure.evaluate import evaluate
from draw_core.runs.execution import execute
from draw_core.runs.files import claim
from draw_core.runs.history import METRICS, MetricsLog
from draw_core.runs.run import Run
from draw_core.store.checkpoint import CARD, WEIGHTS, load_checkpoint, load_preview, make_preview
from draw_core.store.curve import CURVE
from tests.support import tiny_runs


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "shipped"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "shipped"


@pytest.fixture
def run(tmp_path, mnist_root):
    """A finished run."""
    run = tiny_runs.new(tmp_path / "runs", mnist_root)
    assert execute(run.folder).state == "finished"
    return run


def _publish(mnist_root, *arguments: object) -> Result:
    fixed = ["publish", "--data-root", mnist_root]
    return CliRunner().invoke(app, [str(a) for a in [*fixed, *arguments]])


def _fails(result: Result, message: str) -> None:
    assert result.exit_code == 1, result.output
    assert re.match(message, result.stderr, re.DOTALL), result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_checkpoint_in_half_precision_with_its_own_bound(root, run, mnist_root):
    MetricsLog(run.folder).test(12, 0.5, 100.5, 20.0, 11, spread=True)
    notes = ["Start from an empty page.", "Warm up."]
    options = [word for note in notes for word in ("--note", note)]
    result = _publish(mnist_root, run.folder, "tiny", *options, "--samples", 2)
    assert result.exit_code == 0, result.output
    assert sorted(f.name for f in (root / "tiny").iterdir()) == [
        CARD, CURVE, WEIGHTS, "preview.npz"
    ]  # fmt: skip
    costs = json.loads((root / "tiny" / CURVE).read_text())
    np.testing.assert_allclose(costs["train"], run.history().loss, atol=5e-4)
    assert (costs["test_step"][-1], costs["test"][-1]) == (12, 120.5)
    assert (costs["test_images"], costs["test_spread"]) == (11, True)
    trained, before = load_checkpoint(run.folder)
    shipped, card = load_checkpoint(root / "tiny")
    images = load("mnist", "test", mnist_root).images
    full, half = (evaluate(model, images, samples=2) for model in (trained, shipped))
    assert card.test == {**half.to_dict(), "protocol": card.protocol()}
    assert full.nll_bound != half.nll_bound
    assert f"float32  {full.nll_bound:.4f} nats" in result.stdout
    assert f"float16  {half.nll_bound:.4f} nats, moved by " in result.stdout
    assert "Published tiny with float16 weights" in result.stdout
    assert card.protocol() in result.stdout
    assert (card.weights, card.notes) == ("float16", tuple(notes))
    assert {v.dtype for v in load_file(root / "tiny" / WEIGHTS).values()} == {torch.float16}
    assert (card.config, card.training, card.command) == (
        before.config,
        before.training,
        before.command,
    )
    stored, painted = load_preview(root / "tiny"), make_preview(shipped)
    np.testing.assert_array_equal(stored.frames(), painted.frames())


def test_a_curve_of_other_weights_does_not_stay(root, run, mnist_root):
    assert _publish(mnist_root, run.folder, "tiny").exit_code == 0
    (run.folder / METRICS).unlink()
    assert _publish(mnist_root, run.folder, "tiny", "--replace").exit_code == 0
    assert not (root / "tiny" / CURVE).exists()


def test_what_the_steps_of_other_weights_carry_does_not_stay(root, run, mnist_root):
    assert _publish(mnist_root, run.folder, "tiny").exit_code == 0
    measure = ["carry", "tiny", "--save", "--images", "20", "--data-root", str(mnist_root)]
    result = CliRunner().invoke(app, measure)
    assert result.exit_code == 0, result.output
    found = load_carry(root / "tiny", root / "tiny" / WEIGHTS)
    assert found
    assert f"{found.steps[0]:.2f}" in result.stdout.splitlines()[2]
    assert in_words(found) in result.stdout
    assert _publish(mnist_root, run.folder, "tiny", "--replace").exit_code == 0
    assert not (root / "tiny" / CARRY).exists()


def test_full_precision_where_half_would_move_the_bound(root, run, mnist_root, monkeypatch):
    monkeypatch.setattr(publish, "LARGEST_MOVE", 0.0)
    result = _publish(mnist_root, run.folder, "tiny")
    assert "Published tiny with float32 weights" in result.stdout
    trained, shipped = (load_checkpoint(f)[0].state_dict() for f in (run.folder, root / "tiny"))
    assert all(torch.equal(value, shipped[name]) for name, value in trained.items())
    assert load_checkpoint(root / "tiny")[1].weights == "float32"


def test_weights_beyond_half_precision_are_published_as_they_are(root, run, mnist_root):
    tensors = load_file(run.folder / WEIGHTS)
    tensors["initial_enc"][0, 0] = 1e5  # an LSTM squashes it
    save_file(tensors, run.folder / WEIGHTS)
    result = _publish(mnist_root, run.folder, "tiny")
    assert result.exit_code == 0, result.output
    assert "float16  cannot be used: initial_enc holds weights too large" in result.stdout
    assert load_checkpoint(root / "tiny")[0].initial_enc[0, 0] == 1e5


@pytest.mark.parametrize("stale", [True, False])
def test_the_runs_own_bound_is_used_if_it_is_of_these_weights(
    root, run, mnist_root, monkeypatch, stale
):
    monkeypatch.setattr(publish, "QUICK_IMAGES", 11)
    values = json.loads((run.folder / CARD).read_text())
    values["test"] |= {"first_1000": values["test"]["nll_bound"] + stale}
    (run.folder / CARD).write_text(json.dumps(values))
    measured = []
    right = publish.measure
    monkeypatch.setattr(
        publish, "measure", lambda *a, **k: measured.append(k["words"]) or right(*a, **k)
    )
    assert _publish(mnist_root, run.folder, "tiny").exit_code == 0
    assert measured == (["float32", "float16"] if stale else ["float16"])


def test_nothing_is_overwritten_unasked(root, run, mnist_root):
    assert _publish(mnist_root, run.folder, "tiny").exit_code == 0
    before = (root / "tiny" / CARD).read_bytes()
    again = [run.folder, "tiny", "--note", "A second look."]
    _fails(_publish(mnist_root, *again), "Error: There is a checkpoint tiny already; add --replace")
    assert (root / "tiny" / CARD).read_bytes() == before
    assert _publish(mnist_root, *again, "--replace").exit_code == 0
    assert load_checkpoint(root / "tiny")[1].notes == ("A second look.",)


def test_a_run_that_was_stopped_needs_a_word_more(root, tmp_path, mnist_root):
    run = tiny_runs.new(tmp_path / "runs", mnist_root)
    left = iter([None] * 4)
    assert execute(run.folder, leave=lambda: next(left, "stopped")).state == "stopped"
    _fails(_publish(mnist_root, run.folder, "tiny"), "Error: The run .* was stopped before its end")
    assert not root.exists()
    assert _publish(mnist_root, run.folder, "tiny", "--unfinished").exit_code == 0
    _, card = load_checkpoint(root / "tiny")
    assert card.steps < card.training.steps
    assert card.test["images"] == 11


def test_a_run_in_training_is_left_to_it(root, tmp_path, mnist_root):
    run = tiny_runs.new(tmp_path / "runs", mnist_root)
    with claim(run.folder):
        status = run.stored_status()
        Run(run.folder).write_status(type(status)("running", worker="host:1"))
        result = _publish(mnist_root, run.folder, "tiny", "--unfinished")
    _fails(result, r"Error: The run .* is still in training \(running\)")


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("../tiny", [], "Error: '../tiny' cannot name a checkpoint"),
        (".tiny", [], "Error: '.tiny' cannot name a checkpoint"),
        ("tiny", ["--note", "a\nb"], "Error: its note holds characters"),
        ("tiny", ["--note", "x" * 601], "Error: its note is longer than 600"),
    ],
)
def test_what_cannot_be_is_one_sentence(root, run, mnist_root, name, more, message):
    _fails(_publish(mnist_root, run.folder, name, *more), message)
    assert not root.exists()


def test_there_must_be_a_run_and_another_place(root, run, mnist_root, monkeypatch):
    _fails(_publish(mnist_root, "/nowhere", "tiny"), "Error: There is no run folder /nowhere")
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(run.folder.parent))
    result = _publish(mnist_root, run.folder, run.id, "--replace")
    _fails(result, "Error: .* is the folder of the run itself")
