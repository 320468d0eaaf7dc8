"""Compare: two models, or two moments of one training, on one timeline."""

import streamlit as st

from ui.compare import page as compare
from ui.kit import page
from ui.models import about, cache, privacy

with page.setup("Compare", "compare/page.css") as opened:
    st.markdown("# Two networks, one clock")
    st.markdown(
        "Both begin at step 0 and paint side by side. Play, or drag along the steps: "
        "what you do to one also happens to the other."
    )
    if opened:
        st.session_state.pop("compare_linked", None)
    privacy.wait_for_visitor()
    entries = cache.checkpoints()
    usable = about.usable(entries) | about.usable(privacy.trained_models())
    if not usable:
        about.show_faults(entries)
        st.stop()
    if "compare_linked" not in st.session_state:
        compare.open_page(usable)
        st.session_state["compare_linked"] = True
    compare.show_notices()
    about.show_faults(entries)
    compare.show(usable)
    cache.warm_up()
