"""Generate: new samples from a trained model, and one step explained with its own numbers."""

import streamlit as st

from ui.generate import page as generate
from ui.kit import page
from ui.models import cache, privacy
from ui.models.catalogue import best_to_watch, catalogue

with page.setup("Generate", "generate/page.css"):
    st.markdown("# Every picture here is new")
    st.markdown(
        "The model turns random numbers into a picture, step by step. Choose a sample, drag along "
        "the steps, or ask for new samples."
    )
    privacy.wait_for_visitor()
    found = catalogue()
    usable = best_to_watch(found.models)
    if not usable:
        found.show_unusable()
        st.stop()
    if page.unread_address():
        generate.open_page(usable)
    entry = generate.controls(usable)
    found.show_unusable()
    generate.show(entry)
    cache.warm_up()
