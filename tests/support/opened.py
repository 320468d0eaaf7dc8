"""What a page shows when an address is opened, without a browser, as records.

Only this module knows how pictures travel to the browser: :func:`decoded` undoes it.
"""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.film.codecs import codec
from tests.support import process
from tests.support.records import of_array, of_number
from tests.support.tables import tables
from ui.generate.page import SERVED

# What a component shows, and in which state it opens.
PICTURES = ("canvases", "x", "original", "base", "image", "images", "samples", "neighbours")
NUMBERS = ("write_params", "read_params", "params", "kl", "belief", "asked_read", "asked_write")
STATE = ("step", "sample", "pace", "window", "n", "pen", "full", "chosen", "mode", "nll")
STATE += ("latent_loss", "binary", "refusal")
# Widgets that hold what was chosen.
CONTROLS = ("number_input", "slider", "selectbox", "radio", "toggle", "checkbox", "button_group")
# What the Train page sets as the machine is.
OF_THE_MACHINE = ("threads", "precision")


def opened(address: str) -> dict[str, Any]:
    """Opens an address such as ``"Generate?seed=3"`` as a new visitor and says what is there.

    Returns:
        ``heading``: of the page; ``notices``: how many sentences it has about what cannot be had;
        ``address``: what it makes the address bar say; ``controls``: what is chosen, by label;
        ``shown``: pictures, numbers and state of each component, in the page's order; ``charts``
        and ``cells``: what its charts draw and the numbers in its tables.
    """
    path, _, query = address.partition("?")
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    for name, value in parse_qsl(query, keep_blank_values=True):
        app.query_params[name] = value
    if path != "Watch":
        (file,) = (process.ROOT / "pages").glob(f"[0-9]_{path}.py")
        app.switch_page(f"pages/{file.name}")
    app.run()
    assert not app.exception, address
    said: dict[str, str] = {}
    shown = []
    for component in (element.proto for element in app.get("bidi_component")):
        if component.component_name == "draw_browser":
            (text,) = json.loads(component.json)
            said |= json.loads(text)["parameters"]
        elif component.bytes:
            meta, arrays = decoded(component.bytes)
            said |= meta.get("link") or {}
            state = {name: _exact(meta[name]) for name in STATE if meta.get(name) is not None}
            shown.append(state | {name: of_array(arrays[name]) for name in sorted(arrays)})
    return {
        "heading": next((m.value for m in app.markdown if m.value.startswith("#")), ""),
        "notices": len([*app.info, *app.warning, *app.error]),
        "address": {name: str(value) for name, value in said.items()},
        "controls": _controls(app),
        "shown": shown,
        "charts": [_points(chart.proto.spec) for chart in app.get("plotly_chart")],
        "cells": [_cells(table) for table in tables(app)],
    }


def decoded(payload: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What a component was sent: its words, and its arrays by name.

    A canvas is told as its probabilities in 255 levels.
    """
    length = int.from_bytes(payload[:8], "little")
    (text,) = json.loads(payload[8 : 8 + length])["__metadata__"].values()
    words = json.loads(text)
    arrays: dict[str, NDArray[Any]] = {}
    if "series" in words:  # curves of a training: how many points they have depends on its speed
        return words, arrays
    for name, array in load(payload).items():
        kind = name.rpartition(".")[2]
        if kind == "canvases":
            segment = words["films"][name.removesuffix(kind)]["segments"][0]
            values = codec(segment["codec"]).values
            arrays[name] = np.rint(255 * values[array]).astype(np.uint8)
        elif kind in (*PICTURES, *NUMBERS):
            arrays[name] = array
    return words, arrays


def _controls(app: AppTest) -> dict[str, Any]:
    """What is chosen on a page, by the labels of its widgets."""
    widgets = [widget for kind in CONTROLS for widget in app.get(kind)]
    found = {one.label: _exact(one.value) for one in widgets if one.label not in OF_THE_MACHINE}
    return {label: found[label] for label in sorted(found)}


def _cells(table: str) -> list[list[str]]:
    """The numbers in each cell of a table, but for those of a machine: its times and threads."""
    cells = re.findall("<td[^>]*>(.*?)</td>", table, re.DOTALL)
    numbers = [re.findall("[0-9][0-9.,]*", cell) for cell in cells if " thread" not in cell]
    return [found for found in numbers if found]


def _points(spec: str) -> list[Any]:
    """The coordinates of every line of a chart, and names of points as they are."""
    found: list[Any] = []
    for trace in json.loads(spec)["data"]:
        for values in (trace.get("x"), trace.get("y")):
            if isinstance(values, dict):  # as Plotly packs an array
                array = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
                found.append(of_array(array))
            else:
                found.append(_exact(values))
    return found


def _exact(value: Any) -> Any:
    """A value whose floats have all their bits."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    return of_number(value) if isinstance(value, float) else value
