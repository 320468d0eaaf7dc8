"""Figure 1: digits in the making, with the window that writes."""

from collections.abc import Callable

from draw_core.checkpoint import CheckpointEntry
from ui.models import DEFAULT_MODEL
from ui.paper import choice, commands, shell
from ui.paper.strip import Group, pack, strip

ROWS = 6


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


def film(
    key: str,
    found: choice.Models,
    absent: str,
    command: str,
    rows: int = ROWS,
    before: Callable[[CheckpointEntry], None] | None = None,
) -> dict[str, str] | None:
    """The film of one model that the visitor chooses, and what the address shall say.

    Args:
        key: of the figure.
        found: the models to choose from.
        absent: what is said if there is none, with the command that makes one.
        rows: how many samples.
        before: says something about the chosen model.
    """
    if not found:
        choice.missing(absent, command)
        return None
    entry, seed, said = choice.choose(key, found)
    if before:
        before(entry)
    painted = choice.paint(entry, rows, seed)
    if painted is None:
        return said
    config = painted.config
    words = f"{painted.label}: {config.num_steps} steps"
    view = shell.linked_view(key, config.num_steps, rows)
    group = Group(words, painted.rollout, config)
    strip(pack([group], view=view, link={"figure": key} | said), key=f"paper_strip_{key}")
    return said
