"""The network unrolled in time beside a usual autoencoder, with one image going through it."""

import streamlit as st

from ui.kit.linker import linked
from ui.kit.source import source

_component = st.components.v2.component(
    "draw_paper_unrolled",
    html=source("paper/unrolled.html"),
    css=source("player/player.css", "paper/unrolled.css", "kit/media.css"),
    js=linked("paper/unrolled.js"),
)


def unrolled(data: bytes, *, key: str) -> None:
    """Shows a reconstruction; ``data`` is from :func:`ui.diagram.loop.pack`."""
    _component(key=key, data=data)
