"""The address of the Train page: every choice that differs from the preset, or the open run."""

import re
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from draw_core.base.fields import Field
from draw_core.data.registry import COMPOSITES, DATASETS, DataError, describe, is_available
from draw_core.families.family import Family
from draw_core.families.registry import DEFAULT, FAMILIES
from ui.kit import state
from ui.kit.session import Slot
from ui.models import privacy
from ui.train import fields as train_fields, machine
from ui.train.fields import Shape, Value, Values

DEFAULT_DATA = "mnist"
OWN_DATA = "own"  # images that are still to be uploaded
OWNED = ("family", "preset", "data", "run", *train_fields.NAMES)
COMPARE = "compare"
FAMILY = Slot("train_family", DEFAULT)
PRESET, DATA = Slot("train_preset", ""), Slot("train_data", "")
RUN = Slot("train_run", "")  # the training that is shown; none where it is empty
# What of the address cannot be used, as long as no run is opened.
NOTICES: Slot[list[str]] = Slot("train_notices", [])
_MOST_COMPARED = 6
_DATA_WORDS = f"one of {', '.join(DATASETS)}, or images that you uploaded to this server"
# The choices whose widgets were never drawn.
_FIRST: Slot[frozenset[str]] = Slot("train_first", frozenset())
_RUN_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def key(name: str) -> str:
    """The session key of a choice on this page."""
    return f"train_{name}"


def is_compared(run_id: str) -> Slot[bool]:
    """Whether a run is compared with others."""
    return Slot(f"train_compare_{run_id}", False)


def compared() -> list[str]:
    """The runs that are compared."""
    start = is_compared("").key
    chosen = [str(k) for k, on in st.session_state.items() if on is True]
    return [name.removeprefix(start) for name in chosen if name.startswith(start)]


def shape_of(data: str) -> Shape:
    """Of the images of a data set; of the default one where it is gone."""
    try:
        return describe(data).shape
    except DataError:
        return DATASETS[DEFAULT_DATA].shape


def family() -> Family:
    """The kind of network that is chosen."""
    return FAMILIES[FAMILY.get()]


def fields() -> dict[str, Field]:
    """What can be set for a network of the chosen kind, by name."""
    return train_fields.TABLES[FAMILY.get()]


def values() -> Values:
    """What all fields are set to."""
    return {name: st.session_state[key(name)] for name in fields()}


def usual(kind: Family, preset: str, shape: Shape) -> Values:
    """What all fields are set to by a preset on this machine."""
    return train_fields.defaults(kind, preset, shape, machine.this().precision)


def changes() -> Values:
    """The fields that are not as the chosen preset has them."""
    start = usual(family(), PRESET.get(), shape_of(DATA.get()))
    return train_fields.differences(values(), start)


def take() -> list[str]:
    """Puts what the address says into the session; a sentence for each thing it says wrongly.

    Call it when the page is opened. An address that makes a choice leaves everything it does not
    mention to the preset; one that makes none leaves all as it was.
    """
    asked_for = st.query_params.get_all("family")
    kind = FAMILIES[asked_for[-1] if asked_for and asked_for[-1] in FAMILIES else DEFAULT]
    first = next(iter(kind.presets))
    found, notices = state.read_address(
        [
            state.one_of("family", DEFAULT, FAMILIES),
            state.one_of("preset", first, kind.presets),
            state.text("data", default_data(), _parse_data, _DATA_WORDS),
            state.text("run", "", _parse_run, "the name of a training"),
        ]
    )
    texts = st.query_params.get_all(COMPARE)
    for run_id in ",".join(texts).split(",")[:_MOST_COMPARED]:
        if _parse_run(run_id):
            is_compared(run_id).put(True)
    asked = any(st.query_params.get_all(name) for name in OWNED if name != "run")
    if asked or not PRESET.is_kept:
        if not PRESET.is_kept:
            _FIRST.put(frozenset({FAMILY.key, PRESET.key, DATA.key}))
        preset = str(found.get("preset", first))
        data = str(found.get("data", default_data()))
        start = usual(kind, preset, shape_of(data))
        table = train_fields.TABLES[kind.name].values()
        given, more = state.read_address([_setting(f, start[f.name]) for f in table])
        notices += more
        put({"family": kind.name, "preset": preset, "data": data, **start, **given})
    if "run" in found:
        RUN.put(str(found["run"]))
    elif asked:
        RUN.pop()
    return notices


def default_data() -> str:
    """MNIST where it is, else what needs no network."""
    return DEFAULT_DATA if is_available(DEFAULT_DATA) else "strokes"


def put(choices: Values) -> None:
    """Sets choices of the page by their names in the address."""
    for name, value in choices.items():
        st.session_state[key(name)] = value


def position(choice: Slot[str], options: list[str]) -> int:
    """Where the choice stands that its radio button begins with.

    A radio button that is set through the session alone begins with its first option in a browser
    that is so slow to draw it that the page has run once more, and sends that as a choice.
    """
    chosen, first = choice.get(), _FIRST.get()
    if choice.key in first:  # Streamlit takes a value from the session or the widget, not from both
        _FIRST.put(first - {choice.key})
        choice.pop()
    return options.index(chosen)


def parameters() -> dict[str, str]:
    """What the address shall say of the choices made on the page."""
    return {
        **({} if FAMILY.get() == DEFAULT else {"family": FAMILY.get()}),
        "preset": PRESET.get(),
        "data": DATA.get(),
        **{n: _text(v) for n, v in changes().items()},
    }


def link(said: dict[str, str]) -> str:
    """The whole address that says this, to be copied."""
    base = (st.context.url or "").split("?")[0].split("#")[0]
    return f"{base}?{urlencode(said)}"


def _setting(field: Field, default: Value) -> state.Setting[Any]:
    if field.kind == "switch":
        return state.yes_or_no(field.name, bool(default))
    if field.options is not None:
        return state.one_of(field.name, str(default), field.options)
    if field.kind == "whole":
        return state.whole_number(field.name, int(default), int(field.low), int(field.high))
    return state.decimal(field.name, float(default), field.low, field.high)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int | str) else f"{value:.9g}"


def _parse_data(text: str) -> str | None:
    if text in DATASETS or text == OWN_DATA:
        return text
    try:
        name = describe(text).name
    except DataError:
        return None
    if not privacy.may_see(name):
        return None
    # The form has composites of whatever digits there are.
    kind = name.partition(":")[0]
    return kind if kind in COMPOSITES else name


def _parse_run(text: str) -> str | None:
    return text if _RUN_ID.fullmatch(text) else None
