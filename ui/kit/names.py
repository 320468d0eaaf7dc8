"""What samples are called for people who cannot see them: what a classifier reads on each.

It reads the finished pictures that are shown, as soon as they are shown; a few milliseconds for 64.
"""

import functools

import numpy as np

from draw_core.data.composed.composites import RECIPES
from draw_core.film.codecs import Codec
from draw_core.film.film import Film
from draw_core.measure.reader.network import CLASSES, DIGIT, DIGITS, shipped

# What networks learned from whose pictures the reader was trained and tested for.
_SINGLE = {"mnist": DIGITS, "strokes": len(CLASSES)}
_PAGES = {name: recipe.side for name, recipe in RECIPES.items() if recipe.digits == 2}
_KEPT = 32  # films, of 50 to 230 kB each


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
