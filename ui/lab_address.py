"""What an address says about the window of the attention lab."""

import re

from ui import state
from ui.lab import LIMITS, MAX_N, MIN_N, Window

DEFAULT_N = 12


def signed(name: str, low: float, high: float) -> state.Setting:
    """A number that may be negative, as 13.5, -4 or 1e-3."""

    def parse(text: str) -> float | None:
        if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?(e-?[0-9]{1,2})?", text):
            return None
        return float(text) if low <= float(text) <= high else None

    return state.Setting(name, 0.0, parse, f"a number from {low:g} to {high:g}")


_N = state.whole_number("n", DEFAULT_N, MIN_N, MAX_N)
# By their names in the address.
_NAMES = {"gx": "g_x", "gy": "g_y", "delta": "delta", "sigma": "sigma", "gamma": "gamma"}
_STRENGTH = state.one_of("strength", "exact", ("full", "exact"))
SETTINGS = (_N, _STRENGTH, *(signed(short, *LIMITS[name]) for short, name in _NAMES.items()))


def read(height: int, width: int) -> tuple[Window | None, int, bool, list[str]]:
    """What the address asks for, and a sentence for what it asks for wrongly.

    What it leaves open is as where the lab begins on a picture of this size.

    Returns:
        The window, or None where the address says nothing about it; N; whether what is written
        back is made up for the stride; the sentences.
    """
    values, notices = state.read_address(SETTINGS)
    full = values.pop("strength", "exact") == "full"
    n = int(values.pop("n", DEFAULT_N))
    if not values and n == DEFAULT_N:
        return None, n, full, notices
    first = Window.first(height, width)
    given = {name: getattr(first, name) for name in _NAMES.values()}
    given |= {_NAMES[short]: float(value) for short, value in values.items()}
    return Window(**given), n, full, notices
