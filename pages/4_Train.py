"""Train: a visitor trains their own network and sees it learn."""

import streamlit as st

from ui.kit import page

with page.setup("Train", "train/page.css") as opened:
    from ui.models import cache, privacy
    from ui.train import address
    from ui.train import form as train_form
    from ui.train import live as train_live
    from ui.train import runs as train_runs

    privacy.wait_for_visitor()
    if opened:
        st.session_state[address.NOTICES] = address.take()
        train_live.forget_gone()
    if notices := st.session_state.get(address.NOTICES):
        st.info("  \n".join(notices), icon=":material/link_off:")
    run_id = st.session_state.get(address.key("run"))
    if run_id and not train_live.show(run_id):
        run_id = st.session_state[address.key("run")] = ""
    if not run_id:
        train_live.say_gone()
        st.markdown("# Train a network of your own")
        st.markdown(
            "It learns from finished pictures alone. Its first fog turns into shapes within "
            "seconds, and its window, a small grid of points that it can move and zoom, learns "
            "where to look and where to paint."
        )
        train_form.show()
    train_runs.show()
    if opened:
        cache.warm_up_training()
