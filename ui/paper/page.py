"""The page Paper: its contents, the words of each entry, and the entry itself."""

import importlib
from collections.abc import Mapping

import streamlit as st

from ui.kit import browser, page, state
from ui.paper import shell
from ui.paper.contents import BY_KEY, CONTENTS, Entry
from ui.paper.nav import nav


def _chosen() -> Entry:
    return BY_KEY.get(shell.FIGURE.get(), CONTENTS[0])


def show() -> None:
    """The contents, the words of the chosen entry, and the entry itself."""
    entry = _chosen()
    nav(entry.key, shell.ADDRESS, shell.turn_to)
    st.markdown(f"# {entry.name}: {entry.title}")
    above = st.empty()
    _words(entry)
    # A key of its own, so that nothing of one figure is taken for a part of the next.
    with st.container(key=f"paper_entry_{entry.key}"):
        _figure(entry.key)
    with above:
        state.show_notices(shell.NOTICES.get())


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
        browser.say("paper", figure=key, **{name: said.get(name, "") for name in shell.OWNED})
