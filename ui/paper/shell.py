"""What the address says of a figure of the page Paper, and the colour of its text."""

from collections.abc import Collection
from typing import Any

import streamlit as st

from ui.kit import state
from ui.kit.session import Slot
from ui.kit.view import View
from ui.lab import address as lab_address
from ui.paper.contents import BY_KEY, CONTENTS

FIGURE = state.one_of("figure", CONTENTS[0].key, list(BY_KEY), key="paper_figure")
_LINKED = Slot("paper_linked", "")  # the figure that the address is about
_TAKEN: Slot[frozenset[str]] = Slot("paper_taken", frozenset())  # whose parameters were read
NOTICES: Slot[tuple[str, ...]] = Slot("paper_notices", ())
PLACE = "paper_place_"  # where an address begins in a figure
# What figures may say in an address beside the step and sample, which their players write.
OWNED = ("model", "seed", "image", "curve")
# All that the page writes, with what players and windows write for themselves.
ADDRESS = {FIGURE.name, *OWNED, "step", "sample", "window", *lab_address.NAMES}
# The text colours of .streamlit/config.toml: Streamlit's charts have a grey that is pale in a hall.
_INK = {"light": "#18181b", "dark": "#ececee"}


def open_page() -> None:
    """Takes the figure from the address; its own parameters are its module's to take."""
    for key in [key for key in st.session_state if str(key).startswith(PLACE)]:
        del st.session_state[key]
    NOTICES.put(tuple(state.take_address((FIGURE,))))
    _LINKED.put(FIGURE.get())
    _TAKEN.put(frozenset())


def turn_to(entry_key: str) -> None:
    """The visitor chose another figure, which no address is about."""
    FIGURE.put(entry_key)
    _LINKED.put("")
    NOTICES.put(())


def is_linked(entry_key: str) -> bool:
    """Whether the address that was opened is about this figure and nothing else came since."""
    return _LINKED.get() == entry_key


def take(entry_key: str, settings: Collection[state.Setting[Any]]) -> None:
    """Puts what the address says about a figure into the session, once; else the defaults."""
    if is_linked(entry_key) and entry_key not in _TAKEN.get():
        notice(state.take_address(settings))
    _TAKEN.put(_TAKEN.get() | {entry_key})
    for setting in settings:
        if not setting.is_kept:
            setting.put(setting.default)


def notice(sentences: list[str]) -> None:
    """Says above the figure what of the address cannot be used."""
    NOTICES.put((*NOTICES.get(), *sentences))


def linked_view(entry_key: str, num_steps: int, n: int) -> View | None:
    """The step and sample that the address asks of a figure; None where it asks for none."""
    if not is_linked(entry_key):
        return None
    place: Slot[View | None] = Slot(PLACE + entry_key, None)
    if not place.is_kept:
        view, notices = state.linked_view(num_steps, n)
        place.put(view)
        notice(notices)
    return place.get()


def ink() -> str | None:
    """The colour of the text in the visitor's theme; None where the browser does not say it."""
    return _INK.get(st.context.theme.type or "")
