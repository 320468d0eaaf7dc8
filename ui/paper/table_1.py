"""Table 1: errors on digits in clutter."""

import streamlit as st

from draw_core.families.draw import published
from ui.paper import ours, tables
from ui.paper.choice import CLASSIFIER


def show() -> None:
    """The paper's errors and those of our classifiers."""
    if verdict := ours.glimpses_or_whole():
        st.markdown(verdict)
    tables.compare(
        published.TABLE_1,
        ours.errors(),
        "error in % (less is better)",
        f"The classifier {CLASSIFIER} is not trained yet on this server, so no number of ours is "
        "here. Figure 5 has the commands that train it.",
        ours.no_clutter(),
        " %",
    )
