"""Before a training: presets, data, every setting, and what speaks against them."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from draw_core.base.fields import LEARNING, LENGTH, MACHINE, NETWORK, WINDOWS, Field
from draw_core.base.settings import TrainConfig
from draw_core.data.registry import DataError, describe
from draw_core.families.family import NetworkConfig, Preset
from draw_core.families.registry import FAMILIES
from draw_core.runs.estimate import seconds_needed, spoken
from ui.kit import browser, page
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import runs
from ui.train import (
    actions as train_actions,
    address,
    advice as train_advice,
    data as train_data,
    fields as train_fields,
    machine,
)

# The shape of the images that the fields were set for.
_SHAPED_FOR: Slot[train_fields.Shape | None] = Slot("train_shaped_for", None)


@st.fragment
def show() -> None:
    """The whole form; a fragment, so that a change of a setting reruns nothing else."""
    with page.boundary():
        st.radio(
            "Which kind of network?",
            list(FAMILIES),
            index=address.position(address.FAMILY, list(FAMILIES)),
            key=address.FAMILY.key,
            format_func=lambda name: f"**{FAMILIES[name].title}**",
            captions=[family.about for family in FAMILIES.values()],
            horizontal=True,
            on_change=_take_family,
            width="stretch",
            persist_state="session",
        )
        presets = address.family().presets
        st.radio(
            "How long may it take?",
            list(presets),
            index=address.position(address.PRESET, list(presets)),
            key=address.PRESET.key,
            format_func=lambda name: f"**{presets[name].title}**",
            captions=[_about(preset) for preset in presets.values()],
            help=address.family().symbols,
            horizontal=True,
            on_change=_take_preset,
            width="stretch",
            persist_state="session",
        )
        ready = train_data.choose(_take_data)
        model, training, fault = _build()
        # In a box of their own: what comes and goes there must not move what stands below.
        bar, advice = st.container(key="train_start"), st.container(key="train_advice")
        with bar:
            _start(model, training, fault, ready, advice)
        with st.expander("All settings, each with its symbol and meaning", icon=":material/tune:"):
            _settings(model)
        said = address.parameters()
        with st.popover("Link to these choices", icon=":material/link:", type="tertiary"):
            st.markdown("This address opens the page with the same choices.")
            st.code(address.link(said), language=None, wrap_lines=True)
        browser.show(address.OWNED, said)


def _about(preset: Preset) -> str:
    model = preset.model_for(*address.shape_of(address.DATA.get()))
    numbers = ", ".join(f"*{symbol}* = {value}" for symbol, value in model.summary)
    count = sum(model.count_parameters().values())
    return f"{preset.about}  \n{numbers}, {_round(count)} parameters"


def _round(count: int) -> str:
    return f"{count / 1e6:.2g} million" if count >= 950_000 else f"{float(f'{count:.2g}'):,.0f}"


def _take_family() -> None:
    """The kind of network was chosen: its quickest preset sets every field."""
    address.PRESET.put(next(iter(address.family().presets)))
    _take_preset()


def _take_preset() -> None:
    """The preset was chosen: it sets every field."""
    shape = address.shape_of(address.DATA.get())
    address.put(address.usual(address.family(), address.PRESET.get(), shape))
    _SHAPED_FOR.put(shape)


def _take_data() -> None:
    """Other data was chosen: fields that stood as the preset has them follow its images."""
    family, preset = address.family(), address.PRESET.get()
    shape = address.shape_of(address.DATA.get())
    before = _SHAPED_FOR.get() or shape
    old, new = (address.usual(family, preset, s) for s in (before, shape))
    now = address.values()
    address.put({name: value for name, value in new.items() if now[name] == old[name]})
    _SHAPED_FOR.put(shape)


def _build() -> tuple[NetworkConfig | None, TrainConfig | None, str]:
    shape = address.shape_of(address.DATA.get())
    _SHAPED_FOR.put(shape)
    try:
        model, training = train_fields.build(address.family(), address.values(), shape)
        return model.answering(_classes(address.DATA.get())), training, ""
    except ValueError as error:
        return None, None, train_fields.in_words(address.family(), str(error))


def _classes(data: str) -> int:
    """How many kinds the images of a data set are of; ten where it is not there yet."""
    try:
        return len(describe(data).classes)
    except DataError:
        return 10


def _start(
    model: NetworkConfig | None,
    training: TrainConfig | None,
    fault: str,
    ready: bool,
    advice: DeltaGenerator,
) -> None:
    """The button, what it will do, and what speaks against it."""
    go, words = st.columns([1, 3], vertical_alignment="center")
    pressed = go.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="train_go",
        width="stretch",
        disabled=not ready or bool(fault),
    )
    if fault or model is None or training is None:
        words.error(f"This cannot work: {plain(fault)}", icon=":material/block:")
        return
    facts = train_data.facts(address.DATA.get())
    needed = seconds_needed(model, training, runs.measured(model))
    words.markdown(_promise(model, training, needed, ready))
    threads = int(address.values()["threads"])
    for text in train_advice.warnings(model, training, facts, needed, threads):
        advice.warning(text, icon=":material/lightbulb:")
    if pressed:
        preset = address.PRESET.get()
        data = address.DATA.get()
        if train_actions.start(preset, data, model, training, threads):
            st.rerun()
    train_actions.show_fault()


def _promise(model: NetworkConfig, training: TrainConfig, needed: float | None, ready: bool) -> str:
    count = sum(model.count_parameters().values())
    if training.seconds is not None:
        time = f"Training stops after {spoken(training.seconds)}"
    else:
        time = f"Training stops after {training.steps:,} updates"
    if needed is None:
        time += "; its first seconds tell how long that takes here"
    elif training.seconds is None:
        time += f", which takes about {spoken(needed)} here, judging by an earlier training"
    preset = address.family().presets[address.PRESET.get()].title
    changed = plain(train_fields.describe(address.family(), address.changes()), 160)
    like = f" It is the preset {preset}, but {changed}." if changed else ""
    paints = " to paint" if "generate" in address.family().abilities else ""
    text = f"A network of **{count:,} parameters** learns{paints}.{like} {time}."
    return text if ready else f"{text} The images come first: get them above."


def _settings(model: NetworkConfig | None) -> None:
    fields = address.fields().values()
    every = [[NETWORK], [WINDOWS], [LEARNING], [LENGTH, MACHINE]]
    groups = [group for group in every if any(field.group in group for field in fields)]
    for column, names in zip(st.columns(len(groups), gap="medium"), groups, strict=True):
        with column:
            for name in names:
                st.markdown(f"**{name}**")
                for field in fields:
                    if field.group == name:
                        _widget(field)
    if model is not None:
        counts, named = model.count_parameters(), address.family().parts
        parts = ", ".join(f"{named[name]} {n:,}" for name, n in counts.items() if n)
        st.markdown(f"**{sum(counts.values()):,} parameters**: {parts}.")


def _widget(field: Field) -> None:
    """One setting with its symbol, and its meaning below it."""
    name, key = field.name, address.key(field.name)
    label = f"{field.symbol} · {field.label}" if field.symbol else field.label
    disabled = _unused(field)
    if field.kind == "switch":
        st.toggle(label, key=key, disabled=disabled, persist_state="session")
    elif field.options is not None:
        describe: Callable[[str], str] = field.options.__getitem__
        st.selectbox(
            label, list(field.options), key=key, format_func=describe, persist_state="session"
        )
    elif field.kind == "whole":
        whole = (int(field.low), int(field.high))
        st.number_input(
            label, *whole, key=key, step=int(field.step), disabled=disabled, persist_state="session"
        )
    else:
        limits = (float(field.low), float(field.high))
        step = float(field.step)
        st.number_input(label, *limits, key=key, step=step, format="%g", persist_state="session")
    without = name == "compiled" and disabled
    st.caption(
        "This needs a C++ compiler, which this server does not have." if without else field.meaning
    )


def _unused(field: Field) -> bool:
    if field.needs:
        return not st.session_state[address.key(field.needs)]
    compiled = address.key("compiled")
    return (
        field.name == "compiled" and not machine.this().compiler and not st.session_state[compiled]
    )
