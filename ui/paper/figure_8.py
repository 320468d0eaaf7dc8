"""Figure 8: two digits on one canvas."""

from draw_core.checkpoint import CheckpointEntry
from ui.paper import choice, commands
from ui.paper.figure_1 import film

MODEL, DATA = "mnist-two-digits", "two_digits"


def show() -> dict[str, str] | None:
    """The film of a model that learned pairs of digits."""
    return film(
        "8",
        choice.having(_fits, MODEL),
        f"The model {MODEL}, which paints two digits on 60 × 60 pixels, is not on this server yet. "
        "This command trains one:",
        commands.TWO_DIGITS,
        rows=5,
    )


def _fits(entry: CheckpointEntry) -> bool:
    assert entry.card
    return entry.card.data.startswith(DATA) or entry.name == MODEL
