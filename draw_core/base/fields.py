"""What the frozen descriptions of networks and trainings share. Standard library only.

Each of their fields carries its symbol, label, meaning and limits once: checks, options of the
command line, the form of the page Train, its addresses and the tables are made from them.
"""

import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Self, TypeGuard, get_args, get_type_hints

Binarisation = Literal["bernoulli", "threshold", "grey"]
Precision = Literal["float32", "bfloat16"]
Device = Literal["auto", "cpu", "cuda"]  # auto: a GPU where PyTorch can use one
Kind = Literal["whole", "number", "switch", "choice"]

# Headings under which a form shows the fields, in this order. The images decide what has none.
NETWORK, WINDOWS, LEARNING = "The network", "Its windows", "How it learns"
LENGTH, MACHINE = "How long", "The machine"


@dataclasses.dataclass(frozen=True)
class Field:
    """What a setting is.

    Attributes:
        name: of the field of a configuration, and of the parameter of an address.
        group: heading under which a form shows it; empty for what the images decide.
        kind: what its value is.
        symbol: as plain text, which a screen reader can read; empty where there is none.
        label: two or three words.
        meaning: what it is and what changes with it.
        low, high: limits of a whole number; those of another number are the form's alone.
        step: from one number to the next in a form.
        options: of a choice, with what each means.
        without: what no value means, for a number that may be None; people write it as 0.
        needs: name of the switch without which it is not used.
    """

    name: str
    group: str
    kind: Kind
    symbol: str
    label: str
    meaning: str
    low: float = 0
    high: float = 0
    step: float = 1
    options: Mapping[str, str] | None = None
    without: str = ""
    needs: str = ""

    @property
    def title(self) -> str:
        """Its label as a heading, with its symbol."""
        return self.label[0].upper() + self.label[1:] + (f", {self.symbol}" if self.symbol else "")

    def said(self, value: Any) -> str:
        """A value of it as a person reads it."""
        if self.options is not None:
            return self.options[value]
        if self.kind == "switch":
            return "yes" if value else "no"
        if value is None:
            return self.without
        return f"{value:,}" if self.kind == "whole" else f"{value:g}"


def setting(
    default: object,
    label: str,
    meaning: str = "",
    *,
    group: str = "",
    symbol: str = "",
    limits: tuple[float, float] = (0, 0),
    step: float = 1,
    options: Mapping[str, str] | None = None,
    without: str = "",
    needs: str = "",
) -> Any:
    """The field of a configuration that says what it is; see :class:`Field`."""
    kind: Kind = "number"
    if options is not None:
        kind = "choice"
    elif isinstance(default, bool):
        kind = "switch"
    elif isinstance(default, int):
        kind = "whole"
    about = Field("", group, kind, symbol, label, meaning, *limits, step, options, without, needs)
    return dataclasses.field(default=default, metadata={"about": about})


def described(config: Any) -> Iterator[Field]:
    """The fields of a configuration, or of its class, that say what they are."""
    for field in dataclasses.fields(config):
        if "about" in field.metadata:
            yield dataclasses.replace(field.metadata["about"], name=field.name)


def differing(one: Any, other: Any) -> list[Field]:
    """The fields of two configurations that differ, if both have them and use them."""
    pair, there = (one, other), {field.name for field in described(other)}
    return [
        field
        for field in described(one)
        if field.name in there and getattr(one, field.name) != getattr(other, field.name)
        if not field.needs or all(getattr(config, field.needs, True) for config in pair)
    ]


def form(*configs: Any) -> dict[str, Field]:
    """What people can set, by name: what needs a switch comes right after it."""
    fields = [field for config in configs for field in described(config) if field.group]
    places = {field.name: place for place, field in enumerate(fields)}
    fields.sort(key=lambda field: (places[field.needs or field.name], bool(field.needs)))
    return {field.name: field for field in fields}


def check(config: Any) -> None:
    """Makes sure that every described field of a configuration has a value that it may have.

    Raises:
        ValueError: with the first that has not; the message says what to change.
    """
    for field in described(config):
        _check(field, getattr(config, field.name))


def _check(field: Field, value: object) -> None:
    name = field.name
    if field.kind == "switch":
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false, not {value!r}.")
    elif field.options is not None:
        if value not in field.options:
            *most, last = (f'"{option}"' for option in field.options)
            raise ValueError(f"{name} is {value!r}; choose {', '.join(most)} or {last}.")
    elif field.kind == "whole":
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} must be a whole number, not {value!r}.")
        if value < field.low:
            raise ValueError(f"{name} is {value}; set it to {field.low} or more.")
        if value > field.high:
            raise ValueError(f"{name} is {value}; set it to {field.high:,} or less.")
    elif (value is not None or not field.without) and not (
        is_number(value, math.inf) and value > 0
    ):
        end = ", or leave it out." if field.without else "."
        raise ValueError(f"{name} is {value!r}; set it to a number above 0{end}")


def is_number(value: object, below: float = 1e15) -> TypeGuard[float]:
    """Whether a value out of a file is a number, and none that overflows where it is used."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < below  # False for NaN


# What a value out of a file must be, by the type of its field.
_FITS: dict[object, tuple[str, Callable[[object], bool]]] = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    str: ("text", lambda value: isinstance(value, str)),
    int: ("a whole number", lambda value: isinstance(value, int) and is_number(value)),
    float: ("a number", is_number),
    list[str]: ("a list of texts", lambda value: isinstance(value, list) and _are_texts(value)),
}


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def check_types(kind: type, values: Mapping[str, object]) -> None:
    """Makes sure that texts, numbers and switches out of a file are what a dataclass says.

    Raises:
        ValueError: with the first that is not.
    """
    hints = get_type_hints(kind)
    for name, value in values.items():
        hint = hints.get(name)
        kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        if value is None and NoneType in kinds:
            continue
        for what, fits in (_FITS[one] for one in kinds if one in _FITS):
            if not fits(value):
                raise ValueError(f"its {name} is not {what}")


class Configuration:
    """What configurations share: JSON, there and back."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]

    def to_json(self) -> str:
        """The configuration as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_dict`; a field that is absent takes its default.

        Raises:
            ValueError: if a field is unknown or its value cannot work.
        """
        if not isinstance(values, Mapping):
            raise ValueError("A configuration must be a JSON object with named fields.")
        known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(
                f"Unknown setting {', '.join(map(repr, unknown))}; the settings are "
                f"{', '.join(sorted(known))}."
            )
        return cls(**values)
