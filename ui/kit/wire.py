"""The bytes that components are sent: arrays as safetensors, and JSON that tells of them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

_TOLD = "told"


def pack(arrays: Mapping[str, NDArray[Any]], told: Mapping[str, Any]) -> bytes:
    """Arrays, and what is told of them, as JSON can hold it."""
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(contiguous, metadata={_TOLD: json.dumps(told)})


def told(data: bytes) -> dict[str, Any]:
    """What :func:`pack` told of its arrays."""
    length = int.from_bytes(data[:8], "little")
    text: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_TOLD])
    return text


def digest(arrays: Mapping[str, NDArray[Any]], named: object = ()) -> str:
    """A name that only the same arrays share, with the same ``named``, which JSON can hold."""
    found = hashlib.sha256(json.dumps(named).encode())  # processors have instructions for it
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"{name} {array.shape}".encode())
        found.update(array.data)
    return found.hexdigest()[:16]
