"""Figure 12: photographs by the network, with the training images nearest to them."""

from ui.paper import colour


def show() -> dict[str, str] | None:
    """The neighbours of the colour model's samples."""
    from ui.paper import nearest

    found = colour.models(house_numbers=False)
    if not found:
        colour.missing(house_numbers=False)
        return None
    return nearest.show("12", found)
