"""Inside: one film, and the visitor's hand in it."""

import streamlit as st

from ui.inside import page as inside
from ui.kit import page
from ui.models import cache
from ui.picture import data as picture_data

with page.setup("Inside", "inside/page.css"):
    st.markdown("# Put your hand in it")
    st.markdown(
        "The network paints on the left. On the right you change one step, or the random numbers, "
        "and it paints on from there."
    )
    inside.show(picture_data.opened(inside.open_page, inside.NOTICES))
    cache.warm_up()
