"""The network unrolled in time beside a usual autoencoder, with one image going through it."""

import streamlit as st

from ui.source import source
from ui.stage import PLAYER_SCRIPTS

_component = st.components.v2.component(
    "draw_paper_unrolled",
    html=source("paper/unrolled.html"),
    css=source("stage.css", "paper/unrolled.css", "media.css"),
    js=source(
        *PLAYER_SCRIPTS,
        "paper/player.js",
        "loop_run.js",
        "loop_nodes.js",
        "loop_clock.js",
        "loop_stages.js",
        "loop_words.js",
        "paper/unrolled_chart.js",
        "paper/unrolled.js",
    ),
)


def unrolled(data: bytes, *, key: str) -> None:
    """Shows a reconstruction; ``data`` is from :func:`ui.loop.pack`."""
    _component(key=key, data=data)
