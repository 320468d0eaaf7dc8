"""Compare: two models, or two moments of one training, on one timeline."""

import streamlit as st

from ui.compare import page as compare
from ui.kit import page, state
from ui.models import cache, privacy
from ui.models.catalogue import catalogue

with page.setup("Compare", "compare/page.css"):
    st.markdown("# Two networks, one clock")
    st.markdown(
        "Both begin at step 0 and go on side by side. Play, or drag along the steps: "
        "what you do to one also happens to the other."
    )
    privacy.wait_for_visitor()
    found = catalogue()
    if not found.models:
        found.show_unusable()
        st.stop()
    if page.unread_address():
        compare.open_page(found.models)
    state.show_notices(compare.NOTICES.get())
    found.show_unusable()
    compare.show(found.models)
    cache.warm_up()
