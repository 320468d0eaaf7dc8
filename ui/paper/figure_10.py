"""Figure 10: colour pictures in the making."""

from ui.paper import colour
from ui.paper.film import film


def show() -> dict[str, str] | None:
    """The film of a colour model."""
    found = colour.models(house_numbers=True)
    if not found:
        return None
    return film("10", found, "", "", before=colour.say_stand_in)
