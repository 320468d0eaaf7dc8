"""Figure 9: samples in colour, and of house numbers the training images nearest to them."""

import streamlit as st

from ui.paper import choice, colour
from ui.paper.samples import montage


def show() -> dict[str, str] | None:
    """House numbers where there is such a model, else the samples of a colour model."""
    from ui.paper import nearest

    found = colour.models(house_numbers=True)
    if not found:
        colour.missing(house_numbers=True)
        return None
    entry, seed, said = choice.choose_model("9", found)
    if entry.data == colour.SVHN:
        st.markdown(
            "These are house numbers. The pictures nearest to the chosen one stand beside it."
        )
        nearest.show("9", entry, seed, said)
    else:
        montage("9", entry, seed, said)
        colour.say_stand_in(entry)  # below, so that the picture and its steps are on one screen
    return said
