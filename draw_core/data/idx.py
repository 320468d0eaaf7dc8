"""The files of MNIST: an array of bytes behind its sizes, packed by gzip or not."""

import gzip
import math
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from draw_core.data.file_faults import GZIP


def read_idx(path: Path) -> UInt8[np.ndarray, "*shape"]:
    """The array that a file holds; its bytes can be changed.

    Raises:
        ValueError: if it does not hold what it tells of.
        OSError, EOFError, zlib.error: if it cannot be read or unpacked.
    """
    with path.open("rb") as opened:
        packed = opened.read(2) == GZIP
        opened.seek(0)
        content = gzip.GzipFile(fileobj=opened) if packed else opened
        head = content.read(4)
        dimensions = head[3] if len(head) == 4 else 0
        sides = content.read(4 * dimensions)
        values = np.frombuffer(bytearray(content.read()), np.uint8)
    shape = np.frombuffer(sides, ">u4", len(sides) // 4).tolist()
    if not dimensions or len(shape) < dimensions or values.size != math.prod(shape):
        raise ValueError("it does not hold what it tells of")
    return values.reshape(shape)
