"""The command evaluate: what it prints and saves, and how it stops and goes on."""

import dataclasses
import json
import os
import re
import shlex
import signal
from pathlib import Path

import pytest
import torch
from click.testing import Result
from typer.testing import CliRunner

from draw_core.cli import app, evaluate_progress
from draw_core.data.datasets import load
from draw_core.measure.evaluate import evaluate
from draw_core.measure.evaluate_tally import NOISE_SAMPLES
from draw_core.store.card import protocol
from draw_core.store.checkpoint import CARD, WEIGHTS, load_card, load_checkpoint, save_checkpoint
from tests.support import small

MNIST = {"height": 28, "width": 28, "channels": 1}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Unfinished evaluations are kept below the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path):
    model = small.model(**MNIST)
    save_checkpoint(tmp_path / "tiny", model, small.card(config=model.config), None)
    return tmp_path / "tiny"


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def _fails(result: Result, message: str) -> None:
    assert result.exit_code == 1, result.output
    assert re.match(message, result.stderr, re.DOTALL), result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_json_is_what_the_function_finds_and_how_images_were_binarised(folder, mnist_root):
    result = _run(
        folder, "--data-root", mnist_root, "--samples", 3, "--iwae", 5, "--seed", 4, "--json"
    )
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 1
    model, _ = load_checkpoint(folder)
    images = load("mnist", "test", mnist_root).images
    expected = evaluate(model, images, 4, samples=3, iwae=5).to_dict()
    said = protocol("bernoulli", 4, "mnist")
    assert json.loads(result.stdout) == {**expected, "protocol": said}


def test_the_table_shows_every_number_and_the_protocol(folder, mnist_root):
    result = _run(folder, "--data-root", mnist_root, "--samples", 2, "--iwae", 3, "--images", 7)
    assert result.exit_code == 0, result.output
    model, _ = load_checkpoint(folder)
    images = load("mnist", "test", mnist_root).images[:7]
    bound = evaluate(model, images, samples=2, iwae=3)
    words = " ".join(result.stdout.split())
    assert "tiny on 7 test images of mnist, 2 noise samples each, seed 0" in words
    for text in (
        f"bound, L_x + L_z {bound.nll_bound:.3f} {bound.standard_error:.3f}",
        f"L_x, missed in the pixels {bound.L_x:.3f}",
        f"L_z, spent on the latents {bound.L_z:.3f}",
        f"importance-weighted, K = 3 {bound.iwae:.3f} {bound.iwae_standard_error:.3f}",
        "(T = 3): " + " ".join(f"{value:.3f}" for value in bound.kl),
        protocol("bernoulli", 0, "mnist"),
    ):
        assert text in words
    assert "bits per dimension" not in words


def test_grey_images_get_bits_per_dimension_and_the_reservation(tmp_path, mnist_root):
    model = small.model(**MNIST)
    training = dataclasses.replace(small.TRAINING, binarisation="grey")
    card = small.card(config=model.config, training=training)
    save_checkpoint(tmp_path / "grey", model, card, None)
    result = _run(tmp_path / "grey", "--data-root", mnist_root)
    images = load("mnist", "test", mnist_root).images
    bound = evaluate(model, images, binarisation="grey", samples=NOISE_SAMPLES)
    words = " ".join(result.stdout.split())
    assert f"{bound.bits_per_dim:.4f} bits per dimension of the bound" in words
    assert "neither nats nor bits per dimension are a true compression cost" in words


def _stopping(monkeypatch, after: int):
    """From now on Ctrl-C is pressed during one pass of an evaluation."""
    right = evaluate_progress.evaluate

    def pressed(model, images, seed, on_batch, *args, **options):
        calls = 0

        def told(count):
            nonlocal calls
            calls += 1
            if calls == after:
                os.kill(os.getpid(), signal.SIGINT)
            on_batch(count)

        return right(model, images, seed, told, *args, **options)

    monkeypatch.setattr(evaluate_progress, "evaluate", pressed)
    return lambda: monkeypatch.setattr(evaluate_progress, "evaluate", right)


@pytest.mark.parametrize("named", [True, False])
def test_ctrl_c_saves_and_the_same_command_goes_on(
    folder, mnist_root, monkeypatch, tmp_path, home, named
):
    command = [folder, "--data-root", mnist_root, "--samples", 2, "--iwae", 5, "--json"]
    command += ["--state", tmp_path / "state"] if named else []
    whole = _run(*command).stdout
    leave_alone = _stopping(monkeypatch, after=2)
    before = signal.getsignal(signal.SIGINT)
    stopped = _run(*command)
    assert stopped.exit_code == 130
    assert stopped.stdout == ""
    assert signal.getsignal(signal.SIGINT) is before
    (state,) = [tmp_path / "state"] if named else home.rglob("tiny-*.safetensors")
    said, _, again = stopped.stderr.rpartition(" Go on with: ")
    assert said.endswith(f"Stopped at 40% and saved in {state}.")
    leave_alone()

    counts = []
    add = evaluate_progress.Tally.add
    monkeypatch.setattr(
        evaluate_progress.Tally, "add", lambda self, *a: counts.append(a[1]) or add(self, *a)
    )
    assert shlex.split(again)[3] == "evaluate"
    resumed = _run(*shlex.split(again)[4:])  # as it is printed
    assert resumed.exit_code == 0, resumed.output
    assert counts == [2, 3, 4]  # the samples that were not measured before
    assert resumed.stdout == whole
    assert not state.exists()
    _fails(_run(*command, "--resume"), "Error: There is no evaluation to go on with in ")


