"""Generate: new samples from a trained model, and one step explained with its own numbers."""

import secrets
import time

import streamlit as st

from draw_core.families.draw.config import DrawConfig
from draw_core.film.film import Film
from draw_core.store.checkpoint import CheckpointError
from ui.generate import explain
from ui.kit import browser, edge_dots, names, page, state
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, cache, privacy
from ui.stage.stage import pack, stage

CHARTS_WAIT_S = 0.06


def new_samples() -> None:
    """Another seed, and with it other pictures."""
    st.session_state[state.SEED.name] = secrets.randbelow(10_000)


@st.fragment
def show(
    data: bytes,
    film: Film,
    config: DrawConfig,
    shown: dict[str, str | float],
    view: View,
    dots: str,
) -> None:
    """The Stage and the explanation that follows it; a report of the Stage reruns only this."""
    with page.boundary():
        view = stage(data, key="generate_stage") or view
        if dots:
            st.caption(plain(dots, 600))
        if any(st.session_state.get(key, value) != value for key, value in shown.items()):
            # A setting changed in the moment of a report: Streamlit ran only the fragment.
            st.rerun()
        sent = hash(data)
        if st.session_state.get("generate_sent") != sent:
            # Lets the browser paint new samples before it has to draw the charts again.
            st.session_state["generate_sent"] = sent
            time.sleep(CHARTS_WAIT_S)
        sample = min(view.sample, film.num_samples - 1)
        step = None if view.step is None else min(view.step, config.num_steps)
        explain.one_step(film, config, float(shown["temperature"]), step, sample)


with page.setup("Generate") as opened:
    st.markdown("# Every picture here is new")
    st.markdown(
        "The model turns random numbers into a picture, step by step. Choose a sample, drag along "
        "the steps, or ask for new samples."
    )
    if opened:
        st.session_state.pop("generate_linked", None)
    privacy.wait_for_visitor()
    entries = cache.checkpoints()
    usable = about.usable(entries) | about.usable(privacy.trained_models())
    usable = {entry.name: entry for entry in about.best_to_watch(usable)}
    if not usable:
        about.show_faults(entries)
        st.stop()
    model_setting = state.one_of("model", next(iter(usable)), usable)
    settings = (model_setting, state.SEED, state.N, state.TEMPERATURE)
    # Not merely when opened: there may have been no model to show then.
    unread = "generate_linked" not in st.session_state
    if unread:
        st.session_state["generate_notices"] = state.take_address(settings)
    if st.session_state[model_setting.name] not in usable:  # its folder went away meanwhile
        st.session_state[model_setting.name] = model_setting.default

    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        name = st.selectbox(
            "Model",
            list(usable),
            key=model_setting.name,
            format_func=privacy.label,
            width=260,
            persist_state="session",
        )
        n = st.slider(
            "Samples", 1, state.MAX_SAMPLES, key=state.N.name, width=170, persist_state="session"
        )
        temperature = st.slider(
            "Temperature",
            0.0,
            state.MAX_TEMPERATURE,
            step=state.TEMPERATURE_STEP,
            key=state.TEMPERATURE.name,
            width=170,
            help="How far the random numbers spread. 1 is what the model was trained for; 0 paints "
            "its most expected picture every time; above 1 it gets bold.",
            persist_state="session",
        )
        seed = st.number_input(
            "Seed",
            0,
            state.MAX_SEED,
            key=state.SEED.name,
            width=130,
            help="Names the random numbers: the same seed always paints the same pictures.",
            persist_state="session",
        )
        st.button("New samples", type="primary", icon=":material/casino:", on_click=new_samples)
        entry = usable[name]
        assert entry.card
        in_short = about.in_short(entry.card, privacy.title_of(entry))
        st.caption(f"**{plain(privacy.label(name))}**: {in_short}", width=340)
    about.show_faults(entries)
    config = entry.card.config
    shown: dict[str, str | float] = {
        "model": name,
        "n": n,
        "seed": seed,
        "temperature": temperature,
    }
    if unread:
        st.session_state["generate_view"], notices = state.linked_view(config.num_steps, n)
        st.session_state["generate_notices"] += notices
        st.session_state["generate_linked"] = shown
    try:
        film, fault = cache.film(entry, n, seed, temperature)
    except CheckpointError as error:
        about.show_fault(plain(str(error)))
        st.stop()
    if fault:
        about.show_fault(plain(fault))

    if st.session_state["generate_notices"]:
        st.info("  \n".join(st.session_state["generate_notices"]), icon=":material/link_off:")
    # The address names a place in the pictures that it opened, not in those that came after.
    same = shown == st.session_state["generate_linked"]
    view = st.session_state["generate_view"] if same else None
    link = {name: str(value) for name, value in shown.items()} | {"temperature": f"{temperature:g}"}
    looks = names.of_samples(film, entry.card.data)
    data = pack(film, view=view, link=link, looks=looks)
    dots = edge_dots.words(privacy.label(name), film)
    show(data, film, config, shown, view or View(None, 0), dots)
    browser.say("generate")  # learns who the visitor is where a model may be theirs
    cache.warm_up()
