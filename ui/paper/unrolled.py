"""The network unrolled in time beside a usual autoencoder, with one image going through it."""

import streamlit as st

from ui.kit.source import source
from ui.stage.stage import PLAYER_SCRIPTS

_component = st.components.v2.component(
    "draw_paper_unrolled",
    html=source("paper/unrolled.html"),
    css=source("player/player.css", "paper/unrolled.css", "kit/media.css"),
    js=source(
        *PLAYER_SCRIPTS,
        "paper/player.js",
        "diagram/run.js",
        "diagram/nodes.js",
        "diagram/clock.js",
        "diagram/stages.js",
        "diagram/words.js",
        "paper/unrolled_chart.js",
        "paper/unrolled.js",
    ),
)


def unrolled(data: bytes, *, key: str) -> None:
    """Shows a reconstruction; ``data`` is from :func:`ui.diagram.loop.pack`."""
    _component(key=key, data=data)
