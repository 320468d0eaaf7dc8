"""Figure 6: digits with the training images nearest to them."""

from draw_core.data.registry import COMPOSITES
from ui.models.catalogue import DEFAULT_MODEL, Model
from ui.paper import choice, commands


def show() -> dict[str, str] | None:
    """The neighbours of a grey model's samples."""
    from ui.paper import nearest

    found = choice.having(_fits, DEFAULT_MODEL)
    if not found:
        choice.missing(
            f"There is no model of grey images on this server. The shipped one is {DEFAULT_MODEL}; "
            "this command trains another:",
            commands.ATTENTION,
        )
        return None
    entry, seed, said = choice.choose_model("6", nearest.at_hand_first(found))
    nearest.show("6", entry, seed, said)
    return said


def _fits(entry: Model) -> bool:
    composed = entry.data.partition(":")[0] in COMPOSITES  # those are endless
    return entry.config.channels == 1 and not composed
