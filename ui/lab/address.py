"""What an address says about the window of the attention lab."""

from dataclasses import dataclass
from typing import Any

from ui.kit import state
from ui.lab.lab import LIMITS, MAX_N, MIN_N, Window

DEFAULT_N = 12


_N = state.whole_number("n", DEFAULT_N, MIN_N, MAX_N)
# By their names in the address.
_NAMES = {"gx": "g_x", "gy": "g_y", "delta": "delta", "sigma": "sigma", "gamma": "gamma"}
_STRENGTH = state.one_of("strength", "exact", ("full", "exact"))


def _pen(text: str) -> Window | None:
    parts = text.split(",")
    if len(parts) != len(LIMITS):
        return None
    settings = [state.decimal(name, 0.0, low, high) for name, (low, high) in LIMITS.items()]
    values = [one.parse(part) for one, part in zip(settings, parts, strict=True)]
    found = [value for value in values if value is not None]
    return Window(*found) if len(found) == len(parts) else None


_PEN_WORDS = "five numbers: gx, gy, delta, sigma, gamma"
_PEN = state.text("pen", "", lambda given: given if _pen(given) else None, _PEN_WORDS)
SETTINGS: tuple[state.Setting[Any], ...] = (
    _N,
    _STRENGTH,
    _PEN,
    *(state.decimal(short, 0.0, *LIMITS[name]) for short, name in _NAMES.items()),
)
NAMES = tuple(setting.name for setting in SETTINGS)


@dataclass(frozen=True)
class Start:
    """Where the lab begins.

    Attributes:
        window: that reads; None where nothing is said about it.
        n: points per side.
        pen: the window that writes, if it is another one.
        full: whether what is written back is made up for the stride.
    """

    window: Window | None
    n: int = DEFAULT_N
    pen: Window | None = None
    full: bool = False


def read(height: int, width: int) -> tuple[Start, list[str]]:
    """What the address asks for, and a sentence for what it asks for wrongly.

    What it leaves open is as where the lab begins on a picture of this size.
    """
    values, notices = state.read_address(SETTINGS)
    full = values.pop("strength", "exact") == "full"
    pen = _pen(str(values.pop("pen", "")))
    n = int(values.pop("n", DEFAULT_N))
    if not values and pen is None and n == DEFAULT_N:
        return Start(None), notices
    first = Window.first(height, width)
    given = {name: getattr(first, name) for name in _NAMES.values()}
    given |= {_NAMES[short]: float(value) for short, value in values.items()}
    return Start(Window(**given), n, pen, full), notices
