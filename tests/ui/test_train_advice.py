"""Advice, estimates and the values of the settings: pure functions."""

import dataclasses
import re

import pytest

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.model import DRAW
from draw_core.families.draw.presets import PRESETS
from draw_core.families.registry import FAMILIES
from draw_core.runs.estimate import Measured, duration, seconds_needed, spoken
from ui.train import advice as train_advice, fields as train_fields
from ui.train.advice import Facts

OURS = FAMILIES["draw"]
FIELDS = train_fields.TABLES["draw"]
GREY = (1, 28, 28)
MNIST = Facts("mnist", 60_000, bfloat16=True, memory=8 << 30)


def advice(
    model: dict | None = None,
    training: dict | None = None,
    facts: Facts = MNIST,
    needed_s: float | None = None,
) -> str:
    one = PRESETS["one-minute"]
    return "\n".join(
        train_advice.warnings(
            dataclasses.replace(one.model, **(model or {})),
            dataclasses.replace(one.training, **(training or {})),
            facts,
            needed_s,
        )
    )


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
@pytest.mark.parametrize("shape", [GREY, (3, 32, 32)])
def test_a_preset_gives_no_cause_for_advice(preset, shape):
    facts = Facts("x", 50_000, drawn=shape[0] == 1, memory=8 << 30)
    values = train_fields.defaults(OURS, preset.name, shape)
    assert train_advice.warnings(*train_fields.build(OURS, values, shape), facts, None) == []


@pytest.mark.parametrize(
    ("model", "training", "expected"),
    [
        ({"num_steps": 1}, {}, "a single stroke"),
        ({"num_steps": 8, "z_size": 2}, {}, "only 16 random"),
        ({"num_steps": 100, "z_size": 100}, {}, "T × z = 10,000"),
        ({"z_size": 100, "dec_size": 64}, {}, "larger than the decoder's 64"),
        ({"read_size": 20}, {}, "N_read = 20.*1.4 pixels apart"),
        ({"write_size": 28}, {}, "N_write = 28.*1.0 pixels apart"),
        ({"write_size": 2}, {}, "four dots"),
        ({"read_attention": False, "write_attention": False}, {}, "87.40 nats"),
        ({}, {"learning_rate": 0.02}, "0.02.*high"),
        ({}, {"learning_rate": 5e-3, "warmup_steps": 0}, "0 warm-up updates"),
        ({}, {"learning_rate": 1e-5}, "little is learned"),
        ({}, {"steps": 100, "warmup_steps": 100}, "never reaches the full rate"),
        ({}, {"grad_clip": 1e3}, "hardly ever acts"),
        ({}, {"grad_clip": 0.01}, "shortens every gradient"),
        ({}, {"batch_size": 60_001}, "more than the 60,000 images"),
        ({}, {"batch_size": 4}, "noisy gradients"),
        ({}, {"batch_size": 2000}, "few updates"),
        ({}, {"steps": 20, "seconds": None, "warmup_steps": 2}, "still fog"),
        ({}, {"binarisation": "grey"}, "cannot be compared"),
        ({}, {"binarisation": "threshold"}, "cannot be compared"),
        ({}, {"compiled": True}, "training of 60 seconds"),
        ({"num_steps": 1000, "enc_size": 4096}, {"batch_size": 1000}, "GB.*lower B"),
    ],
)
def test_what_works_badly_is_said_with_its_reason(model, training, expected):
    assert re.search(expected, advice(model, training))


def test_advice_on_data_and_machine():
    colour = Facts("cifar10", 50_000, drawn=False)
    assert "photographs" in advice({"channels": 3}, {}, colour)
    assert "photographs" not in advice({"channels": 3}, {"binarisation": "grey"}, colour)
    assert "by heart" in advice({}, {}, Facts("folder:1", 90))
    assert advice({}, {}, Facts("folder:1", None)) == ""
    assert "20 h" in advice(needed_s=20 * 3600)
    assert advice(needed_s=600) == ""
    slow = {"precision": "bfloat16"}
    assert "no **bfloat16**" in advice({}, slow, Facts("strokes", 60_000))
    assert advice({}, slow, dataclasses.replace(MNIST, data="strokes")) == ""


