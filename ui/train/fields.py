"""The values of all settings: as a preset has them, as configurations, in words. No Streamlit."""

import re
from collections.abc import Mapping

from draw_core.base.fields import Field, Precision, form
from draw_core.base.settings import TrainConfig
from draw_core.families.family import Family, NetworkConfig
from draw_core.families.registry import FAMILIES, family_of
from draw_core.runs.config import RunConfig

Value = int | float | str | bool
Values = dict[str, Value]
Shape = tuple[int, int, int]  # channels, height, width

# What can be set for a network of each family, by name.
TABLES = {f.name: form(f.config, f.training, RunConfig) for f in FAMILIES.values()}
NAMES = tuple(dict.fromkeys(name for table in TABLES.values() for name in table))


def defaults(family: Family, preset: str, shape: Shape, precision: Precision = "float32") -> Values:
    """What a preset sets every field to, for images of this shape.

    Args:
        precision: the fastest of this machine.
    """
    chosen = family.presets[preset]
    return of_run(chosen.model_for(*shape), chosen.training_for(shape[0], precision), threads=0)


def build(
    family: Family, values: Mapping[str, Value], shape: Shape
) -> tuple[NetworkConfig, TrainConfig]:
    """The configurations that the values of all fields describe.

    Raises:
        ValueError: if they cannot work together; the message says what to change.
    """
    fields = TABLES[family.name]
    given = {k: v or None if fields[k].without else v for k, v in values.items() if k in fields}
    model = {k: v for k, v in given.items() if k in family.config.__dataclass_fields__}
    training = {k: v for k, v in given.items() if k in family.training.__dataclass_fields__}
    channels, height, width = shape
    return (
        family.config.from_dict({**model, "channels": channels, "height": height, "width": width}),
        family.training.from_dict(training),
    )


def differences(values: Mapping[str, Value], usual: Mapping[str, Value]) -> Values:
    """The values that are not the usual ones."""
    return {name: value for name, value in values.items() if value != usual[name]}


def of_run(model: NetworkConfig, training: TrainConfig, threads: int) -> Values:
    """The values of all fields in a run that was made earlier."""
    values = {**model.to_dict(), **training.to_dict(), "threads": threads}
    fields = TABLES[family_of(model).name].values()
    return {f.name: (values[f.name] or 0.0) if f.without else values[f.name] for f in fields}


def describe(family: Family, changes: Mapping[str, Value]) -> str:
    """Values that differ from a preset, in one line."""
    fields = TABLES[family.name]
    return ", ".join(_describe(fields[name], value) for name, value in changes.items())


def _describe(field: Field, value: Value) -> str:
    if field.without and not value:
        return field.without
    if field.kind == "switch":
        what = field.label[0].lower() + field.label[1:]
        return what if value else f"no “{what}”"
    if field.options is not None:
        return f"{field.label} {value}"
    text = f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return f"{field.label} {text}"


def in_words(family: Family, fault: str) -> str:
    """A sentence about a configuration with the labels of the form in place of its field names."""
    fields = TABLES[family.name]
    return re.sub(
        "[a-z_]+",
        lambda m: f"“{fields[m[0]].label}”" if "_" in m[0] and m[0] in fields else m[0],
        fault,
    )
