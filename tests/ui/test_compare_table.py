"""The table of two models: what differs, what the nats are, and nothing of a name is markup."""

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from draw_core.base.fields import Field, described
from draw_core.families.family import Family
from draw_core.families.objective import BOUND
from draw_core.families.registry import FAMILIES
from draw_core.runs.history import METRICS
from draw_core.runs.registry import Run, Status
from tests.support import small
from tests.ui.test_compare_words import side
from ui.compare import table as compare_table
from ui.compare.models import Side
from ui.compare.table import TRAINING
from ui.compare.words import Seen, look_for
from ui.models.catalogue import Model

TEST = {"nll_bound": 83.125, "L_x": 55.5, "L_z": 27.625, "images": 10_000}


def table(a, b) -> dict[str, compare_table.Row]:
    return {row.label: row for row in compare_table.rows(a, b)}


def _others(field: Field, value: Any) -> Iterator[object]:
    """Other values that a setting could have."""
    if field.options is not None:
        yield from (option for option in field.options if option != value)
    elif field.kind == "switch":
        yield not value
    elif field.kind == "whole":
        yield from (value + 1, value - 1, max(2, value // 2))
    else:
        yield 0.5 * value if value else 0.25


def _of_family(family: Family) -> Side:
    """A network of the family as its class describes it, and its training."""
    values = {"config": family.config(), "training": family.training(), "test": None}
    card = small.card(**values)
    return Side("A", Model(family.name, family.name, Path(family.name), card))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize("part", ["config", "training"])
def test_every_setting_that_differs_differs_in_the_table_and_in_words(family, part):
    a = _of_family(family)
    for field in described(getattr(a.card, part)):
        for value in _others(field, getattr(getattr(a.card, part), field.name)):
            with contextlib.suppress(ValueError):
                changed = dataclasses.replace(getattr(a.card, part), **{field.name: value})
                break
        else:
            assert field.options is not None  # of a choice with one option
            assert len(field.options) == 1
            continue
        card = dataclasses.replace(a.card, **{part: changed})
        b = Side("B", Model("other", "other", Path("other"), card))
        labels = {row.label for row in compare_table.rows(a, b) if row.differs}
        assert labels - {"Parameters"}, field.name
        text = look_for(*(Seen(s, np.ones(s.config.film_steps), 1.0) for s in (a, b)))
        assert "the same network, data and training" not in text, field.name
        assert (part == "training") == ("same network, trained differently" in text)


def test_a_setting_is_told_once():
    a, b = side("A"), side("B", max_write_side=0.25)
    (row,) = (row for row in compare_table.rows(a, b) if row.differs)
    assert (row.label, row.b) == (
        "Writes",
        "2×2 window: 4 numbers; never wider than 25 % of the page",
    )
    a = _of_family(FAMILIES["conv"])
    wide = dataclasses.replace(a.config, pool_1=1)
    card = dataclasses.replace(a.card, config=wide)
    rows = table(a, dataclasses.replace(a, entry=dataclasses.replace(a.entry, card=card)))
    assert [label for label, row in rows.items() if row.differs] == ["Pooling", "Parameters"]
    assert (rows["Pooling"].a, rows["Pooling"].b) == ("2×2, then 2×2", "1×1, then 2×2")


def test_a_setting_that_neither_uses_makes_no_difference():
    off = {"read_attention": False, "write_attention": False}
    a, b = side("A", **off), side("B", **off, read_size=3, write_size=4)
    assert not [row for row in compare_table.rows(a, b) if row.differs]
    text = look_for(*(Seen(s, np.ones(4), 1.0) for s in (a, b)))
    assert "**The two cards name the same network, data and training.**" in text


def test_what_differs_is_marked_and_nothing_else():
    rows = table(side("A"), side("B", num_steps=9, write_attention=False, steps=2400))
    assert {label for label, row in rows.items() if row.differs} == {
        *("Steps, T", "Writes", "Parameters", "Weight updates"),
    }
    assert (rows["Steps, T"].a, rows["Steps, T"].b) == ("4", "9")
    assert rows["Writes"].a == "2×2 window: 4 numbers"
    assert rows["Writes"].b == "whole canvas: 100 numbers"
    assert rows["Reads"].a == "2×2 window on picture and error: 8 numbers"
    assert rows["Units of encoder and decoder, h"].a == "6 and 8"
    assert rows["Weight updates"].b == "2,400 updates with 4 images each"
    c = side().config
    assert rows["Parameters"].a == f"{sum(c.count_parameters().values()):,}"


@pytest.mark.parametrize(
    ("changes", "label", "value"),
    [
        ({"warmup_steps": 7}, "Learning rate", "rises to 0.01 over 7 updates, "),
        ({"seconds": 60.0}, "Learning rate", "reaches 0 after 60 s"),
        ({"grad_clip": 2.5}, "Gradient", "shortened to a norm of 2.5 at most"),
        ({"precision": "bfloat16"}, "Matrix products", "bfloat16"),
        ({"compiled": True}, "Matrix products", "float32, compiled"),
        ({"seed": 3}, "Seed", "3"),
    ],
)
def test_trainings_that_are_said_to_differ_differ_in_the_table(changes, label, value):
    rows = table(side("A"), side("B", **changes))
    assert [name for name, row in rows.items() if row.differs] == [label]
    assert value in rows[label].b


def test_nats_stand_with_their_error_and_protocol():
    measured = {**TEST, "standard_error": 0.0512, "iwae": 80.5, "iwae_samples": 50}
    a, b = side("A", test=measured), side("B", test=None)
    rows = table(a, b)
    assert rows["Bound, L_x + L_z"].a == "83.12 ± 0.05"
    assert rows["Bound, L_x + L_z"].b == "not measured"
    assert rows["Importance-weighted bound"].a == "80.50, K = 50"
    assert rows["Test images"].a == "10,000"
    assert all(row.group in (BOUND.title, TRAINING) for row in rows.values() if " nats" in row.a)
    note, explained = compare_table.notes(a, b)
    assert note == a.card.protocol()
    assert explained == "± is the standard error over the test images."
    assert "Bernoulli draw with the fixed seed" in note
    assert "one fixed binarised MNIST" in note


def test_nats_of_different_images_are_not_to_be_compared():
    a, b = side("A", test=TEST), side("B", test=TEST)
    assert compare_table.notes(a, b) == [a.card.protocol()]
    for changes in ({"data": "strokes"}, {"binarisation": "threshold"}):
        b = side("B", test=TEST, **changes)
        first, *rest = compare_table.notes(a, b)
        assert "cannot be compared" in first
        assert rest == [f"A: {a.card.protocol()}", f"B: {b.card.protocol()}"]


def test_a_moment_of_a_training_has_its_protocol_too():
    a = side("A", test=None, at=3)
    protocol, part = compare_table.notes(a, side("B", test=None))
    assert protocol == a.card.protocol()
    assert "a part of the test images" in part


def test_a_training_that_was_stopped_shows_what_was_measured_last(tmp_path):
    keep = {"seconds": 1, "loss": 9.0, "grad_norm": 1, "learning_rate": 1, "kl": [1], "nll": 1}
    lines = [
        {
            "step": step,
            "latent_loss": 1,
            **keep,
            "test": {"L_x": 50.0 + step, "L_z": 25.5, "images": 5},
        }
        for step in (1, 2, 3)
    ]
    (tmp_path / METRICS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    b = side("B", run="stopped", test=None, steps=3)
    b = dataclasses.replace(b, entry=dataclasses.replace(b.entry, folder=tmp_path))
    rows = table(side("A", test=TEST), b)
    assert rows["Bound, L_x + L_z"].b == "78.5 after 3 updates"
    assert rows["Test images"].b == "a part of them"
    part = compare_table.notes(side("A", test=TEST), b)[-1]
    assert "a part of the test images" in part


def test_the_time_of_training_and_all_of_it_are_told_apart(tmp_path):
    a, b = side("A"), side("B", run="mine")
    a, b = (
        dataclasses.replace(
            one,
            entry=dataclasses.replace(
                one.entry,
                folder=tmp_path,
                card=dataclasses.replace(one.card, wall_time_s=75.2, hardware="a CPU"),
            ),
        )
        for one in (a, b)
    )
    assert table(a, b)["Time"].b == "75 s with pictures and tests, on a CPU"  # it is gone
    Run(tmp_path).write_status(Status("finished", seconds=60.1, elapsed_s=75.2))
    assert table(a, b)["Time"].a == "75 s with pictures and tests, on a CPU"
    said = "60 s of training, 75 s with pictures and tests, on a CPU"
    assert table(a, b)["Time"].b == said


def test_names_are_no_markup():
    hostile = "<img src=x onerror=alert(1)>"
    a = side("A", name=hostile)
    card = dataclasses.replace(a.card, hardware=hostile, binarisation=hostile)
    a = dataclasses.replace(a, entry=dataclasses.replace(a.entry, card=card))
    html = compare_table._html(compare_table.rows(a, a), a.name, hostile)
    assert "<img" not in html
    assert html.count("&lt;img") == 4  # both names; hardware and pixels stand once for both
    assert "L<sub>x</sub>" in html
