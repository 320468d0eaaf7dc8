"""Trainings of classifiers that stop and go on, their checkpoints, and the command line."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from draw_core.cli import app, classify as classify_cli
from draw_core.data.composed.composites import Composer, Recipe, open_composer
from draw_core.families.glimpse.card import ClassifierCard, MeasuredError, Network
from draw_core.families.glimpse.checkpoint import (
    BASELINE,
    list_classifiers,
    load_classifier,
    save_classifier,
)
from draw_core.families.glimpse.config import ClassifierTraining, ConvConfig, GlimpseConfig
from draw_core.families.glimpse.run import METRICS, TRAINING, ClassifierRun
from draw_core.families.glimpse.settings import RunSettings
from draw_core.families.glimpse.train import new_classifier
from draw_core.learning.device import describe_hardware
from draw_core.learning.train import TrainingDiverged
from draw_core.runs.registry import list_runs
from draw_core.store.checkpoint import CheckpointError

MODELS = {
    "draw": GlimpseConfig(height=30, width=30, num_steps=2, hidden_size=5, read_size=3),
    "conv": ConvConfig(height=30, width=30, filters_1=2, filters_2=3, stride=1),
}
# For the images that the card names.
PUBLISHED = {
    "draw": GlimpseConfig(num_steps=2, hidden_size=5, read_size=3),
    "conv": ConvConfig(filters_1=2, filters_2=3),
}


@pytest.fixture
def composer() -> Composer:
    rng = np.random.default_rng(2)
    digits = rng.integers(0, 256, (12, 1, 28, 28), dtype=np.uint8)
    return Composer(Recipe(side=30, digits=1, pieces=1), digits, np.arange(12) % 10, "train")


def _run(folder, kind="draw", **changes) -> ClassifierRun:
    training = ClassifierTraining(
        steps=7, batch_size=4, learning_rate=0.01, warmup_steps=2, validation=2
    )
    settings = RunSettings(kind, MODELS[kind], replace(training, **changes), "cluttered:mnist", 3)
    return ClassifierRun.create(folder, settings)


def _train(run, composer, until=99) -> list:
    state = run.state()
    return list(run.train(state, composer, lambda: state.step >= until))


@pytest.mark.parametrize(("kind", "precision"), [("draw", "bfloat16"), ("conv", "float32")])
def test_a_resumed_training_ends_with_the_same_bits(tmp_path, composer, kind, precision):
    whole, parts = (_run(tmp_path / name, kind, precision=precision) for name in "ab")
    _train(whole, composer)
    made = _train(parts, composer, until=2)
    assert [m.step for m in made] == [1, 2]  # stopped between two savings, and saved
    assert parts.state().step == 2
    made = _train(parts, composer, until=4)
    assert [m if isinstance(m, float) else m.step for m in made] == [3, made[1], 4]
    killed = parts.train(parts.state(), composer, lambda: False)
    assert next(killed).step == 5  # lost: it was never saved
    killed.close()
    assert parts.state().step == 4
    _train(parts, composer)
    one, other = (load_file(run.folder / TRAINING) for run in (whole, parts))
    assert one.keys() == other.keys()
    assert int(one["step"]) == 7
    for name in one.keys() - {"seconds"}:
        assert torch.equal(one[name], other[name]), name


def test_the_history_holds_what_was_kept(tmp_path, composer, monkeypatch):
    monkeypatch.setattr("draw_core.families.glimpse.run._LINE_EVERY", 1)
    run = _run(tmp_path / "a")
    made = _train(run, composer, until=4)
    killed = run.train(run.state(), composer, lambda: False)
    next(killed)
    killed.close()
    with (run.folder / METRICS).open("a") as file:
        file.write('{"step": 5, "lo')  # torn
    made += _train(run, composer)
    lines = run.history()
    losses = {line["step"]: line["loss"] for line in lines if "loss" in line}
    assert losses == {m.step: m.loss for m in made if not isinstance(m, float)}
    measured = [(v["step"], v["validation"]["error"]) for v in lines if "validation" in v]
    errors = [m for m in made if isinstance(m, float)]
    assert measured == list(zip([3, 6, 7], errors, strict=True))
    # Two digits were held back: numbers 10 and 11 in their first arrangement.
    numbers = np.array([10, 11])
    answers = run.state().model.logits(torch.from_numpy(composer.images(numbers)) / 255)
    wrong = (answers.argmax(dim=1).numpy() != composer.labels(numbers)).mean()
    assert errors[-1] == 100 * wrong


def test_a_training_that_diverges_keeps_the_last_good_state(tmp_path, composer):
    run, twin = _run(tmp_path / "a"), _run(tmp_path / "b")
    _train(twin, composer, until=4)
    state = run.state()
    made = run.train(state, composer, lambda: False)
    while state.step < 5:
        next(made)
    with torch.no_grad():  # as if the fifth update had spoilt them
        state.model.answer.bias[0] = torch.nan
    with pytest.raises(TrainingDiverged, match="stopped at step 6: .* good weights are kept"):
        next(made)
    saved, expected = load_file(run.folder / TRAINING), load_file(twin.folder / TRAINING)
    assert int(saved["step"]) == 4  # every third update is saved as a matter of course
    for name in saved.keys() - {"seconds"}:
        assert torch.equal(saved[name], expected[name]), name
    assert len(_train(run, composer)) == 3 + 2  # it can go on


def test_spoilt_weights_are_not_saved(tmp_path, composer, monkeypatch):
    run = _run(tmp_path / "a", steps=1, warmup_steps=0, learning_rate=1e38)
    with pytest.raises(TrainingDiverged, match="stopped at step 1"):
        _train(run, composer)
    fresh = new_classifier(MODELS["draw"], 0).state_dict()
    assert all(torch.equal(fresh[k], v) for k, v in run.state().model.state_dict().items())
    assert [line for line in run.history() if "validation" in line] == []


def test_the_card_names_the_machines_of_the_training(tmp_path, composer, monkeypatch):
    run = _run(tmp_path / "a")

    def train(machine, version, until=99):
        with monkeypatch.context() as patch:
            patch.setattr("draw_core.families.glimpse.run.describe_hardware", lambda *_: machine)
            patch.setattr(torch, "__version__", version)
            return _train(run, composer, until)

    def card():
        network = run.network(run.state())
        return network.hardware, network.torch_version

    assert card() == ("not recorded", "not recorded")
    train("one machine, 1 CPU thread", "2.14.0", until=2)
    assert card() == ("one machine, 1 CPU thread", "2.14.0")
    with monkeypatch.context() as patch:  # killed before it saved anything: no trace in the weights
        patch.setattr(
            "draw_core.families.glimpse.run.describe_hardware", lambda *_: "a lost machine"
        )
        killed = run.train(run.state(), composer, lambda: False)
        next(killed)
        killed.close()
    assert card() == ("one machine, 1 CPU thread", "2.14.0")
    train("another, 2 CPU threads", "2.14.0", until=4)
    train("one machine, 1 CPU thread", "2.15.0")
    both = "one machine, 1 CPU thread; then another, 2 CPU threads", "2.14.0; then 2.15.0"
    assert card() == both
    assert train("a machine that only looks at the end", "2.16.0") == []
    assert card() == both


def test_a_folder_without_machines_gets_its_first_when_it_goes_on(tmp_path, composer):
    run = _run(tmp_path / "a")
    _train(run, composer, until=2)
    path = run.folder / METRICS
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line.pop("hardware", None), line.pop("torch_version", None)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run.network(run.state()).hardware == "not recorded"
    _train(run, composer)
    network = run.network(run.state())
    assert network.hardware == describe_hardware()
    assert network.torch_version == torch.__version__


def test_one_program_trains_a_run_at_a_time(tmp_path, composer):
    run = _run(tmp_path / "a")
    first = run.train(run.state(), composer, lambda: False)
    next(first)
    with pytest.raises(ValueError, match="Another program is at work on"):
        _train(run, composer)
    first.close()
    assert len(_train(run, composer)) == 7 + 3
    # What the first one had logged and never saved is forgotten.
    assert [line["step"] for line in run.history() if "loss" in line] == [7]


def test_a_folder_holds_one_training(tmp_path):
    run = _run(tmp_path / "a")
    with pytest.raises(ValueError, match="already holds a run. Add --resume"):
        _run(tmp_path / "a")
    assert RunSettings.from_json(run.settings().to_json()) == run.settings()
    with pytest.raises(CheckpointError, match="no training of a classifier in"):
        ClassifierRun(tmp_path).settings()
    (run.folder / TRAINING).write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"training.safetensors is truncated"):
        run.state()


def test_the_command_names_what_differs_from_the_defaults(tmp_path):
    run = _run(tmp_path / "a", precision="bfloat16")
    assert run.settings().command == (
        "python -m draw_core classify train --kind draw --data cluttered:mnist --num-steps 2 "
        "--hidden-size 5 --read-size 3 --steps 7 --batch-size 4 --learning-rate 0.01 "
        "--warmup-steps 2 --validation 2 --precision bfloat16"
    )


def _published(folder) -> ClassifierCard:
    test = MeasuredError(25.0, 4.33, 0.5, 100, "some images", (50.0, 25.0), 24.0)
    model = Network(
        config=PUBLISHED["draw"],
        parameters=1,
        training=ClassifierTraining(),
        steps=7,
        wall_time_s=1.5,
        hardware="a test",
        torch_version="0",
        command="python",
        validation_error=20.0,
        test=test,
    )
    baseline = replace(
        model, config=PUBLISHED["conv"], test=replace(test, after_glimpse=(), first_1000=None)
    )
    card = ClassifierCard("cluttered:mnist", model, baseline, ("Clip it.",))
    weights = [new_classifier(PUBLISHED[kind], 1).state_dict() for kind in ("draw", "conv")]
    save_classifier(folder, card, *weights)
    return card


def test_a_checkpoint_gives_back_what_was_saved(tmp_path):
    card = _published(tmp_path / "one")
    (entry,) = list_classifiers(tmp_path)
    assert (entry.name, entry.card, entry.fault) == ("one", card, None)
    loaded = load_classifier(tmp_path / "one")
    assert loaded.card == card
    for network, kind in ((loaded.model, "draw"), (loaded.baseline, "conv")):
        expected = new_classifier(PUBLISHED[kind], 1).state_dict()
        assert all(torch.equal(v, expected[k]) for k, v in network.state_dict().items())
        assert not any(p.requires_grad for p in network.parameters())
    save_classifier(tmp_path / "one", replace(card, baseline=None), expected, None)
    assert not (tmp_path / "one" / BASELINE).exists()


def test_files_that_do_not_fit_are_named(tmp_path):
    _published(tmp_path / "one")
    path = tmp_path / "one" / "model.safetensors"
    weights = load_file(path)
    for change, words in (
        ({"answer.bias": torch.zeros(9)}, r"one/model.safetensors does not fit .* answer.bias is"),
        ({"answer.bias": torch.full((10,), torch.nan)}, "damaged: answer.bias holds values"),
        ({"more": torch.zeros(1)}, "expects no such tensor"),
    ):
        save_file({**weights, **change}, path)
        with pytest.raises(CheckpointError, match=words):
            load_classifier(tmp_path / "one")
    path.unlink()
    assert list_classifiers(tmp_path)[0].fault == "one/model.safetensors is missing."
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "card.json").write_text('{"format": "draw-explorer/1"}')
    assert [entry.name for entry in list_classifiers(tmp_path)] == ["one"]
    assert list_classifiers(tmp_path / "absent") == []


def test_a_card_of_megabytes_is_not_read(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "card.json").write_text('{"format": "draw-classifier/1"}' + " " * (1 << 20))
    words = "one/card.json: the card is larger than 1 MiB, so it is none."
    assert [entry.fault for entry in list_classifiers(tmp_path)] == [words]


def test_hostile_cards_get_one_sentence_and_torch_is_not_loaded(tmp_path):
    # In a program of its own: here wrong types are caught before the card's own checks.
    good = json.loads(_published(tmp_path / "one").to_json())
    cards = {
        "format": {"format": "draw-classifier/2"},
        "list": [],
        "no model": {k: v for k, v in good.items() if k != "model"},
        "more": {**good, "more": 1},
        "data": {**good, "data": 3},
        "no composite": {**good, "data": "mnist"},
        "a folder": {**good, "data": "folder:../../etc"},
        "no source": {**good, "data": "cluttered:fashion_mnist"},
        "other pages": {**good, "data": "two_digits:mnist"},
        "long data": {**good, "data": "cluttered:" + "x" * 1000},
        "baseline for others": {
            **good,
            "baseline": {
                **good["baseline"],
                "config": {**good["baseline"]["config"], "height": 99},
            },
        },
        "baseline with glimpses": {
            **good,
            "baseline": {**good["baseline"], "test": good["model"]["test"]},
        },
        "notes are text": {**good, "notes": "Clip it."},
        "a long note": {**good, "notes": ["x" * 601]},
        "surrogate": {**good, "data": "\ud800"},
        "model is text": {**good, "model": "x"},
        "baseline is a list": {**good, "baseline": []},
    }
    for place, values in {
        "config": [None, 3, {"height": "x"}, {"height": 10**9}, {"read_size": 1}, {"more": 1},
                   {"hidden_size": True}, {"num_steps": -1}, {"read_size": 5000},
                   {"num_steps": 16_384}, {"num_steps": 1000, "read_size": 100},
                   {"height": 60, "width": 60}, {"classes": 11}, {"channels": 3}],
        "training": [None, {"steps": 0}, {"learning_rate": "x"}, {"precision": "int8"},
                     {"seed": 1e400}],
        "test": [3, {"error": 1}, {**good["model"]["test"], "error": 101},
                 {**good["model"]["test"], "after_glimpse": 3},
                 {**good["model"]["test"], "after_glimpse": ["x"]},
                 *({**good["model"]["test"], **change} for change in (
                     {"protocol": None}, {"protocol": "x" * 601}, {"protocol": "a\u202eb"},
                     {"protocol": " "}, {"after_glimpse": [1.0]}, {"images": 2.5}, {"images": -1},
                     {"images": 0}, {"images": True}, {"loss": -1}, {"loss": None},
                     {"first_1000": 101}, {"first_1000": "x"}, {"standard_error": -1}))],
        "steps": ["x", None, 1e400, -1, 1.5, True],
        "parameters": [-1, 0.5],
        "wall_time_s": [-1, "x", 1e400],
        "command": [None, "\udfff", "x" * 601, "", "a\nb"],
        "hardware": ["\x1b[2J", "x" * 601],
        "torch_version": ["\u200b"],
        "validation_error": ["x", -1, 101],
    }.items():  # fmt: skip
        for number, value in enumerate(values):
            cards[f"{place} {number}"] = {**good, "model": {**good["model"], place: value}}
    texts = {name: json.dumps(card) for name, card in cards.items()}
    texts |= {"no JSON": "{", "deep": "[" * 100_000, "empty": ""}
    program = """
