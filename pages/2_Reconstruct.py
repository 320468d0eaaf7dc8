"""Reconstruct: the network looks at the visitor's picture, step by step, and repaints it."""

import streamlit as st

from ui.kit import page, state
from ui.models import cache, privacy
from ui.models.catalogue import catalogue
from ui.picture import data as picture_data
from ui.reconstruct import page as reconstruct

with page.setup("Reconstruct", "reconstruct/page.css"):
    st.markdown("# Draw, and follow the network's gaze")
    privacy.wait_for_visitor()
    found = catalogue()
    usable = picture_data.draws(found.models)
    if not usable:
        found.show_unusable()
        st.stop()
    if page.unread_address():
        reconstruct.open_page(usable)
    state.show_notices(reconstruct.NOTICES.get())
    found.show_unusable()
    reconstruct.show(usable)
    cache.warm_up()
