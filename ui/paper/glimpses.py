"""A classifier's glimpses at pictures, played in the browser; nothing is reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

if TYPE_CHECKING:
    from jaxtyping import Float32, Int64, UInt8

_component = component("draw_paper_glimpses", "paper/glimpses", "player/player.css")


@dataclass(frozen=True)
class Looks:
    """What a classifier saw of some pictures and believed, glimpse by glimpse.

    Attributes:
        images: the pictures, 0..255.
        labels: what is on them, from 0.
        params: the window of each glimpse: g_x, g_y, delta, sigma2, gamma, in 0-based pixels.
        patches: what was read through it, gamma in it.
        probabilities: of each class after it.
    """

    images: "UInt8[np.ndarray, 'B C H W']"
    labels: "Int64[np.ndarray, ' B']"
    params: "Float32[np.ndarray, 'T B 5']"
    patches: "Float32[np.ndarray, 'T B C N N']"
    probabilities: "Float32[np.ndarray, 'T B K']"


def pack(
    looks: Looks,
    classes: Sequence[str],
    *,
    view: View | None = None,
    link: Mapping[str, str] | None = None,
) -> bytes:
    """Glimpses as the bytes that :func:`glimpses` sends.

    Args:
        looks: of the pictures to choose from.
        classes: the name of each class.
        view: where to start; None plays.
        link: what the address shall say beside step and sample; None leaves it alone.
    """
    tensors = {
        "images": np.ascontiguousarray(looks.images),
        "labels": looks.labels.astype(np.float32),
        "params": np.ascontiguousarray(looks.params, np.float32),
        "patches": np.ascontiguousarray(looks.patches, np.float32),
        "probabilities": np.ascontiguousarray(looks.probabilities, np.float32),
    }
    return player.pack({}, {"classes": list(classes)}, more=tensors, view=view, link=link)


def glimpses(data: bytes, *, key: str) -> None:
    """Shows the glimpses; ``data`` is from :func:`pack`."""
    _component(key=key, data=data)
