"""Reconstruct: the network looks at the visitor's picture, step by step, and repaints it."""

import streamlit as st

from ui.kit import page, state
from ui.models import about, cache, privacy
from ui.reconstruct import page as reconstruct

with page.setup("Reconstruct", "reconstruct/page.css") as opened:
    st.markdown("# Draw, and follow the network's gaze")
    if opened:
        st.session_state.pop("reconstruct_linked", None)
    privacy.wait_for_visitor()
    entries = cache.checkpoints()
    usable = reconstruct.usable(about.usable(entries) | about.usable(privacy.trained_models()))
    if not usable:
        about.show_faults(entries)
        st.stop()
    settings = reconstruct.settings(usable)
    if "reconstruct_linked" not in st.session_state:
        st.session_state["reconstruct_notices"] = state.take_address(settings)
        st.session_state["reconstruct_linked"] = True
        reconstruct.open_page(usable)
    if st.session_state["reconstruct_notices"]:
        st.info("  \n".join(st.session_state["reconstruct_notices"]), icon=":material/link_off:")
    about.show_faults(entries)
    reconstruct.show(usable)
    cache.warm_up()
