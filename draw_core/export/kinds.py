"""The kinds of files that a film can become, by the endings of their names."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from draw_core.export import drawing, numbers, pictures
from draw_core.film.files import to_npz
from draw_core.film.film import Film

_SIDE = 640  # of a picture to be looked at, in screen pixels, roughly


@dataclass(frozen=True)
class Wanted:
    """What of a film a file shall hold.

    Attributes:
        sample: 0..B-1, the only one; None for all, of which a drawing shows the first.
        step: 0..T of a drawing; None for the last.
        scale: screen pixels per pixel; None for as many as make a picture easy to look at.
    """

    sample: int | None = None
    step: int | None = None
    scale: int | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        title: in a word or two.
        about: what is in it.
        mime: its type on the web.
        make: its content.
    """

    title: str
    about: str
    mime: str
    make: Callable[[Film, Wanted], bytes]


def encode(film: Film, ending: str, wanted: Wanted | None = None) -> bytes:
    """The content of a file.

    Args:
        ending: of its name, one of :data:`KINDS`.

    Raises:
        ValueError: if there is no such kind, sample or step, or the pictures have neither one nor
            three channels where a picture is wanted.
    """
    wanted = wanted or Wanted()
    if ending not in KINDS:
        raise ValueError(f"{ending} is none of {', '.join(KINDS)}.")
    try:
        return KINDS[ending].make(film, wanted)
    except IndexError as error:
        raise ValueError(str(error)) from error


def _scaled(make: Callable[[Film, int], bytes]) -> Callable[[Film, Wanted], bytes]:
    def of(film: Film, wanted: Wanted) -> bytes:
        chosen = _chosen(film, wanted)
        return make(chosen, wanted.scale or _scale(chosen))

    return of


def _chosen(film: Film, wanted: Wanted) -> Film:
    return film if wanted.sample is None else film.only(wanted.sample)


def _scale(film: Film) -> int:
    """Of a film whose samples stand in a grid."""
    side = max(film.shape[1:]) * math.ceil(math.sqrt(film.num_samples))
    return max(1, min(16, _SIDE // side))


def _drawing(film: Film, wanted: Wanted) -> bytes:
    step = film.num_steps if wanted.step is None else wanted.step
    return drawing.svg(film, wanted.sample or 0, step)


KINDS = {
    ".gif": Kind("GIF", "the film, for slides and chats", "image/gif", _scaled(pictures.gif)),
    ".mp4": Kind("MP4", "the film as a video", "video/mp4", _scaled(pictures.mp4)),
    ".png": Kind(
        "PNG",
        "the finished samples, or all steps of a single one",
        "image/png",
        _scaled(pictures.png),
    ),
    ".svg": Kind(
        "SVG", "one step of one sample with its windows, for slides", "image/svg+xml", _drawing
    ),
    ".csv": Kind(
        "CSV",
        "all numbers: windows, latents and ink of every step",
        "text/csv",
        lambda film, wanted: numbers.to_csv(_chosen(film, wanted)),
    ),
    ".npz": Kind(
        "NPZ",
        "the whole film as NumPy arrays",
        "application/octet-stream",
        lambda film, wanted: to_npz(_chosen(film, wanted)),
    ),
}
