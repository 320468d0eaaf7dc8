"""Inside: one film, and the visitor's hand in it."""

import streamlit as st

from ui.inside import page as inside
from ui.kit import page, state
from ui.models import cache, privacy
from ui.models.catalogue import catalogue
from ui.picture import data as picture_data

with page.setup("Inside", "inside/page.css"):
    st.markdown("# Put your hand in it")
    st.markdown(
        "The network paints on the left. On the right you change one step, or the random numbers, "
        "and it paints on from there."
    )
    privacy.wait_for_visitor()
    found = catalogue()
    usable = picture_data.draws(found.models)
    if not usable:
        found.show_unusable()
        st.stop()
    if page.unread_address():
        inside.open_page(usable)
    state.show_notices(inside.NOTICES.get())
    found.show_unusable()
    inside.show(usable)
    cache.warm_up()
