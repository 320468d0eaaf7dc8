"""Asks a trained model where it would look in a picture."""

import re
from collections.abc import Iterator

import numpy as np

from draw_core.data.registry import COMPOSITES, DataError, describe, is_available
from draw_core.store.checkpoint import CheckpointError
from ui.kit.picture import Picture
from ui.lab.lab import MAX_N, MAX_SIDE, Askable, Asked, Question
from ui.models import cache, draw, privacy
from ui.models.catalogue import Model, Models
from ui.picture import data as picture_data

SEED = 0
_NUMBER = 1  # the second picture of every set of digits on which the lesson begins is one
_DRAWN = "strokes"
_DIGITS = re.compile("[0-9]( and [0-9])*")  # what is on a picture of one digit or of several


def choices(usable: Models) -> list[Askable]:
    """The models that read through a window and whose pictures the lab can show."""
    found = []
    for name, entry in draw.of_draw(usable).items():
        config = draw.network(entry)
        if not config.read_attention or config.read_size > MAX_N:
            continue
        shape = (config.channels, config.height, config.width)
        if shape[0] in (1, 3) and max(shape) <= MAX_SIDE:
            found.append(Askable(name, entry.title, shape))
    return found


def ask(usable: Models, question: Question, picture: Picture) -> tuple[Asked | None, str]:
    """The model's windows on this picture, or why there are none, in a sentence."""
    name = question.model or ""
    entry = usable.get(name)
    if entry is None:
        return None, f"The model “{name[:60]}” is no longer on this server."
    config = draw.network(entry)
    if picture.pixels.shape != (config.channels, config.height, config.width):
        return None, ""  # the browser offers to scale it
    try:
        film = cache.reconstruction(entry, picture.pixels, SEED).film
    except CheckpointError as error:
        return None, str(error)
    read, write = film.windows("read"), film.windows("write")
    if read is None:
        return None, "This model reads the whole picture at once and has no window."
    return Asked(
        name,
        config.read_size,
        read.parameters[:, 0],
        config.write_size if write else None,
        write.parameters[:, 0] if write else None,
    ), ""


def closest_reader(usable: Models) -> str | None:
    """The shipped model whose reading window is the smallest beside its page, measured on a digit.

    None where there is none that reads grey pictures through a window.
    """
    sides = {}
    for choice in choices(usable):
        if usable[choice.name].run or choice.shape[0] != 1:
            continue
        picture = digit(usable[choice.name])
        asked, _ = ask(usable, Question(choice.name, scale=False), picture)
        if asked:
            sides[choice.name] = read_side(asked, picture)
    return min(sides, key=lambda name: sides[name], default=None)


def read_side(asked: Asked, picture: Picture) -> float:
    """The side of the reading window, N strides, as a share of the picture's longer side.

    The median over all steps.
    """
    stride = float(np.median(asked.read_params[:, 2]))
    return float(asked.read_size * stride / max(picture.pixels.shape[1:]))


def digit(entry: Model) -> Picture:
    """A digit of the size that a model takes.

    It is one of the images that it learned from where these are digits and at hand, else a drawn
    one.
    """
    c = entry.config
    for gallery in _galleries(entry.data):
        picture = picture_data.from_link(f"{gallery}:{_NUMBER}")
        if picture:
            return picture_data.scaled(picture, (c.channels, c.height, c.width))
    raise AssertionError("drawn strokes are always at hand")


def why_a_digit(entry: Model) -> str:
    """Why this model is shown a digit; the words "instead of" and a picture go on from here."""
    data = entry.data
    if _is_digits(data):
        return "The model learned from digits, so it looks at one"
    if data.rpartition(":")[2] == _DRAWN:
        return "The model learned from digits and simple shapes, so it looks at a digit"
    return "The model looks at a digit"


def _galleries(data: str) -> Iterator[str]:
    """Sets of digits that are at hand, those most like the model's own images first."""
    kind, _, _ = data.partition(":")
    composed = [f"{kind}:{_DRAWN}"] if kind in COMPOSITES else []
    for name in [data, *composed]:
        if _is_digits(name) and is_available(name) and privacy.may_see(name):
            yield name
    yield _DRAWN


def _is_digits(data: str) -> bool:
    try:
        classes = describe(data).classes
    except DataError:
        return False
    return bool(classes) and all(map(_DIGITS.fullmatch, classes))
