"""Session keys, their defaults, and their values in the address bar.

Widgets bind themselves to the address (``bind="query-params"``); the Stage writes ``sample`` and
``step``. What arrives in an address is checked here, before any widget sees it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from ui.stage import View

T = TypeVar("T")

MAX_SEED = 2**31 - 1
MAX_SAMPLES = 64
MAX_TEMPERATURE = 2.0


@dataclass(frozen=True)
class Setting:
    """One parameter of an address: its default and what it may be, in code and in words."""

    name: str
    default: int | float | str
    accepts: Callable[[str], bool]
    words: str


def whole_number(name: str, default: int, low: int, high: int) -> Setting:
    """A whole number from ``low`` to ``high``."""

    def accepts(text: str) -> bool:
        return text.isascii() and text.isdigit() and len(text) < 12 and low <= int(text) <= high

    return Setting(name, default, accepts, f"a whole number from {low} to {high}")


def number(name: str, default: float, low: float, high: float) -> Setting:
    """A number from ``low`` to ``high``."""

    def accepts(text: str) -> bool:
        try:
            return low <= float(text) <= high
        except ValueError:
            return False

    return Setting(name, default, accepts, f"a number from {low:g} to {high:g}")


def one_of(name: str, default: str, options: Collection[str]) -> Setting:
    """One of a few words."""
    return Setting(name, default, lambda text: text in options, f"one of {', '.join(options)}")


SEED = whole_number("seed", 0, 0, MAX_SEED)
N = whole_number("n", 16, 1, MAX_SAMPLES)
TEMPERATURE = number("temperature", 1.0, 0.0, MAX_TEMPERATURE)


def once_per_visit(name: str, component_key: str, compute: Callable[[], T]) -> T:
    """Computes a value when a page is opened and keeps it until the visitor leaves the page.

    A component's own key is dropped from the session with its page, which tells visits apart.
    """
    if name not in st.session_state or component_key not in st.session_state:
        st.session_state[name] = compute()
    return st.session_state[name]


def link_notices(settings: Collection[Setting]) -> list[str]:
    """One sentence for each parameter in the address that cannot be used."""
    notices = []
    for setting in settings:
        text = st.query_params.get(setting.name)
        if text is not None and not setting.accepts(text):
            shown = text if len(text) <= 20 else text[:20] + "…"
            notices.append(
                f"The address asks for {setting.name} = “{shown}”, which is ignored: "
                f"{setting.name} is {setting.words}."
            )
    return notices


def linked_view(num_steps: int, n: int) -> tuple[View | None, list[str]]:
    """The step and sample that the address asks for, and what of it cannot be used.

    Samples are counted from 1 in the address and on the page, from 0 in the code.
    """
    step = whole_number("step", 0, 0, num_steps)
    sample = whole_number("sample", 1, 1, n)
    notices = link_notices([step, sample])
    texts = {s: st.query_params.get(s.name) for s in (step, sample)}
    valid = {s.name: int(t) for s, t in texts.items() if t is not None and s.accepts(t)}
    if not valid:
        return None, notices
    return View(valid.get("step"), valid.get("sample", 1) - 1), notices
