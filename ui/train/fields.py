"""The values of all settings: as a preset has them, as configurations, in words. No Streamlit."""

import re
from collections.abc import Mapping

from draw_core.base.fields import Precision
from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from ui.train.table import FIELDS, Field

Value = int | float | str | bool
Values = dict[str, Value]
Shape = tuple[int, int, int]  # channels, height, width

DEFAULT_PRESET = "one-minute"


_MODEL = set(DrawConfig.__dataclass_fields__)
_TRAINING = set(TrainConfig.__dataclass_fields__)
# Where 0 stands for no bound, and how that is said.
_UNBOUNDED = {"seconds": "no limit of time", "max_write_side": "no bound of the window"}


def defaults(preset: str, shape: Shape, precision: Precision = "float32") -> Values:
    """What a preset sets every field to, for images of this shape.

    Args:
        precision: the fastest of this machine.
    """
    chosen = PRESETS[preset]
    return of_run(chosen.model_for(*shape), chosen.training_for(shape[0], precision), threads=0)


def build(values: Mapping[str, Value], shape: Shape) -> tuple[DrawConfig, TrainConfig]:
    """The configurations that the values of all fields describe.

    Raises:
        ValueError: if they cannot work together; the message says what to change.
    """
    channels, height, width = shape
    model: dict[str, object] = {k: v for k, v in values.items() if k in _MODEL}
    training: dict[str, object] = {k: v for k, v in values.items() if k in _TRAINING}
    for name in _UNBOUNDED:
        part = model if name in _MODEL else training
        part[name] = part[name] or None
    return (
        DrawConfig.from_dict({**model, "channels": channels, "height": height, "width": width}),
        TrainConfig.from_dict(training),
    )


def differences(values: Mapping[str, Value], usual: Mapping[str, Value]) -> Values:
    """The values that are not the usual ones."""
    return {name: values[name] for name in FIELDS if values[name] != usual[name]}


def of_run(model: DrawConfig, training: TrainConfig, threads: int) -> Values:
    """The values of all fields in a run that was made earlier."""
    values = {**model.to_dict(), **training.to_dict(), "threads": threads}
    for name in _UNBOUNDED:
        values[name] = values[name] or 0.0
    return {name: values[name] for name in FIELDS}


def describe(changes: Mapping[str, Value]) -> str:
    """Values that differ from a preset, in one line."""
    return ", ".join(_describe(FIELDS[name], value) for name, value in changes.items())


def _describe(field: Field, value: Value) -> str:
    if field.name in _UNBOUNDED and not value:
        return _UNBOUNDED[field.name]
    if field.kind == "switch":
        what = field.label[0].lower() + field.label[1:]
        return what if value else f"no “{what}”"
    if field.options is not None:
        return f"{field.label} {value}"
    text = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return f"{field.label} {text}"


def in_words(fault: str) -> str:
    """A sentence about a configuration with the labels of the form in place of its field names."""
    return re.sub(
        "[a-z_]+",
        lambda m: f"“{FIELDS[m[0]].label}”" if "_" in m[0] and m[0] in FIELDS else m[0],
        fault,
    )
