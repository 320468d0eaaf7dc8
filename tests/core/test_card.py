"""Cards: JSON there and back, and refusal of what is no card."""

import json

import pytest

from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.store.card import Card, Readable, protocol
from tests.support import process, small


def _json(**changes: object) -> str:
    return json.dumps({**json.loads(small.card().to_json()), **changes})


OLD = {"nll_bound": 3.5, "L_x": 2.5, "L_z": 1.0, "images": 4}
FULL = {
    **OLD,
    "samples": 2,
    "seed": 3,
    "standard_error": 0.1,
    "kl": [0.5, 0.25, 0.25],
    "iwae": 3.0,
    "iwae_samples": 50,
    "iwae_standard_error": 0.1,
    "bits_per_dim": 0.2,
    "first_1000": 3.4,
    "protocol": "Said plainly.",
}


READABLE = {
    "samples": 64,
    "seed": 0,
    "readable": 60,
    "two": 95,
    "right": 90.5,
    "fooled": 4,
    "steps": 3000,
}


def test_a_verdict_goes_there_and_back():
    card = small.card(readable=Readable(**READABLE))
    assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize("test", [None, OLD, FULL])
def test_json_there_and_back(test):
    card = small.card(test=test, weights="float16", notes=("Start dark.", "Average nothing."))
    assert Card.from_json(card.to_json()) == card


def test_a_card_of_before_the_optional_fields_is_read():
    values = json.loads(small.card(test=OLD).to_json())
    del values["weights"], values["notes"]
    assert Card.from_json(json.dumps(values)) == small.card(test=OLD)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "no card of this program"),
        ("{}", "no card of this program"),
        (_json(format="draw-explorer/9"), "no card of this program"),
        (_json(extra=1), "fields are not those of a card.*extra"),
        (_json(training={"steps": 1, "speed": 2}), "Unknown setting .speed."),
        (_json(training={"steps": 0}), "steps is 0; set it to 1 or more"),
        (_json(config={"read_size": 1}), "read_size is 1; set it to 2 or more"),
        (_json(config=[1]), "must be a JSON object"),
        (_json(steps="many"), "its steps must be a number"),
        (_json(wall_time_s=float("nan")), "its wall_time_s must be a number"),
        (_json(data=5), "its data must be text"),
        (_json(test={"nll_bound": 3}), "test result must hold L_x, L_z, images, nll_bound"),
        (_json(test=[1]), "test result must hold"),
        (
            _json(test={"nll_bound": "80", "L_x": 2, "L_z": 1, "images": 4}),
            "test result holds something that is not a number",
        ),
        (_json(test={**FULL, "kl": [1, "2", 3]}), "something that is not a number"),
        (_json(test={**FULL, "kl": 3}), "something that is not a number"),
        (_json(test={**FULL, "iwae": 10**400}), "something that is not a number"),
        (_json(test={**FULL, "samples": True}), "something that is not a number"),
        (_json(readable=5), "its readable must hold a verdict"),
        (_json(readable={"samples": 3}), "fields are not those of a card"),
        (_json(readable={**READABLE, "readable": 65}), "counts more samples than there are"),
        (_json(readable={**READABLE, "samples": 64.5}), "no whole number"),
        (_json(readable={**READABLE, "steps": 10.5}), "no whole number"),
        (_json(readable={**READABLE, "steps": True}), "no whole number"),
        (_json(readable={**READABLE, "steps": 0}), "of a judge that has not learned"),
        (_json(readable={**READABLE, "two": -1}), "a percentage that is not 0 to 100"),
        (_json(readable={**READABLE, "right": 101}), "a percentage that is not 0 to 100"),
        (_json(readable={**READABLE, "fooled": "few"}), "a percentage that is not 0 to 100"),
        (_json(test={**FULL, "kl": [1.0]}), "has 1 KLs for 3 steps"),
        (_json(test={**FULL, "samples": 0}), "samples must be a whole number of 1 or more"),
        (_json(test={**FULL, "iwae_samples": 1.5}), "iwae_samples must be a whole number"),
        (_json(test={**FULL, "seed": -1}), "seed must be a whole number of 0 or more"),
        (_json(test={**FULL, "standard_error": -0.1}), "a standard error below 0"),
        (_json(test={**OLD, "iwae": 3.0}), "iwae and iwae_samples together"),
        (_json(test={**OLD, "bits": 3.0}), "holds 'bits', which is unknown"),
        (_json(test={**FULL, "protocol": 3}), "its protocol must be text"),
        (_json(test={**FULL, "protocol": "x" * 601}), "protocol is longer than 600"),
        (_json(test={**FULL, "protocol": "a\u202eb"}), "protocol holds characters"),
        (_json(weights="float8"), "its weights must be one of float32, float16"),
        (_json(weights=["float16"]), "its weights must be one of"),
        (_json(notes="Start dark."), "its notes must be a list of at most 30"),
        (_json(notes=["x"] * 31), "its notes must be a list of at most 30"),
        (_json(notes=[3]), "its note must be text"),
        (_json(notes=[" "]), "its note must be text"),
        (_json(notes=["x" * 601]), "its note is longer than 600 characters"),
        (_json(notes=["a\nb"]), "its note holds characters that cannot be shown"),
        (_json(format=["draw-explorer/1"]), "no card of this program"),
    ],
)
def test_what_is_no_card_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Card.from_json(text)


