"""What an address may say about a page, and the session keys that it sets.

Python reads an address once, when a page is opened; from then on the Stage keeps it up to date
(``link`` in :func:`ui.stage.stage.pack`). Written from Python, every change would be a step in the
browser's history.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui.kit.session import Slot, T
from ui.kit.text import plain
from ui.kit.view import View

MAX_SAMPLES = 64
MAX_TEMPERATURE, TEMPERATURE_STEP = 2.0, 0.05

Value = int | float | str | bool


@dataclass(frozen=True)
class Setting(Slot[T]):
    """One parameter of an address, and the place in the session where its value is kept.

    The default is its value where the address says nothing.

    Attributes:
        name: in the address.
        parse: from text to value, or None if the text cannot be used.
        words: what it may be.
    """

    name: str
    parse: Callable[[str], T | None]
    words: str


def whole_number(name: str, default: int, low: int, high: int, key: str = "") -> Setting[int]:
    """A whole number from ``low`` to ``high``, in plain digits."""

    def parse(text: str) -> int | None:
        return int(text) if re.fullmatch("[0-9]{1,10}", text) and low <= int(text) <= high else None

    return Setting(key or name, default, name, parse, f"a whole number from {low} to {high}")


def number(name: str, default: float, high: float, step: float) -> Setting[float]:
    """A number from 0 to ``high`` in equal steps."""

    def parse(text: str) -> float | None:
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", text):
            return None
        nearest = round(round(float(text) / step) * step, 6)
        return nearest if abs(nearest - float(text)) < 1e-9 and nearest <= high else None

    return Setting(name, default, name, parse, f"a number from 0 to {high:g} in steps of {step:g}")


def decimal(name: str, default: float, low: float, high: float) -> Setting[float]:
    """Any number from ``low`` to ``high``, also as 3e-4."""
    sign = "-?" if low < 0 else ""

    def parse(text: str) -> float | None:
        if not re.fullmatch(sign + r"[0-9]{1,9}(\.[0-9]{1,9})?(e-?[0-9]{1,2})?", text):
            return None
        return float(text) if low <= float(text) <= high else None

    return Setting(name, default, name, parse, f"a number from {low:g} to {high:g}")


def yes_or_no(name: str, default: bool) -> Setting[bool]:
    """On or off."""
    return Setting(name, default, name, {"yes": True, "no": False}.get, "yes or no")


def one_of(name: str, default: str, options: Collection[str], key: str = "") -> Setting[str]:
    """One of a few words."""
    words = f"one of {', '.join(options)}"
    return text(name, default, lambda given: given if given in options else None, words, key)


def text(
    name: str, default: str, parse: Callable[[str], str | None], words: str, key: str = ""
) -> Setting[str]:
    """Any text that ``parse`` lets pass; ``words`` say which."""
    return Setting(key or name, default, name, parse, words)


def take_address(settings: Collection[Setting[Any]]) -> list[str]:
    """Puts what the address says into the session; returns a sentence for what it cannot use.

    Call it when a page is opened, before the widgets of these keys. What the address does not say
    stays as the visitor left it, or takes its default.
    """
    values, notices = read_address(settings)
    for setting in settings:
        if setting.name in values or not setting.is_kept:
            setting.put(values.get(setting.name, setting.default))
    return notices


def linked_view(num_steps: int, n: int) -> tuple[View | None, list[str]]:
    """The step and sample that the address asks for, and what of it cannot be used.

    Samples are counted from 1 in the address and on the page, from 0 in the code.
    """
    settings = (whole_number("step", 0, 0, num_steps), whole_number("sample", 1, 1, n))
    values, notices = read_address(settings)
    if not values:
        return None, notices
    step, sample = values.get("step"), values.get("sample", 1)
    return View(None if step is None else int(step), int(sample) - 1), notices


def read_address(settings: Collection[Setting[Any]]) -> tuple[dict[str, Value], list[str]]:
    """The values that the address gives, by name, and a sentence for each that it gives wrongly."""
    values: dict[str, Value] = {}
    notices = []
    for setting in settings:
        texts = st.query_params.get_all(setting.name)
        parsed = setting.parse(texts[0]) if len(texts) == 1 else None
        if parsed is not None:
            values[setting.name] = parsed
        elif texts:
            notices.append(
                f"The address asks for {setting.name} = “{plain(', '.join(texts), 30)}”, which is "
                f"ignored: {setting.name} is {plain(setting.words)}."
            )
    return values, notices


def show_notices(notices: Collection[str]) -> None:
    """What of the address could not be used, if there is anything."""
    if notices:
        st.info("  \n".join(notices), icon=":material/link_off:")
