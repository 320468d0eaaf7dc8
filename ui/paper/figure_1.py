"""Figure 1: digits in the making, with the window that writes."""

from draw_core.film.pen import measure_pen
from draw_core.store.checkpoint import PREVIEW, PREVIEW_SAMPLES, CheckpointError
from ui.models import cache, draw
from ui.models.catalogue import DEFAULT_MODEL, Model, Models
from ui.paper import choice, commands
from ui.paper.film import film

_DATA = "mnist"  # what the paper's film shows


def show() -> dict[str, str] | None:
    """The film of a model that writes through a window."""
    found = choice.having(_fits, DEFAULT_MODEL)
    return film(
        "1",
        choice.having(_fits, *_smallest_windows_first(found), DEFAULT_MODEL),
        f"There is no model with a write window on this server. The shipped one is {DEFAULT_MODEL};"
        " this command trains another:",
        commands.ATTENTION,
    )


def _fits(entry: Model) -> bool:
    config = draw.network(entry)
    return config.write_attention and config.channels in (1, 3)


def _smallest_windows_first(found: Models) -> list[str]:
    """The shipped models of the paper's digits, those first that paint most like a pen.

    Measured on their stored samples: who has none is left out.
    """
    sides = {}
    for name, entry in found.items():
        if entry.run or entry.data != _DATA:
            continue
        if not (entry.folder / PREVIEW).exists():  # to paint them anew would take long
            continue
        try:
            measure = measure_pen(cache.film(entry, PREVIEW_SAMPLES)[0])
        except CheckpointError:
            continue
        if measure:
            sides[name] = measure.side
    return sorted(sides, key=lambda name: sides[name])
