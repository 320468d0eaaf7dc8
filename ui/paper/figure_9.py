"""Figure 9: samples in colour with the training images nearest to them."""

from ui.paper import colour


def show() -> dict[str, str] | None:
    """House numbers where there is such a model, else our colour model."""
    from ui.paper import nearest

    found = colour.models(house_numbers=True)
    if not found:
        colour.missing(house_numbers=True)
        return None
    return nearest.show("9", found, before=colour.say_stand_in)
