"""The page Paper around its figures: the contents, the words, and the address."""

import importlib
from collections.abc import Mapping

import streamlit as st

from ui.kit import browser, page, state
from ui.kit.session import Slot
from ui.kit.view import View
from ui.lab import address as lab_address
from ui.paper.contents import BY_KEY, CONTENTS, Entry
from ui.paper.nav import nav

FIGURE = state.one_of("figure", CONTENTS[0].key, list(BY_KEY), key="paper_figure")
_LINKED, _TAKEN, _NOTICES = "paper_linked", "paper_taken", "paper_notices"
PLACE = "paper_place_"  # where an address begins in a figure
# What figures may say in an address beside the step and sample, which their players write.
OWNED = ("model", "seed", "image", "curve")
# All that the page writes, with what players and windows write for themselves.
ADDRESS = {FIGURE.name, *OWNED, "step", "sample", "window", *lab_address.NAMES}
# The text colours of .streamlit/config.toml: Streamlit's charts have a grey that is pale in a hall.
_INK = {"light": "#18181b", "dark": "#ececee"}


def open_page() -> None:
    """Takes the figure from the address; its own parameters are its module's to take."""
    for key in [key for key in st.session_state if str(key).startswith(PLACE)]:
        del st.session_state[key]
    st.session_state[_NOTICES] = state.take_address((FIGURE,))
    st.session_state[_LINKED], st.session_state[_TAKEN] = st.session_state[FIGURE.key], set()


def is_linked(entry_key: str) -> bool:
    """Whether the address that was opened is about this figure and nothing else came since."""
    return st.session_state.get(_LINKED) == entry_key


def take(entry_key: str, settings: tuple[state.Setting, ...]) -> None:
    """Puts what the address says about a figure into the session, once; else the defaults."""
    if is_linked(entry_key) and entry_key not in st.session_state[_TAKEN]:
        notice(state.take_address(settings))
    st.session_state.setdefault(_TAKEN, set()).add(entry_key)
    for setting in settings:
        st.session_state.setdefault(setting.key, setting.default)


def notice(sentences: list[str]) -> None:
    """Says above the figure what of the address cannot be used."""
    st.session_state[_NOTICES] += sentences


def linked_view(entry_key: str, num_steps: int, n: int) -> View | None:
    """The step and sample that the address asks of a figure; None where it asks for none."""
    if not is_linked(entry_key):
        return None
    place: Slot[View | None] = Slot(PLACE + entry_key, None)
    if not place.is_kept:
        view, notices = state.linked_view(num_steps, n)
        place.put(view)
        notice(notices)
    return place.get()


def ink() -> str | None:
    """The colour of the text in the visitor's theme; None where the browser does not say it."""
    return _INK.get(st.context.theme.type or "")


def _chosen() -> Entry:
    return BY_KEY.get(str(st.session_state.get(FIGURE.key)), CONTENTS[0])


def _choose(key: str) -> None:
    st.session_state[FIGURE.key] = key
    st.session_state[_LINKED], st.session_state[_NOTICES] = "", []


def show() -> None:
    """The contents, the words of the chosen entry, and the entry itself."""
    entry = _chosen()
    nav(entry.key, ADDRESS, _choose)
    st.markdown(f"# {entry.name}: {entry.title}")
    above = st.empty()
    _words(entry)
    # A key of its own, so that nothing of one figure is taken for a part of the next.
    with st.container(key=f"paper_entry_{entry.key}"):
        _figure(entry.key)
    if st.session_state.get(_NOTICES):
        above.info("  \n".join(st.session_state[_NOTICES]), icon=":material/link_off:")


def _words(entry: Entry) -> None:
    with st.container(key="paper_words"):
        for column, (lead, text) in zip(
            st.columns(3, gap="medium"),
            (("In the paper", entry.paper), ("Do", entry.do), ("Notice", entry.notice)),
            strict=True,
        ):
            column.markdown(f"**{lead}.** {text}")


@st.fragment
def _figure(key: str) -> None:
    """The figure itself; what the visitor does in it reruns only this."""
    with page.boundary():
        if _chosen().key != key:
            # Turned in the moment of a report: Streamlit ran only the fragment.
            st.rerun()
        module = importlib.import_module(f"ui.paper.{BY_KEY[key].module}")
        said: Mapping[str, str] = module.show() or {}
        browser.say("paper", figure=key, **{name: said.get(name, "") for name in OWNED})
