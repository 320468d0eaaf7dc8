"""The page Generate: new samples of a model, and one step explained with its own numbers."""

from dataclasses import asdict, dataclass

import streamlit as st

from draw_core.film.film import Film
from ui.generate import explain
from ui.kit import browser, edge_dots, names, page, seeds, state
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, cache
from ui.models.catalogue import Model, Models, choose
from ui.stage.stage import let_paint, pack, stage

_MODEL = Slot("model", "")
_SEED = seeds.setting()
_N = state.whole_number("n", 16, 1, state.MAX_SAMPLES)
_TEMPERATURE = state.number("temperature", 1.0, state.MAX_TEMPERATURE, state.TEMPERATURE_STEP)


@dataclass(frozen=True)
class Asked:
    """What is painted: which model, how many samples, of which seed, and how bold."""

    model: str
    n: int
    seed: int
    temperature: float

    @classmethod
    def now(cls) -> "Asked":
        """As the controls stand."""
        return cls(_MODEL.get(), _N.get(), _SEED.get(), _TEMPERATURE.get())

    @property
    def link(self) -> dict[str, str]:
        """What the address shall say."""
        return {
            name: f"{v:g}" if isinstance(v, float) else str(v) for name, v in asdict(self).items()
        }


_LINKED: Slot[Asked | None] = Slot("generate_linked", None)  # what the address asked for
_VIEW: Slot[View | None] = Slot("generate_view", None)  # where in it
_NOTICES: Slot[list[str]] = Slot("generate_notices", [])


def open_page(usable: Models) -> None:
    """Reads the address; call it when the page is opened."""
    model = state.one_of("model", next(iter(usable)), usable)
    notices = state.take_address((model, _SEED, _N, _TEMPERATURE))
    asked = Asked.now()
    view, more = state.linked_view(usable[asked.model].config.film_steps, asked.n)
    _LINKED.put(asked)
    _VIEW.put(view)
    _NOTICES.put(notices + more)


def controls(usable: Models) -> Model:
    """The row of all that can be chosen, with a line on the model."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        entry = choose(usable, _MODEL, 260)
        st.slider("Samples", 1, state.MAX_SAMPLES, key=_N.key, width=170, persist_state="session")
        st.slider(
            "Temperature",
            0.0,
            state.MAX_TEMPERATURE,
            step=state.TEMPERATURE_STEP,
            key=_TEMPERATURE.key,
            width=170,
            help="How far the random numbers spread. 1 is what the model was trained for; 0 paints "
            "its most expected picture every time; above 1 it gets bold.",
            persist_state="session",
        )
        seeds.field(_SEED)
        st.button(
            "New samples",
            type="primary",
            icon=":material/casino:",
            on_click=seeds.draw,
            args=(_SEED,),
        )
        in_short = about.in_short(entry.card, entry.images)
        st.caption(f"**{plain(entry.title)}**: {in_short}", width=340)
    return entry


def show(entry: Model) -> None:
    """The samples that are asked for, and the step of one of them."""
    asked = Asked.now()
    film = cache.painted(entry, asked.n, asked.seed, asked.temperature)
    if film is None:
        st.stop()
    state.show_notices(_NOTICES.get())
    # The address names a place in the pictures that it opened, not in those that came after.
    view = _VIEW.get() if asked == _LINKED.get() else None
    data = pack(film, view=view, link=asked.link)
    _play(data, film, entry, asked, view or View(None, 0))
    browser.say("generate")  # learns who the visitor is where a model may be theirs


@st.fragment
def _play(data: bytes, film: Film, entry: Model, asked: Asked, view: View) -> None:
    """The Stage and the explanation that follows it; a report of the Stage reruns only this."""
    with page.boundary():
        view = stage(data, key="generate_stage") or view
        if Asked.now() != asked:
            # A setting changed in the moment of a report: Streamlit ran only the fragment.
            st.rerun()
        let_paint(data)
        names.tell(names.of_samples(film, entry.data), data, key="generate_stage")
        if dots := edge_dots.words(entry.title, film):
            st.caption(plain(dots, 600))
        sample = min(view.sample, film.num_samples - 1)
        step = None if view.step is None else min(view.step, film.num_steps)
        explain.show(film, entry.config, asked.temperature, step, sample)
