"""What the frozen descriptions of networks and trainings share. Standard library only."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

Binarisation = Literal["bernoulli", "threshold", "grey"]
Precision = Literal["float32", "bfloat16"]
Device = Literal["auto", "cpu", "cuda"]  # auto: a GPU where PyTorch can use one


def is_positive(value: object) -> bool:
    """Whether a value out of a file is a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value < math.inf


def known_fields(cls: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values out of a file that describe ``cls``.

    Raises:
        ValueError: if they are no object with names, or one is unknown.
    """
    if not isinstance(values, Mapping):
        raise ValueError("A configuration must be a JSON object with named fields.")
    known = {field.name for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(
            f"Unknown setting {', '.join(map(repr, unknown))}; the settings are "
            f"{', '.join(sorted(known))}."
        )
    return dict(values)
