"""Figure 1: digits in the making, with the window that writes."""

from draw_core.checkpoint import CheckpointEntry
from ui.models import DEFAULT_MODEL
from ui.paper import choice, commands
from ui.paper.film import film


def show() -> dict[str, str] | None:
    """The film of a model that writes through a window."""
    return film(
        "1",
        choice.having(_fits, DEFAULT_MODEL),
        f"There is no model with a write window on this server. The shipped one is {DEFAULT_MODEL};"
        " this command trains another:",
        commands.ATTENTION,
    )


def _fits(entry: CheckpointEntry) -> bool:
    config = choice.config_of(entry)
    return config.write_attention and config.channels in (1, 3)
