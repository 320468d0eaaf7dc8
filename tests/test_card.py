"""Cards: JSON there and back, and refusal of what is no card."""

import json

import pytest

from draw_core.card import Card
from tests import process, small


def _json(**changes: object) -> str:
    return json.dumps({**json.loads(small.card().to_json()), **changes})


@pytest.mark.parametrize("test", [None, {"nll_bound": 3.5, "L_x": 2.5, "L_z": 1.0, "images": 4}])
def test_json_there_and_back(test):
    card = small.card(test=test)
    assert Card.from_json(card.to_json()) == card


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "not a DRAW card"),
        ("{}", "not a DRAW card"),
        (_json(format="draw-explorer/2"), "not a DRAW card"),
        (_json(extra=1), "fields are not those of a card.*extra"),
        (_json(training={"steps": 1, "speed": 2}), "Unknown setting .speed."),
        (_json(training={"steps": 0}), "steps and batch_size must be 1 or more"),
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
    assert "torch" not in process.imported("draw_core.card")


@pytest.mark.parametrize("field", ["steps", "wall_time_s", "train_images"])
def test_numbers_of_hundreds_of_digits_are_refused(field):
    with pytest.raises(ValueError, match=f"its {field} must be a number"):
        Card.from_json(_json(**{field: 10**400}))


def test_text_that_no_page_can_show_is_refused():
    with pytest.raises(ValueError, match="its hardware holds characters that cannot be shown"):
        Card.from_json(_json(hardware="\ud800"))
