"""A strip of training images as PNG, to see what a network will learn from."""

import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.data.registry import FOLDER_PREFIX, DataError, default_root, describe
from draw_core.film.montage import encode_row

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

_COUNT = 40
_KEPT = 64  # strips
_IDX_IMAGES = 0x803  # what begins a file of unsigned bytes in three dimensions


def at_once(data: str) -> bool:
    """Whether :func:`strip` answers without waiting for torch to load."""
    light = data == "strokes" or data.startswith(FOLDER_PREFIX) or _idx_file(data) is not None
    return data in _done() or light or "draw_core.data.datasets" in sys.modules


def strip(data: str) -> bytes:
    """Some training images side by side, each pixel a whole number of pixels wide.

    Raises:
        DataError: if the images cannot be read.
    """
    done = _done()
    if data not in done:
        if len(done) >= _KEPT:
            done.pop(next(iter(done)), None)  # another visitor may have done so
        done[data] = encode_row(_some(data))
    return done[data]


def _some(data: str) -> "UInt8[np.ndarray, 'N C H W']":
    if data == "strokes":  # a few are drawn at once; all of them take seconds
        from draw_core.data.drawn import strokes

        return strokes.make("train", _COUNT)[0]
    if data.startswith(FOLDER_PREFIX):
        from draw_core.data.folders.folder import read_split

        pictures = read_split(data, "train", default_root())[0]
        return pictures[:: max(1, len(pictures) // _COUNT)][:_COUNT]
    if (path := _idx_file(data)) is not None:
        return _from_idx(path)
    from draw_core.data import datasets

    images = datasets.load(data, "train").images
    return images[:: max(1, len(images) // _COUNT)][:_COUNT].numpy()


def _idx_file(data: str) -> Path | None:
    """The training images of a set like MNIST, unpacked, from which a few are read at once."""
    try:
        dataset = describe(data)
    except DataError:
        return None
    if dataset.is_composed or not dataset.files[0].endswith("images-idx3-ubyte"):
        return None
    path = default_root() / dataset.files[0]
    return path if path.is_file() else None


def _from_idx(path: Path) -> "UInt8[np.ndarray, 'N 1 H W']":
    """Some images of a file in MNIST's format: magic number, sizes, bytes."""
    import numpy as np

    try:
        with path.open("rb") as file:
            magic, count, height, width = struct.unpack(">4I", file.read(16))
        if magic != _IDX_IMAGES or min(count, height, width) < 1:
            raise ValueError(magic)
        pixels = np.memmap(path, np.uint8, "r", 16, (count, 1, height, width))
        return np.array(pixels[:: max(1, count // _COUNT)][:_COUNT])
    except (OSError, ValueError, struct.error) as error:
        raise DataError(f"{path.name} is damaged; fetch the data set again.") from error


@st.cache_resource(show_spinner=False)
def _done() -> dict[str, bytes]:
    """The strips of this server by data set; a strip never changes."""
    return {}
