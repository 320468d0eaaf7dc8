"""What all parts of a film share: types of arrays, one error, and the cut to some samples."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]
Array = NDArray[Any]
Part = TypeVar("Part")


class FilmError(Exception):
    """A film cannot be made, stored or shown; the message says why, in one sentence."""


def require(holds: bool, what: str) -> None:
    """Raises FilmError, unless it holds: ``what`` is a sentence without its full stop."""
    if not holds:
        raise FilmError(f"{what}.")


def arrays_of(part: Any) -> dict[str, Array]:
    """The arrays of a dataclass by the name of their field; those that are None are left out."""
    values = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def cut(part: Part, axis: int, which: slice, arrays: Mapping[str, Array]) -> Part:
    """A copy of a dataclass with some entries of these arrays along an axis."""
    index = (slice(None),) * axis + (which,)
    some = {name: np.ascontiguousarray(array[index]) for name, array in arrays.items()}
    return dataclasses.replace(part, **some)  # type: ignore[type-var]


def one_of(array: Array, *kinds: type[np.generic]) -> bool:
    """Whether an array holds numbers of one of these kinds, in this machine's byte order."""
    return array.dtype in [np.dtype(kind) for kind in kinds]
