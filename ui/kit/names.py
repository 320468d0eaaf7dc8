"""What samples are called for people who cannot see them: what a classifier reads on each.

It reads the finished pictures that are shown, as soon as they are shown; a few milliseconds for 64,
for which the pictures do not wait.
"""

import functools
import json
from collections.abc import Sequence

import numpy as np
import streamlit as st

from draw_core.data.composed.composites import RECIPES
from draw_core.film.codecs import Codec
from draw_core.film.film import Film
from draw_core.measure.reader.network import CLASSES, DIGIT, DIGITS, shipped
from ui.kit import wire
from ui.kit.linker import linked

# What networks learned from whose pictures the reader was trained and tested for.
_SINGLE = {"mnist": DIGITS, "strokes": len(CLASSES)}
_PAGES = {name: recipe.side for name, recipe in RECIPES.items() if recipe.digits == 2}
_KEPT = 32  # films, of 50 to 230 kB each

_component = st.components.v2.component(
    "draw_names", js=linked("kit/tell_names.js"), isolate_styles=False
)


def tell(looks: Sequence[str], data: bytes, *, key: str, which: str = "", name: str = "") -> None:
    """Tells a player what its samples look like; a screen reader tells them apart by it.

    Args:
        looks: of each sample, from :func:`of_samples`.
        data: what the player was sent.
        key: of the player.
        which: of the two players of :mod:`ui.twins.twins`.
        name: of the pictures, where the browser has painted them since.
    """
    payload = {"id": name or wire.told(data)["id"] + which, "looks": list(looks)}
    # In a list: Streamlit then sends the text as it is, without loading pandas to look at it.
    _component(key=f"names_{key}{which}", data=[json.dumps(payload)])


def of_samples(film: Film, data: str) -> tuple[str, ...]:
    """What the finished picture of each sample does, as "looks like a 6".

    Args:
        film: of a network that paints.
        data: the data set that the network learned from, which says what its pictures can mean.

    Returns:
        One for each sample; none at all where the data are of a kind that cannot be read.
    """
    canvases = film.last
    return _read(canvases.tobytes(), canvases.shape, film.codec, data.partition(":")[0])


@functools.lru_cache(maxsize=_KEPT)
def _read(canvases: bytes, shape: tuple[int, ...], codec: Codec, data: str) -> tuple[str, ...]:
    pictures = codec.values[np.frombuffer(canvases, np.uint8).reshape(shape)][:, 0]
    if data in _SINGLE and shape[1:] == (1, DIGIT, DIGIT):
        answers = shipped().read(pictures, _SINGLE[data])
        unclear = "shows no clear digit" + (" or figure" if data == "strokes" else "")
        return tuple(_looks([CLASSES[a]]) if a is not None else unclear for a in answers)
    if data in _PAGES and shape[1:] == (1, _PAGES[data], _PAGES[data]):
        return tuple(_page([CLASSES[a] for a in found]) for found in shipped().read_page(pictures))
    return ()


def _page(digits: list[str]) -> str:
    if not digits:
        return "shows no clear digit"
    return _looks(digits) + (" and no other clear digit" if len(digits) == 1 else "")


def _looks(things: list[str]) -> str:
    said = [f"{'an' if thing == '8' else 'a'} {thing}" for thing in things]
    return "looks like " + " and ".join(filter(None, (", ".join(said[:-1]), said[-1])))
