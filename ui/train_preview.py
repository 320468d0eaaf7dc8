"""A strip of training images as PNG, to see what a network will learn from."""

import sys
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.montage import encode_row

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

_COUNT = 40


def at_once(data: str) -> bool:
    """Whether :func:`strip` answers without waiting for torch to load."""
    return data in _done() or data == "strokes" or "draw_core.data.datasets" in sys.modules


def strip(data: str) -> bytes:
    """Some training images side by side, each pixel a whole number of pixels wide.

    Raises:
        DataError: if the images cannot be read.
    """
    done = _done()
    if data not in done:
        done[data] = encode_row(_some(data))
    return done[data]


def _some(data: str) -> "UInt8[np.ndarray, 'N C H W']":
    if data == "strokes":  # a few are drawn at once; all of them take seconds
        from draw_core.data import strokes

        return strokes.make("train", _COUNT)[0]
    from draw_core.data import datasets

    images = datasets.load(data, "train").images
    return images[:: max(1, len(images) // _COUNT)][:_COUNT].numpy()


@st.cache_resource(show_spinner=False)
def _done() -> dict[str, bytes]:
    """The strips of this server by data set; a strip never changes."""
    return {}