@pytest.mark.parametrize("field", ["config", "training", "data", "steps"])
def test_a_field_that_is_missing_is_named(field):
    values = json.loads(small.card().to_json())
    del values[field]
    with pytest.raises(ValueError, match=field):
        Card.from_json(json.dumps(values))


def test_the_module_does_not_import_torch():
    assert "torch" not in process.imported("draw_core.store.card")


@pytest.mark.parametrize("field", ["steps", "wall_time_s", "train_images"])
def test_numbers_of_hundreds_of_digits_are_refused(field):
    with pytest.raises(ValueError, match=f"its {field} must be a number"):
        Card.from_json(_json(**{field: 10**400}))


def test_text_that_no_page_can_show_is_refused():
    with pytest.raises(ValueError, match="its hardware holds characters that cannot be shown"):
        Card.from_json(_json(hardware="\ud800"))


OF_BEFORE = {
    "config": {"height": 100, "width": 100, "channels": 1, "classes": 10, "num_steps": 3},
    "parameters": 1,
    "training": {"steps": 40, "window_rate": 0.2, "validation": 2000, "precision": "bfloat16"},
    "steps": 30,
    "wall_time_s": 9.0,
    "hardware": "a test",
    "torch_version": "0",
    "command": "python -m draw_core classify train",
    "validation_error": 4.2,
    "test": {"error": 4.5, "images": 10, "first_1000": None, "after_glimpse": [9.0, 5.0, 4.5]},
    "weights": "float16",
}


def test_a_card_of_before_of_a_classifier_and_its_baseline_is_that_of_the_classifier():
    values = {"format": "draw-classifier/1", "data": "cluttered:mnist", "model": OF_BEFORE}
    card = Card.from_json(json.dumps({**values, "baseline": None, "notes": ["Mind the window."]}))
    assert card.config == GlimpseConfig(height=100, width=100, num_steps=3)
    assert (card.training.window_rate, card.training.digits) == (0.2, 58_000)
    assert (card.value, card.weights, card.notes) == (4.5, "float16", ("Mind the window.",))
    assert Card.from_json(card.to_json()) == card
    with pytest.raises(ValueError, match="no card of this program"):
        Card.from_json(json.dumps({"format": "draw-classifier/2"}))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"error": 104.0}, "an error that is no percentage"),
        ({"loss": -1.0}, "an error that is no percentage"),
        ({"after_glimpse": [9.0, 4.5]}, "2 errors for 3 glimpses"),
        ({"after_glimpse": 4.5}, "something that is not a number"),
        ({"nll_bound": 80.0}, "'nll_bound', which is unknown"),
    ],
)
def test_what_is_no_result_of_a_classifier_is_refused(changes, fault):
    model = {**OF_BEFORE, "test": {**OF_BEFORE["test"], **changes}}
    text = json.dumps({"format": "draw-classifier/1", "data": "cluttered:mnist", "model": model})
    with pytest.raises(ValueError, match=fault):
        Card.from_json(text)


def test_the_protocol_names_the_seed_and_for_mnist_the_papers_own():
    text = protocol("bernoulli", 7, "mnist")
    assert "fixed seed 7" in text
    assert "Salakhutdinov and Murray 2008" in text
    assert "not strictly comparable" in text
    assert "The paper" not in protocol("bernoulli", 7, "strokes")
    assert "no likelihood" in protocol("grey", 0, "cifar10")
    assert "128" in protocol("threshold", 0, "mnist")


def test_a_card_says_its_protocol_also_where_none_is_stored():
    assert small.card(test=FULL).protocol() == "Said plainly."
    assert small.card(test={**OLD, "seed": 3}).protocol() == protocol("bernoulli", 3, "mnist")
    assert small.card(test=None).protocol() == protocol("bernoulli", 0, "mnist")