def test_an_unfinished_evaluation_is_pointed_out_and_others_are_refused(
    folder, mnist_root, monkeypatch, tmp_path
):
    command = [folder, "--data-root", mnist_root, "--samples", 3, "--state", tmp_path / "state"]
    leave_alone = _stopping(monkeypatch, after=1)
    assert _run(*command).exit_code == 130
    leave_alone()
    _fails(_run(*command, "--resume", "--seed", 1), "Error: .* its seed is 0, here it is 1")
    anew = _run(*command)
    assert anew.exit_code == 0
    assert f"--resume would have gone on with {tmp_path / 'state'}" in anew.stderr


@pytest.mark.parametrize("resume", [[], ["--resume"]])
@pytest.mark.parametrize("content", [b"my only copy", b"", "weights"])
def test_a_file_that_is_no_evaluation_is_left_alone(
    folder, mnist_root, monkeypatch, content, resume
):
    monkeypatch.setattr(evaluate_progress, "evaluate", None)  # it is refused before it begins
    precious = folder / WEIGHTS if content == "weights" else folder.parent / "precious.txt"
    if content != "weights":
        precious.write_bytes(content)
    before = precious.read_bytes()
    result = _run(folder, "--data-root", mnist_root, "--state", precious, *resume)
    _fails(result, "Error: .* is no stored evaluation, so it is left as it is; name another file")
    assert precious.read_bytes() == before


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_an_unfinished_evaluation_is_not_kept_in_a_folder(folder, mnist_root, monkeypatch, resume):
    monkeypatch.setattr(evaluate_progress, "evaluate", None)
    result = _run(folder, "--data-root", mnist_root, "--state", folder, *resume)
    _fails(result, "Error: .* is no plain file, so no evaluation can be kept in it")
    assert (folder / WEIGHTS).exists()


def test_a_state_that_cannot_be_removed_does_not_lose_the_result(folder, mnist_root, tmp_path):
    right, state = evaluate_progress.evaluate, tmp_path / "state"
    command = [folder, "--data-root", mnist_root, "--json"]
    expected = _run(*command).stdout

    def meanwhile(*args, **options):
        state.mkdir()
        return right(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate_progress, "evaluate", meanwhile)
        result = _run(*command, "--state", state)
    assert (result.exit_code, result.stdout) == (0, expected)
    assert state.is_dir()


def test_save_writes_the_card_and_nothing_else(folder, mnist_root):
    weights, before = (folder / WEIGHTS).read_bytes(), load_card(folder)
    result = _run(folder, "--data-root", mnist_root, "--iwae", 2, "--json", "--save")
    assert result.exit_code == 0, result.output
    after = load_card(folder)
    assert after.test == json.loads(result.stdout)
    assert dataclasses.replace(after, test=before.test) == before
    assert (folder / WEIGHTS).read_bytes() == weights
    # A shorter evaluation keeps the importance-weighted bound of these images.
    assert _run(folder, "--data-root", mnist_root, "--samples", 2, "--save").exit_code == 0
    again = load_card(folder).test
    assert (again["samples"], again["iwae"]) == (2, after.test["iwae"])
    assert _run(folder, "--data-root", mnist_root, "--seed", 1, "--save").exit_code == 0
    assert "iwae" not in load_card(folder).test


@pytest.mark.parametrize("more", [["--images", 5], ["--data", "strokes"]])
def test_a_card_states_nothing_but_the_whole_test_set(folder, mnist_root, more):
    before = (folder / CARD).read_bytes()
    result = _run(folder, "--data-root", mnist_root, "--save", *more)
    _fails(result, "Error: A card states the bound on the whole test set of mnist")
    assert (folder / CARD).read_bytes() == before


def test_a_card_that_changed_meanwhile_is_left_alone(folder, mnist_root, monkeypatch):
    right = evaluate_progress.evaluate
    newer = dataclasses.replace(load_card(folder), steps=5)

    def meanwhile(*args, **options):
        (folder / CARD).write_text(newer.to_json())
        return right(*args, **options)

    monkeypatch.setattr(evaluate_progress, "evaluate", meanwhile)
    result = _run(folder, "--data-root", mnist_root, "--save")
    _fails(result, "Error: tiny has changed meanwhile, so nothing was saved")
    assert load_card(folder) == newer
    assert "bound, L_x + L_z" in result.stdout  # what was measured is not lost


def test_what_another_command_wrote_on_the_card_meanwhile_stays(folder, mnist_root, monkeypatch):
    right = evaluate_progress.evaluate
    newer = dataclasses.replace(load_card(folder), notes=("Read the paper.",))

    def meanwhile(*args, **options):
        (folder / CARD).write_text(newer.to_json())
        return right(*args, **options)

    monkeypatch.setattr(evaluate_progress, "evaluate", meanwhile)
    assert _run(folder, "--data-root", mnist_root, "--save").exit_code == 0
    card = load_card(folder)
    assert card.notes == newer.notes
    assert card.test != newer.test


def test_spoilt_weights_are_one_sentence(folder, mnist_root):
    model, card = load_checkpoint(folder)
    with torch.no_grad():
        model.write_content.weight.fill_(1e38)
    save_checkpoint(folder, model, card, None)
    result = _run(folder, "--data-root", mnist_root)
    _fails(result, "Error: The bound is not a finite number: the weights are spoilt")


@pytest.mark.parametrize("option", [["--samples", 0], ["--batch-size", 501], ["--seed", -1]])
def test_numbers_out_of_range_are_usage_errors(folder, option):
    assert _run(folder, *option).exit_code == 2


def test_a_shipped_name_serves_as_well(folder, mnist_root, monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(Path(folder).parent))
    by_name = _run("tiny", "--data-root", mnist_root, "--json")
    assert by_name.stdout == _run(folder, "--data-root", mnist_root, "--json").stdout != ""
