"""Films with a row for each sample and a column for each step, as in the paper.

One browser component. Python sends the films once; scrubbing, playing and pointing happen in the
browser, and nothing is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from draw_core.film.film import Film
from draw_core.film.tracks import Patches, Vectors
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

# Shows the films: ``data`` is from :func:`pack`.
strip = component("draw_paper_strip", "strip/strip", "player/player.css")


@dataclass(frozen=True)
class Group:
    """Rows of one model.

    Attributes:
        title: what stands above them.
        film: the samples; all are shown.
        note: what must be known of its pictures, below the one that is enlarged.
    """

    title: str
    film: Film
    note: str = ""


def pack(
    groups: Sequence[Group],
    *,
    view: View | None = None,
    link: Mapping[str, str] | None = None,
) -> bytes:
    """Films as the bytes that :data:`strip` takes.

    Args:
        groups: one or more; if their numbers of steps differ they are played at the same share.
        view: where to start, the sample counted over all groups; None plays.
        link: what the address shall say beside the step and sample; None leaves it alone.

    Raises:
        ValueError: if there is no group.
    """
    if not groups:
        raise ValueError("There is nothing to show.")
    films = {
        f"{number}.": group.film.without(Patches, Vectors) for number, group in enumerate(groups)
    }
    return player.pack(
        films,
        {"groups": [{"title": group.title, "note": group.note} for group in groups]},
        named=[group.title for group in groups],
        view=view,
        link=link,
    )
