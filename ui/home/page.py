"""The home page: a shipped model paints, and cards lead to the other pages."""

import streamlit as st

from draw_core.film.pen import PenMeasure, measure_pen
from ui.kit import names, page, pen_words, state
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, cache
from ui.models.catalogue import Model, best_to_watch, shipped
from ui.stage.stage import let_paint, pack, stage

SAMPLES = 16
FIRST = 2  # the sample to begin with
_LINKED: Slot[tuple[View | None, list[str]]] = Slot("home_view", (None, []))


def show() -> None:
    """The film first, and then all that it leads to."""
    st.markdown("# Watch a neural network paint")
    words = st.empty()
    found = shipped()
    first = next(iter(best_to_watch(found.models).values()), None)
    with words:
        st.markdown(_words(first, "bit by bit"))
    found.show_unusable()
    shown = None
    for entry in best_to_watch(found.models).values():
        film = cache.painted(entry, SAMPLES)
        if film is None:
            continue
        if page.unread_address():
            _LINKED.put(state.linked_view(film.num_steps, SAMPLES))
        view, notices = _LINKED.get()
        state.show_notices(notices)
        pen = measure_pen(film)
        with words:
            st.markdown(_words(entry, pen_words.paints(pen)))
        data = pack(film, view=view or View(None, FIRST), link={})
        _watch(data)
        let_paint(data)
        names.tell(names.of_samples(film, entry.data), data, key="home_stage")
        shown = entry, pen
        break
    cards = st.container(key="cards")
    for target in page.PAGES:
        with cards.container(border=True, height="stretch"):
            st.page_link(target.path, label=f"**{target.label}**", icon=target.icon)
            st.markdown(target.teaser)
    model, source = st.columns([2, 1])
    with model.container(border=True, height="stretch"):
        st.markdown("**:material/network_node: The model you see**")
        if shown is None:
            st.markdown("There is none on this server yet.")
        else:
            _model(*shown)
    with source.container(border=True, height="stretch"):
        st.markdown("**:material/article: Where it comes from**")
        st.markdown(
            "K. Gregor, I. Danihelka, A. Graves, D. Rezende and D. Wierstra, 2015: "
            "[DRAW: A Recurrent Neural Network For Image Generation]"
            "(https://arxiv.org/abs/1502.04623)."
        )
        st.markdown(
            "It describes a network that learns where to look and where to paint. The page Paper "
            "has each of its figures and tables, with our own numbers beside them."
        )
    cache.warm_up()


def _words(model: Model | None, how: str) -> str:
    """The first sentences; ``how`` ends "it paints"."""
    called = f", called {model.family.title}," if model else ""
    return (
        f"This network{called} never saw anyone write. It learned from finished "
        f"pictures alone, and still it paints {how}. Drag along the steps to go at your own pace."
    )


@st.fragment
def _watch(data: bytes) -> None:
    """The Stage; a fragment, so that its reports rerun nothing else."""
    with page.boundary():
        stage(data, key="home_stage")


def _model(shown: Model, pen: PenMeasure | None) -> None:
    st.markdown(about.describe(shown.name, shown.card))
    facts = (pen_words.measured(pen, SAMPLES), shown.card.config.own)
    st.markdown(" ".join(filter(None, facts)))
    if shown.card.test:
        st.caption(plain(shown.card.protocol(), 1000))
