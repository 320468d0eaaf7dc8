"""The pad: a browser component to draw on, in the very pixels that a network gets."""

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ui.kit import wire
from ui.kit.session import reported
from ui.kit.source import component

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ui.kit.picture import Picture

_component = component("draw_pad", "pad/pad")


@dataclass(frozen=True)
class Drawing:
    """What is on the pad.

    Attributes:
        pixels: ``[C, H, W]`` in 0..255.
        name: of the picture it began with: the ``name`` of the base, or of a thumbnail.
        edited: whether the visitor drew on it since.
        followed: whether the page shows already what a network makes of it.
    """

    pixels: "UInt8[np.ndarray, 'C H W']"
    name: str
    edited: bool
    followed: bool = False


def pad(
    base: "Picture",
    name: str,
    *,
    key: str,
    edited: bool = False,
    binary: bool = True,
    turn: int = 0,
    thumbs: "Sequence[tuple[str, Picture]]" = (),
    shelf: str = "",
    mirror: bool = False,
) -> Drawing | None:
    """Shows the pad; returns what is on it once it differs from the base.

    Args:
        base: the picture to begin with; another one empties the pad's memory of strokes.
        name: of the base.
        key: of the component.
        edited: whether the base is no longer what its name says.
        binary: whether a pixel is black or white and nothing between.
        turn: another number puts the same base on the pad anew.
        thumbs: names and pictures, of any shape, that a click puts on the pad.
        shelf: what the thumbnails are.
        mirror: whether a loop on this page tells what it paints, to be shown beside the pad where
            the page is narrow, and is told what is drawn.
    """
    shape = base.pixels.shape
    token = wire.digest({"base": base.pixels}, (binary, turn, name))
    names = [thumb for thumb, _ in thumbs]
    pictures = {f"thumb{k}": picture.pixels for k, (_, picture) in enumerate(thumbs)}
    told = {
        "token": token,
        "name": name,
        "edited": edited,
        "binary": binary,
        "shape": shape,
        "shapes": [pixels.shape for pixels in pictures.values()],
        "names": names,
        "words": [picture.words for _, picture in thumbs],
        "gallery": wire.digest(pictures, names),
        "shelf": shelf,
        "mirror": mirror,
    }
    data = wire.pack({"base": base.pixels, **pictures}, told)
    _component(key=key, data=data, on_drawing_change=lambda: None)
    shapes = {shape, *(pixels.shape for pixels in pictures.values())}
    return _read(reported(key, "drawing"), token, shapes)


def _read(state: object, token: str, shapes: Collection[tuple[int, ...]]) -> Drawing | None:
    """What the browser said, if it is about this base and makes sense."""
    if not isinstance(state, dict) or state.get("token") != token:
        return None
    try:
        shape = tuple(state["shape"])
        if shape not in shapes:
            return None
        content = base64.b64decode(state["pixels"], validate=True)
        pixels = np.frombuffer(content, np.uint8).reshape(shape)
        flags = bool(state["edited"]), bool(state.get("followed"))
        return Drawing(pixels, str(state["name"])[:1000], *flags)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
