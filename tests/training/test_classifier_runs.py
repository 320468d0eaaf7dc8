"""Networks that name digits go through the doors that all trainings go through."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.runs import exchange
from draw_core.runs.execution import execute
from draw_core.runs.run import SAMPLES
from draw_core.store.checkpoint import PREVIEW, load_card, load_checkpoint
from tests.support import tiny_runs

both = pytest.mark.parametrize("model", [tiny_runs.GLIMPSES, tiny_runs.CONVOLUTIONS])


def _said(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@both
def test_stopped_and_taken_up_it_is_as_if_never_stopped(tmp_path, mnist_root, model):
    whole, other = (
        tiny_runs.new_classifier(tmp_path / name, mnist_root, model) for name in ("a", "b")
    )
    assert execute(whole.folder).state == "finished"
    stops = tiny_runs.At(_5=lambda: other.request(stop=True))
    assert execute(other.folder, observer=stops).state == "stopped"
    other.request(resume=True)
    assert execute(other.folder).state == "finished"
    tiny_runs.same_training(whole, other)
    assert whole.status().test == other.status().test == load_card(whole.folder).value


def test_it_keeps_its_looks_and_its_errors_and_paints_nothing(tmp_path, mnist_root):
    run = tiny_runs.new_classifier(tmp_path, mnist_root, steps=30)
    assert execute(run.folder).state == "finished"
    assert run.reconstruction().windows("read").points == tiny_runs.GLIMPSES.read_size
    assert not (run.folder / SAMPLES).exists()
    assert not (run.folder / PREVIEW).exists()
    history = run.history()
    assert history.kl.shape == (len(history.step), 0)
    assert (history.latent_loss == 0).all()
    assert ((history.test_error >= 0) & (history.test_error <= 100)).all()


@both
def test_it_is_published_and_evaluated_as_all_are(tmp_path, mnist_root, monkeypatch, model):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    run = tiny_runs.new_classifier(tmp_path / "runs", mnist_root, model)
    assert execute(run.folder).state == "finished"
    root = ["--data-root", mnist_root]
    assert " %" in _said("publish", run.folder, "tiny", *root)
    (line,) = _said("evaluate", "tiny", "--json", "--save", *root).splitlines()
    found, card = json.loads(line), load_card(tmp_path / "checkpoints" / "tiny")
    assert card.test == found
    assert found["error"] == pytest.approx(load_card(run.folder).value, abs=5)
    assert found["images"] == load_card(run.folder).test["images"]
    assert not {"nll_bound", "L_x", "L_z", "nll"} & found.keys()
    refused = CliRunner().invoke(app, ["evaluate", "tiny", "--iwae", "5", *map(str, root)])
    assert "Errors are counted at once" in refused.stderr
    out = str(tmp_path / "a.png")
    assert "paints nothing" in CliRunner().invoke(app, ["sample", "tiny", "--out", out]).stderr


def test_its_command_trains_the_same_again(tmp_path, mnist_root):
    words = ["train", "--family", "glimpse", "--data", "mnist", "--steps", 3, "--seconds", 0]
    words += ["--digits", 20, "--batch-size", 4, "--window-rate", 0.2, "--threads", 1]
    _said(*words, "--run-dir", tmp_path / "first", "--data-root", mnist_root)
    card = load_card(tmp_path / "first")
    again = card.command.removeprefix("python -m draw_core ").split()
    _said(*again, "--run-dir", tmp_path / "second", "--data-root", mnist_root)
    other = load_card(tmp_path / "second")
    assert (other.config, other.training, other.test) == (card.config, card.training, card.test)
    assert (card.training.digits, card.training.window_rate) == (20, 0.2)


def test_what_is_no_setting_of_it_is_refused(tmp_path):
    for option in (["--z-size", "3"], ["--binarisation", "bernoulli"], ["--compiled"]):
        result = CliRunner().invoke(app, ["train", "--family", "glimpse", *option])
        assert result.exit_code == 1
        assert "is no setting of a Glimpses; leave it out." in result.stderr
    result = CliRunner().invoke(app, ["train", "--digits", "3"])
    assert "digits is no setting of a DRAW" in result.stderr


def test_it_is_exported_and_brought_in(tmp_path, mnist_root):
    run = tiny_runs.new_classifier(tmp_path / "a", mnist_root)
    assert execute(run.folder).state == "finished"
    brought = exchange.import_run(exchange.export_run(run), tmp_path / "b")
    assert brought.status().test == run.status().test
    assert load_card(brought.folder) == load_card(run.folder)
    model, card = load_checkpoint(brought.folder)
    assert model.config == card.config == dataclasses.replace(tiny_runs.GLIMPSES)
