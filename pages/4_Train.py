"""Train: a visitor trains their own network and sees it learn."""

import streamlit as st

from ui.kit import page

with page.setup("Train", "train/page.css") as opened:
    from ui.kit import state
    from ui.models import cache, privacy
    from ui.train import address, form as train_form, live as train_live, runs as train_runs

    privacy.wait_for_visitor()
    if opened:
        address.NOTICES.put(address.take())
        train_live.forget_gone()
    state.show_notices(address.NOTICES.get())
    if address.RUN.get() and not train_live.show(address.RUN.get()):
        address.RUN.put("")
    if not address.RUN.get():
        train_live.say_gone()
        st.markdown("# Train a network of your own")
        st.markdown(
            "It learns from finished pictures alone, and its first fog turns into shapes within "
            "seconds."
        )
        train_form.show()
    train_runs.show()
    if opened:
        cache.warm_up_training()
