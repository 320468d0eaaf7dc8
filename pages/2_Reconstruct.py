"""Reconstruct: the network looks at the visitor's picture, step by step, and repaints it."""

import streamlit as st

from ui.kit import page
from ui.models import cache
from ui.picture import data as picture_data
from ui.reconstruct import page as reconstruct

with page.setup("Reconstruct", "reconstruct/page.css"):
    st.markdown("# Draw, and follow the network's gaze")
    reconstruct.show(picture_data.opened(reconstruct.open_page, reconstruct.NOTICES))
    cache.warm_up()
