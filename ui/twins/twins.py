"""Twins: one browser component that plays two models on one timeline.

Python sends both films once; playing and scrubbing happen in the browser, which keeps the
address up to date. Nothing is reported back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from draw_core.film.film import Film
from draw_core.film.tracks import Patches, Vectors
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

Pace = Literal["steps", "share"]

# Shows both: ``data`` is from :func:`pack`; the same bytes leave everything as it is.
twins = component("draw_twins", "twins/twins", "player/player.css", "diagram/clock.css")


@dataclass(frozen=True)
class Twin:
    """One of the two.

    Attributes:
        name: what it is called, as plain text.
        film: what it paints; of a single sample and with its KL where it rebuilds an image.
        nll: L_x in nats at the end of a reconstruction; None when generating.
        note: stands by its canvas, as plain text.
    """

    name: str
    film: Film
    nll: float | None = None
    note: str = ""


def pack(
    a: Twin,
    b: Twin,
    *,
    view: View | None = None,
    pace: Pace | None = None,
    link: Mapping[str, str | int] | None = None,
) -> bytes:
    """Two films as the bytes that :data:`twins` takes.

    Args:
        a, b: of as many samples each; of any shapes and numbers of steps.
        view: where to start; None starts at step 0 and plays if the visitor allows motion. It
            counts only when the component appears: new data leave the visitor at their step, or
            start again if it plays.
        pace: whether both stand at the same step or at the same share of their way, where their
            numbers of steps differ; None leaves it as the visitor had it. As ``view``, it counts
            only at first.
        link: what the address bar shall say beside step, sample and pace; None leaves it alone.

    Raises:
        ValueError: if the numbers of samples differ, or only one of them is a reconstruction.
    """
    if a.film.num_samples != b.film.num_samples:
        raise ValueError(
            f"There are {a.film.num_samples} samples of one and {b.film.num_samples} of the "
            "other; show as many of each."
        )
    if len({x is None for twin in (a, b) for x in (twin.film.bars("kl"), twin.nll)}) != 1:
        raise ValueError("Compare two reconstructions or two generations.")
    films = {twin.film: twin.film.without(Patches, Vectors) for twin in (a, b)}
    told = {"a": _told(a), "b": _told(b)}
    return player.pack(
        {"a.": films[a.film], "b.": films[b.film]},
        {**told, "pace": pace},
        named=[*told.values()],
        view=view,
        link=link,
    )


def _told(twin: Twin) -> dict[str, Any]:
    return {"name": twin.name, "nll": twin.nll, "note": twin.note}
