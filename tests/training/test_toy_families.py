"""An exact likelihood and a reward go through the doors that all trainings go through."""

import json
import math

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.families.registry import FAMILIES
from draw_core.measure.evaluate import evaluate
from draw_core.runs.execution import execute
from draw_core.runs.files import append_line
from draw_core.runs.run import METRICS
from draw_core.store.card import Card
from draw_core.store.checkpoint import load_card
from tests.support import tiny_runs
from tests.support.toy_families import DOTS, GUESSES, TOYS, DotsConfig

toys = pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)


@pytest.fixture(autouse=True)
def _registered(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    for name, family in TOYS.items():
        monkeypatch.setitem(FAMILIES, name, family)


def _said(*words: object, fails: bool = False) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert (result.exit_code != 0) == fails, result.output
    return result.stderr if fails else result.stdout


def _trained(root, mnist_root, toy):
    model = next(iter(toy.presets.values())).model
    run = tiny_runs.new_classifier(root, mnist_root, model)
    assert execute(run.folder).state == "finished"
    return run


def _lines(run) -> list[dict]:
    return [json.loads(line) for line in (run.folder / METRICS).read_text().splitlines()]


@toys
def test_stopped_and_taken_up_it_is_as_if_never_stopped(tmp_path, mnist_root, toy):
    whole = _trained(tmp_path / "a", mnist_root, toy)
    model = next(iter(toy.presets.values())).model
    other = tiny_runs.new_classifier(tmp_path / "b", mnist_root, model)
    stops = tiny_runs.At(_5=lambda: other.request(stop=True))
    assert execute(other.folder, observer=stops).state == "stopped"
    other.request(resume=True)
    assert execute(other.folder).state == "finished"
    tiny_runs.same_training(whole, other)


def test_the_likelihood_of_all_images_sums_to_one():
    engine = DOTS.load_engine()
    model = engine.build(DotsConfig(height=2, width=3))
    with torch.no_grad():
        model.logits.copy_(torch.linspace(-2, 1, 6).view(1, 2, 3))
    every = (torch.arange(64)[:, None] >> torch.arange(6) & 1).to(torch.uint8).view(-1, 1, 2, 3)
    found = evaluate(model, 255 * every, binarisation="threshold", iwae=2)
    alone = [evaluate(model, 255 * one[None], binarisation="threshold") for one in every]
    assert sum(math.exp(-one.value) for one in alone) == pytest.approx(1)
    assert found.iwae == pytest.approx(found.value)


def test_an_exact_likelihood_is_called_so_everywhere(tmp_path, mnist_root):
    run = _trained(tmp_path / "runs", mnist_root, DOTS)
    root = ["--data-root", mnist_root]
    assert "float16" in _said("publish", run.folder, "dots", *root)
    (line,) = _said("evaluate", "dots", "--json", "--save", *root).splitlines()
    found, card = json.loads(line), load_card(tmp_path / "checkpoints" / "dots")
    assert card.test == found
    assert found["nll"] == card.value == pytest.approx(run.status().test, abs=0.05)
    assert found["samples"] == 1
    assert not {"nll_bound", "L_x", "L_z", "kl", "error"} & found.keys()
    assert Card.from_json(card.to_json()) == card
    table = " ".join(_said("evaluate", "dots", *root).split())
    assert f"-log p(x) {found['nll']:.3f} {found['standard_error']:.3f}" in table
    assert not [word for word in ("bound", "L_x", "KL", "noise sample") if word in table]
    refused = _said("evaluate", "dots", "--iwae", "5", *root, fails=True)
    assert "This likelihood is exact" in refused


def test_a_card_with_a_bound_is_none_of_an_exact_likelihood(tmp_path, mnist_root):
    card = load_card(_trained(tmp_path, mnist_root, DOTS).folder)
    for test, fault in (
        ({"nll_bound": 1, "L_x": 1, "L_z": 0, "images": 5}, "must hold images, nll"),
        ({"nll": 1, "images": 5, "iwae": 1, "iwae_samples": 2}, "'iwae', which is unknown"),
    ):
        text = json.dumps({**json.loads(card.to_json()), "test": test})
        with pytest.raises(ValueError, match=fault):
            Card.from_json(text)


def test_a_reward_is_kept_beside_the_error(tmp_path, mnist_root):
    run = _trained(tmp_path / "runs", mnist_root, GUESSES)
    rewards = [line["measures"]["reward"] for line in _lines(run) if "kl" in line]
    assert rewards
    assert all(0 <= reward <= 1 for reward in rewards)
    history = run.history()
    np.testing.assert_allclose(history.measures["reward"], rewards)
    np.testing.assert_allclose(history.loss, history.nll)  # the surrogate is told to nobody
    assert (history.loss > 0).all()
    root = ["--data-root", mnist_root]
    assert "cross-entropy moved by" in _said("publish", run.folder, "guesses", *root)
    (line,) = _said("evaluate", "guesses", "--json", "--save", *root).splitlines()
    found = json.loads(line)
    assert load_card(tmp_path / "checkpoints" / "guesses").test == found
    assert found["error"] == pytest.approx(run.status().test, abs=5)
    assert not {"nll_bound", "nll", "L_x", "reward"} & found.keys()


def test_what_is_not_measured_is_not_written(tmp_path, mnist_root):
    run = _trained(tmp_path, mnist_root, DOTS)
    assert all("measures" not in line for line in _lines(run))
    assert run.history().measures == {}


def test_lines_without_a_measure_leave_a_gap(tmp_path, mnist_root):
    run = _trained(tmp_path, mnist_root, GUESSES)
    *rest, last = [line for line in _lines(run) if "kl" in line]
    spoilt = [{**last, "measures": measures} for measures in ("none", {"reward": "x"})]
    text = "".join(json.dumps(line) + "\n" for line in [*rest, last, *spoilt])
    (run.folder / METRICS).write_text(text)
    reward = run.history().measures["reward"]
    assert np.isfinite(reward[:-2]).all()
    assert np.isnan(reward[-2:]).all()


def test_a_file_of_a_thousand_measures_is_read_in_part(tmp_path, mnist_root):
    run = _trained(tmp_path, mnist_root, GUESSES)
    last = next(line for line in reversed(_lines(run)) if "kl" in line)
    many = {**last, "step": last["step"] + 1, "measures": {str(k): k for k in range(1000)}}
    append_line(run.folder / METRICS, json.dumps(many))
    assert list(run.history().measures) == [str(k) for k in range(20)]
