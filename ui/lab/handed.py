"""What another page hands over to the lab: a picture and the windows on it."""

from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from ui.kit.picture import Picture
from ui.kit.session import Slot
from ui.lab.lab import Window

PAGE = "pages/3_Attention.py"


@dataclass(frozen=True)
class Handed:
    """Where the lab shall begin.

    Attributes:
        picture: under the window.
        n: points per side; the lab takes as many of them as it can.
        window: that reads.
        words: a sentence on whose window it is.
        pen: the window that writes, if it is another one.
    """

    picture: Picture
    n: int
    window: Window
    words: str
    pen: Window | None = None


_HANDED: Slot[Handed | None] = Slot("lab_handed", None)


def hand_over(handed: Handed) -> NoReturn:
    """Goes to the lab, which begins with this."""
    _HANDED.put(handed)
    st.switch_page(PAGE)


def take() -> Handed | None:
    """What was handed over, once."""
    return _HANDED.pop()
