"""The colour models of figures 9 to 12, and what stands in for SVHN."""

import streamlit as st

from draw_core.checkpoint import CheckpointEntry
from ui import privacy
from ui.paper import choice, commands
from ui.text import plain

MODEL = "cifar-colour"
SVHN = "svhn"


def models(*, house_numbers: bool) -> choice.Models:
    """The colour models; those of SVHN first where a figure is about house numbers."""
    found = choice.having(_colour, MODEL)
    if not house_numbers:
        return found
    return dict(sorted(found.items(), key=lambda item: privacy.data_of(item[1]) != SVHN))


def missing(*, house_numbers: bool) -> None:
    """Says that there is no colour model."""
    if house_numbers:
        choice.missing(
            "No colour model is on this server yet, neither of house numbers (SVHN, a download of "
            f"246 MB) nor {MODEL}. This command trains one:",
            commands.HOUSE_NUMBERS,
        )
    else:
        choice.missing(
            f"The model {MODEL} is not on this server yet. This command trains one:",
            commands.COLOUR,
        )


def say_stand_in(entry: CheckpointEntry) -> None:
    """Says what is shown in place of the paper's house numbers."""
    if privacy.data_of(entry) == SVHN:
        return
    st.markdown(
        "The paper's pictures here are house numbers (SVHN). This model learned from "
        f"**{plain(privacy.title_of(entry))}** instead."
    )


def _colour(entry: CheckpointEntry) -> bool:
    return choice.config_of(entry).channels == 3
