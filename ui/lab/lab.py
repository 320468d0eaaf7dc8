"""The attention lab: one browser component with a window that can be taken in the hand.

Python sends the picture once, as safetensors bytes; dragging, pointing and the lessons happen in
the browser. When the hand lets go the component puts the window into the address.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ui.kit import wire
from ui.kit.picture import Picture
from ui.kit.session import reported
from ui.kit.source import component

if TYPE_CHECKING:
    from jaxtyping import Float32

MAX_SIDE = 100
MIN_N, MAX_N = 2, 24
DigitOffer = Literal["first", "offered"]
# The limits of a window's numbers, as in presets.js; lengths in pixels.
LIMITS = {
    "g_x": (-1000.0, 1000.0),
    "g_y": (-1000.0, 1000.0),
    "delta": (1e-3, 1e3),
    "sigma": (1e-4, 1e4),
    "gamma": (1e-3, 1e3),
}
_BROWSER = {"g_x": "gX", "g_y": "gY", "delta": "delta", "sigma": "sigma", "gamma": "gamma"}

_component = component("draw_lab", "lab/lab")


@dataclass(frozen=True)
class Window:
    """A window in 0-based pixels.

    Attributes:
        g_x, g_y: centre of the grid; may lie outside the picture.
        delta: stride, pixels between neighbouring points.
        sigma: spread of each filter, in pixels: the root of the model's ``sigma2``.
        gamma: intensity, multiplies what is read and divides what is written.

    Raises:
        ValueError: if a number is not finite or outside :data:`LIMITS`.
    """

    g_x: float
    g_y: float
    delta: float
    sigma: float
    gamma: float = 1.0

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name} is {value}; it must be from {low:g} to {high:g}.")

    @classmethod
    def nearest(cls, g_x: float, g_y: float, delta: float, sigma: float, gamma: float) -> "Window":
        """The window with each number brought within its limits.

        Raises:
            ValueError: if a number is not a number.
        """
        given = {"g_x": g_x, "g_y": g_y, "delta": delta, "sigma": sigma, "gamma": gamma}
        return cls(
            **{name: min(max(v, LIMITS[name][0]), LIMITS[name][1]) for name, v in given.items()}
        )

    @classmethod
    def first(cls, height: int, width: int) -> "Window":
        """Where the lab begins on a picture of this size, as in presets.js."""
        delta = max(1.0, max(height, width) / 25)
        return cls((width - 1) / 2, (height - 1) / 2, delta, delta / 2)


@dataclass(frozen=True)
class Askable:
    """A model that can be asked.

    Attributes:
        name: by which it is asked.
        label: as the visitor reads it.
        shape: (C, H, W) of the pictures it knows.
    """

    name: str
    label: str
    shape: tuple[int, int, int]


@dataclass(frozen=True)
class Asked:
    """Where a model's windows stood while it reconstructed the picture.

    Attributes:
        model: the name of its :class:`Askable`.
        read_size: N of the window that reads.
        read_params: ``[T, 5]``: g_x, g_y, delta, sigma2, gamma.
        write_size, write_params: the same of the window that writes; None without one.
    """

    model: str
    read_size: int
    read_params: "Float32[np.ndarray, 'T 5']"
    write_size: int | None = None
    write_params: "Float32[np.ndarray, 'T 5'] | None" = None


@dataclass(frozen=True)
class Question:
    """What the visitor asks: where a model's windows stand on a picture.

    Attributes:
        model: its name; None leaves the choice to the page, together with ``digit``.
        scale: whether the picture is to be scaled to what the model knows.
        digit: whether a digit that the model knows is to take the picture's place.
        back: whether the picture that a digit took the place of is to come back; no model is asked.
        number: of the question in the browser, from 1.
    """

    model: str | None
    scale: bool
    digit: bool = False
    back: bool = False
    number: int = 0


def pack(
    picture: Picture,
    *,
    window: Window | None = None,
    n: int = 12,
    pen: Window | None = None,
    full: bool = False,
    asked: Asked | None = None,
    link: Mapping[str, str | None] | None = None,
    choices: Sequence[Askable] = (),
    refusal: str = "",
    digit: DigitOffer | None = None,
    answered: int = 0,
    instead: str = "",
) -> bytes:
    """A picture as the bytes that :func:`lab` sends.

    Args:
        picture: of one or three channels and at most 100 pixels on each side.
        window: where to start; None leaves the window where it is. The same window sent again
            moves nothing.
        n: points per side of that window, 2 to 24.
        pen: the window that writes, if it is another one; it counts only with ``window``.
        full: whether, from that window on, what is written back is made up for the stride: with
            the pen's own intensity gamma / delta^2. Where there is no window it is.
        asked: what a model answered for this picture.
        link: what the address bar shall say beside the window, which it follows, and with None
            what it shall say no more; None leaves the address alone.
        choices: the models that can be asked.
        refusal: why the last question has no answer, in a sentence.
        digit: whether whoever asks a model may have a digit instead of this picture: on a button
            ("offered"), or also unasked, when the lesson is opened ("first").
        answered: the number of the last question, so that the same answer again is something new.
        instead: why the picture is a digit that took the place of another, in a sentence.

    Raises:
        ValueError: if the picture or n is of a size that the lab does not show.
    """
    pixels = picture.pixels
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or pixels.shape[0] not in (1, 3):
        raise ValueError("The lab shows pictures [C, H, W] of bytes with one or three channels.")
    if not 2 <= min(pixels.shape[1:]) <= max(pixels.shape[1:]) <= MAX_SIDE:
        raise ValueError(f"The lab shows pictures of 2 to {MAX_SIDE} pixels on each side.")
    if not MIN_N <= n <= MAX_N:
        raise ValueError(f"N is {n}; it must be from {MIN_N} to {MAX_N}.")
    image = {"image": pixels}
    tensors = dict(image)
    if asked:
        tensors["asked_read"] = asked.read_params
        if asked.write_params is not None:
            tensors["asked_write"] = asked.write_params
    sizes = ("model", "read_size", "write_size")
    told = {
        "id": wire.digest(image),  # of the picture alone, which stays while models are asked
        "words": picture.words,
        "window": for_browser(window) | {"n": n} if window else None,
        "pen": for_browser(pen) if pen else None,
        "full": full or window is None,
        "asked": asked and {name: getattr(asked, name) for name in sizes},
        "models": [asdict(choice) for choice in choices],
        "refusal": refusal,
        "digit": digit,
        "answered": answered,
        "instead": instead,
        "link": None if link is None else dict(link),
    }
    return wire.pack(tensors, told)


def for_browser(window: Window) -> dict[str, float]:
    """A window as the browser calls its numbers."""
    return {_BROWSER[name]: value for name, value in asdict(window).items()}


def lab(data: bytes, *, key: str, on_ask: Callable[[], None]) -> None:
    """Shows the lab.

    Args:
        data: from :func:`pack`; the same bytes leave the lab as it is.
        key: of the component; its state is ``st.session_state[key]``.
        on_ask: is called when the visitor asks a model; :func:`question` tells what.
    """
    _component(key=key, data=data, on_ask_change=on_ask)


def question(key: str) -> Question | None:
    """What the visitor last asked in the lab of this key, or None."""
    asked = reported(key, "ask")
    if not isinstance(asked, dict):
        return None
    model, number = asked.get("model"), asked.get("number")
    digit, back = asked.get("digit") is True, asked.get("back") is True
    if not (isinstance(model, str) or (model is None and (digit or back))):
        return None
    number = number if isinstance(number, int) else 0
    return Question(model, asked.get("scale") is True, digit, back, number)
