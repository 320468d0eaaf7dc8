"""The colour models of figures 9 to 12, and what stands in for SVHN."""

import streamlit as st

from draw_core.data.registry import is_available
from ui.kit.text import plain
from ui.models.catalogue import Model, Models
from ui.paper import choice, commands

MODEL = "cifar-colour"
SVHN = "svhn"
_WHOLE = "cifar10"  # the pictures that the shipped model learned from are a part of it


def models(*, house_numbers: bool) -> Models:
    """The colour models, those of SVHN first where a figure is about house numbers.

    Says how to get one where there is none.
    """
    found = choice.having(is_colour, MODEL)
    if not found and house_numbers:
        choice.missing(
            "No colour model is on this server yet, neither of house numbers (SVHN, a download of "
            f"246 MB) nor {MODEL}. This command trains one:",
            commands.HOUSE_NUMBERS,
        )
    elif not found:
        text = f"The model {MODEL} is not on this server yet. This command trains one:"
        choice.missing(text, commands.SHIPPED["cifar-colour"])
    return dict(sorted(found.items(), key=lambda item: house_numbers and item[1].data != SVHN))


def say_stand_in(entry: Model) -> None:
    """Says what is shown in place of the paper's house numbers."""
    if entry.data == SVHN:
        return
    st.markdown(
        "The paper shows house numbers (SVHN) here. This model learned from "
        f"**{plain(entry.images)}** instead."
    )


def whole_set(entry: Model) -> str | None:
    """A data set at hand that holds more of the pictures which this model learned from."""
    return _WHOLE if entry.name == MODEL and is_available(_WHOLE) else None


def is_colour(entry: Model) -> bool:
    """Whether its pictures are in colour."""
    return entry.config.channels == 3
