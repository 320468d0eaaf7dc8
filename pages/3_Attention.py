"""Attention: the window of the model in the visitor's own hand."""

import streamlit as st

from ui.attention import page as lab_page
from ui.kit import page
from ui.models import cache, privacy
from ui.models.catalogue import catalogue

with page.setup("Attention", "attention/page.css"):
    st.markdown("# Take the window in your hand")
    st.markdown(
        "The network reads and writes through a window like this. Drag it, or pull a corner or the "
        "dot at its side, and **see at once what it keeps and what it loses.**"
    )
    privacy.wait_for_visitor()
    usable = catalogue().models
    if page.unread_address():
        lab_page.open_page(usable)
    lab_page.show(usable)
    cache.warm_up()