@pytest.mark.parametrize(("threads", "advised"), [(0, False), (1, False), (2, True), (9, True)])
def test_threads_must_leave_a_core_free(threads, advised):
    one = PRESETS["one-minute"]
    facts = dataclasses.replace(MNIST, cores=2)
    found = train_advice.warnings(one.model, one.training, facts, None, threads)
    assert any("many times slower" in text for text in found) == advised


def test_the_time_follows_the_arithmetic():
    small, large = DrawConfig(num_steps=8), DrawConfig(num_steps=16)
    measured = Measured(1000.0, small, "float32")
    training = TrainConfig(steps=100, batch_size=50)
    assert seconds_needed(small, training, measured) == pytest.approx(5.0)
    assert seconds_needed(large, training, measured) == pytest.approx(10.0)
    assert seconds_needed(small, training, None) is None
    limited = dataclasses.replace(training, seconds=3.0)
    assert seconds_needed(small, limited, measured) == 3.0
    assert seconds_needed(small, limited, None) == 3.0


def test_memory_grows_with_steps_and_batch():
    base = train_advice.memory_bytes(DrawConfig(), TrainConfig(), 1000)
    assert train_advice.memory_bytes(DrawConfig(num_steps=64), TrainConfig(), 1000) > base
    assert train_advice.memory_bytes(DrawConfig(), TrainConfig(batch_size=999), 1000) > base
    few = train_advice.memory_bytes(DrawConfig(), TrainConfig(batch_size=10**5), 100)
    assert few < 2 * base


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (89.4, "89 s"),
        (120, "2 min"),
        (130, "2 min 10 s"),
        (600, "10 min"),
        (5390, "90 min"),
        (7200, "2 h"),
        (7260, "2 h 1 min"),
        (41 * 3600 + 1200, "41 h"),
        (3 * 86400, "3.0 days"),
    ],
)
def test_a_time_in_words(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (60, "60 seconds"),
        (130, "2 minutes 10 seconds"),
        (600, "10 minutes"),
        (7260, "2 hours 1 minute"),
        (3 * 86400, "3.0 days"),
    ],
)
def test_a_time_in_a_sentence(seconds, words):
    assert spoken(seconds) == words


def test_every_setting_of_a_training_is_in_the_table():
    settings = {f.name for c in (DrawConfig, TrainConfig) for f in dataclasses.fields(c)}
    assert set(FIELDS) == settings - {"height", "width", "channels"} | {"threads"}
    for field in FIELDS.values():
        assert field.label
        assert field.meaning.endswith(".")
        assert (field.options is not None) == (field.kind == "choice")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_a_preset_goes_through_the_form_unchanged(preset):
    values = train_fields.defaults(OURS, preset.name, GREY)
    model, training = train_fields.build(OURS, values, GREY)
    assert (model, training) == (preset.model, preset.training)
    assert train_fields.of_run(model, training, 0) == values
    for name, field in FIELDS.items():
        if field.options is not None:
            assert values[name] in field.options
        elif field.kind != "switch":
            assert field.low <= values[name] <= field.high


def test_colour_images_are_not_tossed_to_black_and_white():
    values = train_fields.defaults(OURS, "one-minute", (3, 32, 32), "bfloat16")
    model, training = train_fields.build(OURS, values, (3, 32, 32))
    assert (model.channels, model.height) == (3, 32)
    assert (training.binarisation, training.precision) == ("grey", "bfloat16")


def test_differences_are_told_in_words():
    usual = train_fields.defaults(OURS, "paper", GREY)
    values = {**usual, "num_steps": 12, "read_attention": False, "learning_rate": 5e-4}
    changes = train_fields.differences(values, usual)
    assert set(changes) == {"num_steps", "read_attention", "learning_rate"}
    words = train_fields.describe(OURS, changes)
    assert train_fields.describe(OURS, {"seconds": 0.0}) == "no limit of time"
    assert words == "steps 12, no “read through a window”, learning rate 0.0005"


def test_a_refusal_uses_the_labels_of_the_form():
    values = {**train_fields.defaults(OURS, "paper", GREY), "read_size": 40}
    with pytest.raises(ValueError, match="read_size is 40") as error:
        train_fields.build(OURS, values, GREY)
    assert "“points per side, reading” is 40" in train_fields.in_words(OURS, str(error.value))


def test_parameters_are_counted_as_pytorch_does():
    for preset in PRESETS.values():
        real = sum(p.numel() for p in DRAW(preset.model).parameters())
        assert sum(preset.model.count_parameters().values()) == real
