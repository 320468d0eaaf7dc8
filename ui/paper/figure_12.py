"""Figure 12: photographs by the network, with the training images nearest to them."""

from ui.paper import choice, colour

_SEED = 1  # not the samples of Figure 9, which may be of the same model


def show() -> dict[str, str] | None:
    """The neighbours of the colour model's samples."""
    from ui.paper import nearest

    found = colour.models(house_numbers=False)
    if not found:
        return None
    entry, seed, said = choice.choose_model("12", nearest.at_hand_first(found), _SEED)
    nearest.show("12", entry, seed, said, colour.whole_set(entry))
    return said
