"""Before a training: presets, data, every setting, and what speaks against them."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from ui.kit import browser, page
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import runs
from ui.train import (
    actions as train_actions,
    address,
    advice as train_advice,
    data as train_data,
    estimate as train_estimate,
    fields as train_fields,
    machine,
    table as train_table,
)
from ui.train.table import FIELDS, Field

_PARTS = {
    "encoder": "encoder LSTM",
    "decoder": "decoder LSTM",
    "posterior": "to the latent numbers",
    "read_window": "aiming the read window",
    "write_window": "aiming the write window",
    "write_content": "what is written",
    "initial_canvas": "first canvas",
    "initial_enc": "first encoder state",
    "initial_dec": "first decoder state",
}
_SYMBOLS = (
    "The network paints a picture in *T* steps, one stroke each. Its two recurrent networks "
    "(LSTMs) remember what was done so far in *h* units each, and *z* random numbers steer each "
    "stroke. Parameters are the numbers that it learns."
)
# The shape of the images that the fields were set for.
_SHAPED_FOR: Slot[train_fields.Shape | None] = Slot("train_shaped_for", None)


@st.fragment
def show() -> None:
    """The whole form; a fragment, so that a change of a setting reruns nothing else."""
    with page.boundary():
        data = address.DATA.get()
        st.radio(
            "How long may it take?",
            list(PRESETS),
            index=address.position(address.PRESET, list(PRESETS)),
            key=address.PRESET.key,
            format_func=lambda name: f"**{PRESETS[name].title}**",
            captions=[_about(name, data) for name in PRESETS],
            help=_SYMBOLS,
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


def _about(preset: str, data: str) -> str:
    chosen = PRESETS[preset]
    model = chosen.model_for(*address.shape_of(data))
    count = sum(model.count_parameters().values())
    return (
        f"{chosen.about}  \n*T* = {model.num_steps} steps, *h* = {model.dec_size} units, "
        f"*z* = {model.z_size}, {_round(count)} parameters"
    )


def _round(count: int) -> str:
    return (
        f"{count / 1e6:.1f}".removesuffix(".0") + " million"
        if count >= 950_000
        else f"{round(count, -4):,}"
    )


def _take_preset() -> None:
    """The preset was chosen: it sets every field."""
    data = address.DATA.get()
    preset = address.PRESET.get()
    address.put(address.usual(preset, address.shape_of(data)))
    _SHAPED_FOR.put(address.shape_of(data))


def _take_data() -> None:
    """Other data was chosen: fields that stood as the preset has them follow its images."""
    preset = address.PRESET.get()
    shape = address.shape_of(address.DATA.get())
    before = _SHAPED_FOR.get() or shape
    old, new = (address.usual(preset, s) for s in (before, shape))
    now = address.values()
    address.put({name: new[name] for name in FIELDS if now[name] == old[name]})
    _SHAPED_FOR.put(shape)


def _build() -> tuple[DrawConfig | None, TrainConfig | None, str]:
    shape = address.shape_of(address.DATA.get())
    _SHAPED_FOR.put(shape)
    try:
        return *train_fields.build(address.values(), shape), ""
    except ValueError as error:
        return None, None, train_fields.in_words(str(error))


def _start(
    model: DrawConfig | None,
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
    needed = train_estimate.seconds_needed(model, training, runs.measured(model))
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


def _promise(model: DrawConfig, training: TrainConfig, needed: float | None, ready: bool) -> str:
    count = sum(model.count_parameters().values())
    if training.seconds is not None:
        time = f"Training stops after {train_estimate.spoken(training.seconds)}"
    else:
        time = f"Training stops after {training.steps:,} updates"
    if needed is None:
        time += "; its first seconds tell how long that takes here"
    elif training.seconds is None:
        time += (
            f", which takes about {train_estimate.spoken(needed)} here, judging by an earlier "
            "training"
        )
    preset = PRESETS[address.PRESET.get()].title
    changed = plain(train_fields.describe(address.changes()), 160)
    like = f" It is the preset {preset}, but {changed}." if changed else ""
    text = f"A network of **{count:,} parameters** learns to paint.{like} {time}."
    return text if ready else f"{text} The images come first: get them above."


def _settings(model: DrawConfig | None) -> None:
    columns = st.columns(4, gap="medium")
    groups = (
        (train_table.NETWORK,),
        (train_table.WINDOWS,),
        (train_table.LEARNING,),
        (train_table.LENGTH, train_table.MACHINE),
    )
    for column, names in zip(columns, groups, strict=True):
        with column:
            for name in names:
                st.markdown(f"**{name}**")
                for field in FIELDS.values():
                    if field.group == name:
                        _widget(field)
    if model is not None:
        counts = model.count_parameters()
        parts = ", ".join(f"{_PARTS[name]} {n:,}" for name, n in counts.items() if n)
        st.markdown(f"**{sum(counts.values()):,} parameters**: {parts}.")


def _widget(field: Field) -> None:
    """One setting with its symbol, and its meaning below it."""
    name, key = field.name, address.key(field.name)
    label = f"{field.symbol} · {field.label}" if field.symbol else field.label
    disabled = _unused(name)
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


def _unused(name: str) -> bool:
    if name in ("read_size", "write_size"):
        return not address.values()[name.replace("size", "attention")]
    return name == "compiled" and not machine.this().compiler and not address.values()["compiled"]
