"""A classifier's glimpses at pictures, played in the browser; nothing is reported."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from draw_core.film.film import Film
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int64

_component = component("draw_paper_glimpses", "paper/glimpses", "player/player.css")


def pack(
    film: Film,
    labels: "Int64[np.ndarray, ' B']",
    classes: Sequence[str],
    *,
    view: View | None = None,
    link: Mapping[str, str] | None = None,
) -> bytes:
    """Glimpses as the bytes that :func:`glimpses` sends.

    Args:
        film: of a classifier's looks at the pictures to choose from.
        labels: what is on them, from 0.
        classes: the name of each class.
        view: where to start; None plays.
        link: what the address shall say beside step and sample; None leaves it alone.
    """
    told = {"classes": list(classes), "labels": labels.tolist()}
    return player.pack({"": film}, told, view=view, link=link)


def glimpses(data: bytes, *, key: str) -> None:
    """Shows the glimpses; ``data`` is from :func:`pack`."""
    _component(key=key, data=data)