import json, sys
from draw_core.families.glimpse.card import ClassifierCard
from draw_core.families.glimpse.checkpoint import list_classifiers
from pathlib import Path
answers = {}
for name, text in json.load(sys.stdin).items():
    try:
        ClassifierCard.from_json(text)
        answers[name] = None
    except ValueError as error:
        answers[name] = str(error)
entries = list_classifiers(Path(sys.argv[1]))
print(json.dumps([answers, entries[0].fault, "torch" in sys.modules]))
"""
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        input=json.dumps({"good": json.dumps(good), **texts}),
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert result.stderr == ""
    answers, fault, has_torch = json.loads(result.stdout)
    assert (fault, has_torch) == (None, False)
    assert answers.pop("good") is None
    assert answers.keys() == texts.keys()
    for name, answer in answers.items():
        assert answer, f"{name} was accepted"
        assert len(answer.splitlines()) == 1
        answer.encode()
    assert answers["config 3"] == "height is 1000000000; set it to 1 to 1024."
    assert answers["no model"] == "it lacks 'model'"
    assert answers["no source"] == (
        "its data is 'cluttered:fashion_mnist', which is no composite data set"
    )
    assert answers["other pages"] == (
        "its network is for images of (1, 100, 100) (channels, height, width) and 10 answers, but "
        "two_digits:mnist has (1, 60, 60) and 100"
    )
    assert answers["test 9"] == "its test result has 1 errors for 2 glimpses"
    assert answers["test 2"] == "its test result holds an error that is no percentage"


def _invoke(*words: str):
    result = CliRunner().invoke(app, ["classify", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_train_publish_evaluate(tmp_path, mnist_root, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    common = ["--steps", 2, "--batch-size", 3, "--validation", 4, "--threads", 0]
    few = ["--num-steps", 2, "--hidden-size", 4, "--read-size", 3]
    a, b = tmp_path / "a", tmp_path / "b"
    result = _invoke("train", "--run-dir", a, *common, *few, "--precision", "float32")
    assert result.exit_code == 0
    assert "20 digits of Cluttered digits of MNIST, from step 0" in result.output
    result = _invoke("train", "--run-dir", b, "--kind", "conv", *common)
    assert result.exit_code == 0
    result = _invoke("publish", a, "--baseline", b, "--images", 20, "--threads", 0)
    assert result.exit_code == 0, result.output
    loaded = load_classifier(tmp_path / "checkpoints" / "cluttered-classifier")
    numbers = np.arange(20)
    composer = open_composer("cluttered", "test", mnist_root)
    x = torch.from_numpy(composer.images(numbers)) / 255
    for network, words in ((loaded.model, []), (loaded.baseline, ["--baseline"])):
        answers = network.logits(x).argmax(dim=1).numpy()
        expected = 100 * (answers != composer.labels(numbers)).mean()
        result = _invoke(
            "evaluate", "cluttered-classifier", "--images", 20, "--json", "--threads", 0, *words
        )
        measured = json.loads(result.stdout)
        assert measured["error"] == pytest.approx(expected)
        assert measured["protocol"] == (
            "Composite images 0 to 19 of the test split of cluttered:mnist, composed with seed "
            "20150216, classified in float32. All digits and clutter on them are of the test "
            "split. The training digits that were held back for the validation error are on no "
            "training page as its own digit, but may be in its clutter."
        )
        entry = loaded.card.baseline if words else loaded.card.model
        assert entry.test.error == pytest.approx(expected)
        assert (entry.steps, entry.training.validation) == (2, 4)
        assert (entry.hardware, entry.torch_version) == (describe_hardware(), torch.__version__)
        # The command on the card can be run as it stands, and gives these weights.
        runs = tmp_path / "runs" / entry.command.split()[6]
        monkeypatch.setenv("DRAW_RUNS_DIR", str(runs))
        command = shlex.split(entry.command)
        assert command[:4] == ["python", "-m", "draw_core", "classify"]
        assert _invoke(*command[4:]).exit_code == 0
        (folder,) = (runs / ".classifiers").iterdir()
        assert list_runs(runs) == []  # it is no run of the application's list
        again = ClassifierRun(folder).state().model.state_dict()
        assert entry.weights == "float16"
        for name, value in network.state_dict().items():
            assert torch.equal(value, again[name].half().float())
    result = _invoke("evaluate", "cluttered-classifier", "--images", 20, "--threads", 0)
    assert re.match(r"\d+\.\d\d % errors \(standard error \d", result.stdout)


@pytest.mark.parametrize("fault", ["it moves too far", "it is too large"])
def test_full_precision_where_half_would_not_do(tmp_path, mnist_root, monkeypatch, fault):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    settings = replace(_run(tmp_path / "none").settings(), model=PUBLISHED["draw"])
    run = ClassifierRun.create(tmp_path / "a", settings)
    state = run.state()
    if fault == "it moves too far":
        monkeypatch.setattr(classify_cli, "LARGEST_MOVE", 0.0)
    else:
        with torch.no_grad():
            state.model.answer.bias[0] = -1e5
    run.save(state)
    options = ["--unfinished", "--images", 20, "--data-root", mnist_root]
    result = _invoke("publish", tmp_path / "a", *options)
    assert result.exit_code == 0, result.output
    said = "too large for half precision" if fault == "it is too large" else "cross-entropy moved"
    assert re.search(rf"draw, float16: .*{said}", result.output)
    loaded = load_classifier(tmp_path / "checkpoints" / "cluttered-classifier")
    assert loaded.card.model.weights == "float32"
    expected = state.model.state_dict()
    assert all(torch.equal(v, expected[k]) for k, v in loaded.model.state_dict().items())


def test_a_card_that_could_not_be_read_again_is_not_written(tmp_path):
    card = _published(tmp_path / "one")
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    weights = new_classifier(PUBLISHED["draw"], 2).state_dict()
    for change in ({"hardware": "a\nb"}, {"steps": -1}, {"config": MODELS["draw"]}):
        broken = replace(card, model=replace(card.model, **change))
        with pytest.raises(ValueError, match="its "):
            save_classifier(tmp_path / "one", broken, weights, None)
    halved = replace(card, model=replace(card.model, weights="float16"))
    with pytest.raises(ValueError, match=r"initial holds weights too large for half precision\."):
        save_classifier(tmp_path / "one", halved, {**weights, "initial": torch.tensor(1e5)}, None)
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before


def test_what_is_printed_at_ctrl_c_goes_on(tmp_path, mnist_root, monkeypatch):
    """Also with a folder whose name has blanks and brackets; where MNIST is, no folder knows."""
    folder = tmp_path / "my [red] run's"
    right = ClassifierRun.train
    pressed = lambda self, state, composer, _: right(self, state, composer, lambda: state.step == 1)  # noqa: E731
    monkeypatch.setattr(ClassifierRun, "train", pressed)
    words = ["--kind", "conv", "--data", "cluttered:mnist", "--steps", 2, "--batch-size", 2]
    words += ["--validation", 2, "--data-root", mnist_root, "--threads", 0]
    stopped = _invoke("train", "--run-dir", folder, *words).stderr
    said, _, again = " ".join(stopped.split()).partition(" Go on with: ")
    assert said.endswith("Stopped and saved after step 1.")
    monkeypatch.setattr(ClassifierRun, "train", right)
    _invoke(*shlex.split(again)[4:])
    assert ClassifierRun(folder).state().step == 2


def test_an_evaluation_without_a_terminal_says_how_far_it_is(tmp_path, mnist_root, monkeypatch):
    monkeypatch.setattr("draw_core.cli.classify_progress._SAY_EVERY_S", -1.0)
    _published(tmp_path / "one")
    words = ["--images", 500, "--data-root", mnist_root, "--json", "--threads", 0]
    result = _invoke("evaluate", tmp_path / "one", *words)
    assert result.stderr.splitlines() == ["Classifying: 50%", "Classifying: 100%"]
    assert json.loads(result.stdout)["images"] == 500


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--run-dir", "x", "--kind", "conv", "--num-steps", 3], "option of --kind draw"),
        (
            ["train", "--run-dir", "x", "--kind", "conv", "--window-rate", 0.5],
            "--window-rate is an",
        ),
        (["train", "--run-dir", "x", "--kind", "conv", "--window-clip", 1], "--window-clip is an"),
        (["train", "--run-dir", "x", "--data", "mnist"], "mnist is no composite"),
        (["train", "--run-dir", "x", "--read-size", 200], "Error: --read-size is 200, larger than"),
        (
            ["train", "--run-dir", "x", "--num-steps", 1024, "--hidden-size", 8192],
            "Lower --num-steps, --read-size or --hidden-size",
        ),
        (["train", "--run-dir", "x"], "validation holds back 2,000 of 24 digits"),
        (["train", "--run-dir", "x", "--resume"], "no training of a classifier in x"),
        (["evaluate", "absent"], "no classifier 'absent'; published are: none"),
        (["train", "--resume"], "Say with --run-dir which training to go on with."),
        (["publish", "absent"], "no training of a classifier in absent"),
        # The notes are looked at first, so nothing is measured in vain.
        (["publish", "absent", "--note", "a\nb"], "its note holds characters that cannot be shown"),
        (["publish", "x", "--name", "../x"], "'../x' cannot name a checkpoint; use letters"),
        (["publish", "x", "--name", "a b"], "'a b' cannot name a checkpoint"),
        (["publish", "checkpoints/x", "--name", "x"], "x is the folder of the run itself"),
        (["publish", "x", "--baseline", "checkpoints/y", "--name", "y"], "y is the folder of"),
    ],
)
def test_mistakes_get_one_sentence(tmp_path, mnist_root, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    result = _invoke(*words)
    assert result.exit_code == 1
    assert message in result.output.replace("\n", " ")
    assert "Traceback" not in result.output
    assert not (tmp_path / "x").exists()
