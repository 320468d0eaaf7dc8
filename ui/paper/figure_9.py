"""Figure 9: samples in colour, and of house numbers the training images nearest to them."""

import streamlit as st

from ui.kit import names
from ui.kit.view import View
from ui.models import cache
from ui.models.catalogue import Model
from ui.paper import choice, colour, shell
from ui.stage.stage import pack, stage

SAMPLES = 64


def show() -> dict[str, str] | None:
    """House numbers where there is such a model, else the samples of a colour model."""
    from ui.paper import nearest

    found = colour.models(house_numbers=True)
    if not found:
        return None
    entry, seed, said = choice.choose_model("9", found)
    if entry.data == colour.SVHN:
        st.markdown(
            "These are house numbers. The pictures nearest to the chosen one stand beside it."
        )
        nearest.show("9", entry, seed, said)
    else:
        _montage(entry, seed, said)
        colour.say_stand_in(entry)  # below, so that the picture and its steps are on one screen
    return said


def _montage(entry: Model, seed: int, said: dict[str, str]) -> None:
    """The samples of a model on the Stage, without anything to compare."""
    painted = cache.painted(entry, SAMPLES, seed)
    if painted is None:
        return
    view = shell.linked_view("9", painted.num_steps, SAMPLES) or View(painted.num_steps, 0)
    data = pack(painted, view=view, link={"figure": "9"} | said)
    stage(data, key="paper_stage_9")
    names.tell(names.of_samples(painted, entry.data), data, key="paper_stage_9")
