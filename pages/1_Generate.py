"""Generate: new samples from a trained model, and one step explained with its own numbers."""

import secrets

import streamlit as st

from draw_core.checkpoint import PREVIEW_SAMPLES, PREVIEW_SEED, CheckpointError
from draw_core.config import DrawConfig
from draw_core.rollout import Rollout
from ui import cache, explain, models, page, state
from ui.stage import View, pack, stage

STAGE = "generate_stage"


def new_samples() -> None:
    """Another seed, and with it other pictures."""
    st.session_state[state.SEED.name] = secrets.randbelow(10_000)


@st.fragment
def show(data: bytes, rollout: Rollout, config: DrawConfig, start: View) -> None:
    """The Stage and the explanation that follows it; a report of the Stage reruns only this."""
    view = stage(data, key=STAGE) or start
    sample = min(view.sample, rollout.num_samples - 1)
    step = config.num_steps if view.step is None else min(view.step, config.num_steps)
    explain.one_step(rollout, config, step, sample)


with page.setup("Generate"):
    entries = cache.checkpoints()
    usable = {entry.name: entry for entry in entries if entry.card is not None}
    default = models.choose_default(entries)
    if default is None:
        models.show_faults(entries)
        st.stop()
    model_setting = state.one_of("model", default.name, usable)
    settings = (model_setting, state.SEED, state.N, state.TEMPERATURE)
    notices = state.once_per_visit("generate_notices", STAGE, lambda: state.link_notices(settings))

    st.markdown(
        "**Every picture here is new:** the model turns random numbers into strokes. Choose a "
        "sample on the right, drag along the steps, or ask for new samples."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        names = list(usable)
        name = st.selectbox(
            "Model",
            names,
            index=names.index(default.name),
            key=model_setting.name,
            bind="query-params",
            persist_state="session",
            width=190,
        )
        n = st.slider(
            "Samples",
            1,
            state.MAX_SAMPLES,
            state.N.default,
            key=state.N.name,
            bind="query-params",
            persist_state="session",
            width=170,
        )
        temperature = st.slider(
            "Temperature",
            0.0,
            state.MAX_TEMPERATURE,
            state.TEMPERATURE.default,
            step=0.05,
            key=state.TEMPERATURE.name,
            bind="query-params",
            persist_state="session",
            width=170,
            help="How far the random numbers spread. 1 is what the model was trained for; 0 paints "
            "its most expected picture every time; above 1 it gets bold.",
        )
        seed = st.number_input(
            "Seed",
            0,
            state.MAX_SEED,
            key=state.SEED.name,
            bind="query-params",
            persist_state="session",
            width=130,
            help="Names the random numbers: the same seed always paints the same pictures.",
        )
        st.button("New samples", type="primary", icon=":material/casino:", on_click=new_samples)
    models.show_faults(entries)
    entry = usable[name]
    config = entry.card.config
    try:
        stored = seed == PREVIEW_SEED and temperature == 1.0 and n <= PREVIEW_SAMPLES
        if stored:  # no need to wait for torch
            rollout = cache.preview(entry).first(n)
        else:
            rollout = cache.samples(entry, seed, n, temperature)
    except CheckpointError as error:
        models.show_error(error)
        st.stop()
    shown = (name, seed, n, temperature)
    view, view_notices = state.once_per_visit(
        "generate_view", STAGE, lambda: state.linked_view(config.num_steps, n)
    )
    linked = state.once_per_visit("generate_linked", STAGE, lambda: shown)
    if notices or view_notices:
        st.info("  \n".join([*notices, *view_notices]), icon=":material/link_off:")
    if shown != linked:
        view = None  # the address named a place in other pictures
    show(pack(rollout, config, view=view, link=True), rollout, config, view or View(None, 0))
    cache.warm_up()
