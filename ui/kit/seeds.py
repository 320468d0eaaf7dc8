"""The seed that names the random numbers of a page: its setting, its field, and another one."""

import secrets

import streamlit as st

from ui.kit.session import Slot
from ui.kit.state import Setting, whole_number

MAX_SEED = 2**31 - 1
_DRAWN = 10_000  # seeds short enough to be read aloud
_HELP = "Names the random numbers: the same seed always paints the same pictures."


def setting(key: str = "", default: int = 0) -> Setting[int]:
    """What an address says as ``seed``."""
    return whole_number("seed", default, 0, MAX_SEED, key)


def field(
    seed: Setting[int], text: str = _HELP, *, disabled: bool = False, width: int = 130
) -> int:
    """The widget that shows the seed and takes another; ``text`` says what a seed is."""
    return st.number_input(
        "Seed",
        0,
        MAX_SEED,
        key=seed.key,
        width=width,
        disabled=disabled,
        help=text,
        persist_state="session",
    )


def draw(seed: Slot[int]) -> None:
    """Another seed than the one that is shown, and with it other pictures."""
    drawn = secrets.randbelow(_DRAWN - 1)
    seed.put(drawn + (drawn >= seed.get()))
