"""The page Generate: new samples of a model, and one step explained with its own numbers."""

from typing import Any

import streamlit as st

from draw_core.film.film import Film
from ui.generate import explain
from ui.generate.asked import SEED, TEMPERATURE, Asked, N
from ui.generate.live_stage import Report, live, live_stage, report_of
from ui.kit import browser, edge_dots, names, page, seeds, state
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, cache
from ui.models.catalogue import Model, Models, choose, chosen
from ui.stage.stage import let_paint, pack
from ui.take import snippet

_MODEL = Slot("model", "")
SERVED = Slot("generate_served", False)  # whether the server paints, for a browser that cannot
# What the address asked for, of which model, and where in it.
_LINKED: Slot[tuple[str, Asked] | None] = Slot("generate_linked", None)
_VIEW: Slot[View | None] = Slot("generate_view", None)
_TOLD: Slot[Asked | None] = Slot("generate_told", None)  # what the browser has asked for last
_KEY = "generate_stage"
_NOTICES: Slot[list[str]] = Slot("generate_notices", [])


def open_page(usable: Models) -> None:
    """Reads the address; call it when the page is opened."""
    model = state.one_of("model", next(iter(usable)), usable)
    notices = state.take_address((model, SEED, N, TEMPERATURE))
    asked, name = Asked.now(), _MODEL.get()
    view, more = state.linked_view(usable[name].config.film_steps, asked.n)
    _LINKED.put((name, asked))
    _VIEW.put(view)
    _NOTICES.put(notices + more)


def controls(usable: Models) -> Model:
    """The model, with a line on it, and where the server paints all else that can be chosen."""
    is_live = _live(chosen(usable, _MODEL)) is not None
    with st.container(
        horizontal=True,
        vertical_alignment="center" if is_live else "bottom",
        key="controls_live" if is_live else "controls",
    ):
        entry = choose(usable, _MODEL, 320 if is_live else 260)
        if not is_live:
            _widgets()
        in_short = about.in_short(entry.card, entry.images)
        st.caption(f"**{plain(entry.title)}**: {in_short}", width="content" if is_live else 340)
    if SERVED.get():
        st.caption("This browser cannot run the network itself, so the server paints for it.")
    return entry


def _widgets() -> None:
    st.slider("Samples", 1, state.MAX_SAMPLES, key=N.key, width=170, persist_state="session")
    st.slider(
        "Temperature",
        0.0,
        state.MAX_TEMPERATURE,
        step=state.TEMPERATURE_STEP,
        key=TEMPERATURE.key,
        width=170,
        help="How far the random numbers spread. 1 is what the model was trained for; 0 paints "
        "its most expected picture every time; above 1 it gets bold.",
        persist_state="session",
    )
    seeds.field(SEED)
    st.button(
        "New samples",
        type="primary",
        icon=":material/casino:",
        on_click=seeds.draw,
        args=(SEED,),
    )


def _live(entry: Model) -> dict[str, Any] | None:
    return None if SERVED.get() else live(entry, Asked.now())


def show(entry: Model) -> None:
    """The samples that are asked for, and the step of one of them."""
    if _live(entry):  # of what is said in the same moment as a wish for another model
        _keep(report_of(_KEY))
    asked = Asked.now()
    film = cache.painted(entry, asked.n, asked.seed, asked.temperature)
    if film is None:
        st.stop()
    state.show_notices(_NOTICES.get())
    # The address names a place in the pictures that it opened, not in those that came after.
    view = _VIEW.get() if (entry.name, asked) == _LINKED.get() else None
    network = _live(entry)
    data = pack(film, view=view, link=asked.link(entry.name), live=network)
    _play(data, film, entry, asked, view or View(None, 0), network is not None)
    browser.say("generate")  # learns who the visitor is where a model may be theirs


@st.fragment
def _play(data: bytes, film: Film, entry: Model, asked: Asked, view: View, is_live: bool) -> None:
    """The Stage and the explanation that follows it; a report of the Stage reruns only this."""
    with page.boundary():
        report = live_stage(data, key=_KEY)
        if is_live and report.fails:
            SERVED.put(True)
            st.rerun()
        if is_live:
            _keep(report)
            _follow(report, data, film, entry, asked)
            return
        if Asked.now() != asked:
            # A setting changed in the moment of a report: Streamlit ran only the fragment.
            st.rerun()
        let_paint(data)
        names.tell(names.of_samples(film, entry.data), data, key=_KEY)
        _explain(film, entry, asked, report.view_of(data) or view)


def _keep(report: Report) -> None:
    """Makes what a browser asked of its own network the settings, when it says so."""
    if report.asked and report.asked != _TOLD.get():
        _TOLD.put(report.asked)
        report.asked.keep()


def _follow(report: Report, data: bytes, film: Film, entry: Model, asked: Asked) -> None:
    """For a browser that paints by itself: says what samples look like, and explains a step."""
    if not report.explains and not report.names:
        if report.asked in (None, asked):
            let_paint(data)
            names.tell(names.of_samples(film, entry.data), data, key=_KEY)
        _dots(film, entry, f"each sample of seed {asked.seed}")
        return
    now = report.asked or asked
    painted = cache.painted(entry, now.n, now.seed, now.temperature)
    if painted is None:
        return
    names.tell(names.of_samples(painted, entry.data), data, key=_KEY, name=report.id)
    if report.explains:
        _explain(painted, entry, now, report.view or View(None, 0))
    else:
        _dots(painted, entry, f"each sample of seed {now.seed}")


def _explain(film: Film, entry: Model, asked: Asked, view: View) -> None:
    _dots(film, entry)
    sample = min(view.sample, film.num_samples - 1)
    step = None if view.step is None else min(view.step, film.num_steps)
    explain.show(film, entry.config, asked.temperature, step, sample)
    code = snippet.of_samples(entry.name, asked.n, asked.seed, asked.temperature)
    snippet.show(entry, code)


def _dots(film: Film, entry: Model, where: str = "") -> None:
    if dots := edge_dots.words(entry.title, film, where):
        st.caption(plain(dots, 600))
