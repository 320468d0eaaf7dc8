"""The look of the Train page: choices as cards, pictures beside curves where there is room."""

from pathlib import Path

import streamlit as st

_look = st.components.v2.component(
    "draw_train_look",
    css=Path(__file__).with_name("train.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def apply() -> None:
    """Call it once, when the page begins."""
    _look(key="train_look")
