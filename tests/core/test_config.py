"""Configurations: JSON there and back, and refusals that say what to change."""

import dataclasses
import json
import sys

import pytest
from hypothesis import given, strategies as st

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from tests.support import process, small

SIZES = st.integers(1, 1024)


@given(
    st.builds(
        lambda longest, **values: DrawConfig(height=longest, **values),
        longest=st.integers(9, 1024),
        width=SIZES,
        channels=st.integers(1, 16),
        num_steps=SIZES,
        z_size=SIZES,
        read_size=st.integers(2, 9),
        write_size=st.integers(2, 9),
        read_attention=st.booleans(),
        write_attention=st.booleans(),
        initial_canvas=st.sampled_from(["blank", "data_mean"]),
    )
)
def test_json_there_and_back(config):
    assert DrawConfig.from_dict(json.loads(config.to_json())) == config


def test_an_absent_field_takes_its_default():
    assert DrawConfig.from_dict({"num_steps": 8}) == DrawConfig(num_steps=8)


def test_configurations_are_frozen():
    for config in (DrawConfig(), TrainConfig()):
        name = dataclasses.fields(config)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(config, name, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"read_size": 1}, r"read_size is 1; set it to 2 or more"),
        ({"write_size": 1}, r"write_size is 1; set it to 2 or more"),
        ({"read_size": 8}, r"read_size is 8, larger than the image's 7 pixels.*Set it to 7"),
        ({"write_size": 8}, r"write_size is 8, larger .* switch attention off"),
        ({"height": 0}, r"height is 0; set it to 1 or more"),
        ({"z_size": -1}, r"z_size is -1; set it to 1 or more"),
        ({"num_steps": 2.0}, r"num_steps must be a whole number, not 2.0"),
        ({"channels": True}, r"channels must be a whole number, not True"),
        ({"width": "28"}, r"width must be a whole number, not '28'"),
        ({"read_attention": 1}, r"read_attention must be true or false, not 1"),
        ({"initial_canvas": "grey"}, r"choose \"blank\" or \"data_mean\""),
        ({"glimpses": 3}, r"Unknown setting 'glimpses'; the settings are channels, dec_size"),
    ],
)
def test_values_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small.config(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"read_attention": False, "read_size": 1},
        {"write_attention": False, "write_size": 99},
        {"height": 1, "read_size": 7, "write_size": 7},
    ],
)
def test_sizes_that_matter_to_nothing_or_fit_the_longer_side_are_allowed(changes):
    assert small.config(**changes).to_dict().items() >= changes.items()


def test_what_is_no_configuration_is_refused():
    with pytest.raises(ValueError, match="JSON object"):
        DrawConfig.from_dict([1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps is 0; set it to 1 or more"),
        ({"batch_size": 0}, "batch_size is 0; set it to 1 or more"),
        ({"steps": 1.5}, "steps must be a whole number, not 1.5"),
        ({"seed": -1}, "seed is -1; set it to 0 or more"),
        ({"warmup_steps": -1}, "warmup_steps is -1; set it to 0 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0; set it to a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan; set it to a number above 0"),
        ({"grad_clip": float("inf")}, "grad_clip is inf; set it to a number above 0"),
        ({"grad_clip": "5"}, "grad_clip is '5'; set it to a number above 0"),
    ],
)
def test_training_values_that_cannot_work_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**{**small.TRAINING.to_dict(), **changes})


def test_the_module_needs_only_the_standard_library():
    # -S: what an environment's own start-up files import does not count.
    packages = process.imported("draw_core.families.draw.config", "-S")
    assert packages - sys.stdlib_module_names <= {"draw_core", "__main__"}
    assert "draw_core" in packages


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(DrawConfig) if f.type is int])
def test_sizes_that_no_machine_could_serve_are_refused(field):
    with pytest.raises(ValueError, match=f"{field} is 1000000; set it to .* or less"):
        DrawConfig.from_dict({field: 10**6})
