"""Home: the shipped model paints, and cards lead to the other pages."""

import streamlit as st

from ui import page

SAMPLES = 16
FIRST = 2  # the sample to begin with: in the shipped model a 6, whose pen turns


@st.fragment
def watch(data: bytes) -> None:
    """The Stage; a fragment, so that its reports rerun nothing else."""
    with page.boundary():
        stage(data, key="home_stage")


with page.setup(page.APP_NAME) as opened:
    st.markdown("# Watch a neural network paint a digit")
    st.markdown(
        "This network, called DRAW, never saw anyone write. It learned from finished digits alone, "
        "and still it paints bit by bit: **through a small window that moves over the page** "
        "(orange). At each step it decides where the window goes, how large and how sharp it is, "
        "and adds a patch of ink through it. Drag along the steps to go at your own pace."
    )
    # Loaded while the browser shows the text above.
    from draw_core.checkpoint import CheckpointError
    from ui import cache, models, state
    from ui.stage import View, pack, stage
    from ui.text import plain

    entries = cache.checkpoints()
    models.show_faults(entries)
    shown = None
    for entry in models.usable(entries).values():
        try:
            rollout, fault = cache.rollout(entry, SAMPLES)
        except CheckpointError as error:
            models.show_fault(plain(str(error)))
            continue
        if fault:
            models.show_fault(plain(fault))
        if opened or "home_view" not in st.session_state:
            st.session_state["home_view"] = state.linked_view(entry.card.config.num_steps, SAMPLES)
        view, notices = st.session_state["home_view"]
        if notices:
            st.info("  \n".join(notices), icon=":material/link_off:")
        watch(pack(rollout, entry.card.config, view=view or View(None, FIRST), link={}))
        shown = entry
        break

    for column, target in zip(st.columns(len(page.PAGES)), page.PAGES, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(target.path, label=f"**{target.label}**", icon=target.icon)
            st.markdown(target.teaser)
    model, source = st.columns(2)
    with model.container(border=True, height="stretch"):
        st.markdown("**:material/network_node: The model you see**")
        if shown is None:
            st.markdown("There is none on this server yet.")
        else:
            st.markdown(models.describe(shown.name, shown.card))
            if shown.card.test:
                st.caption(plain(shown.card.protocol(), 1000))
    with source.container(border=True, height="stretch"):
        st.markdown("**:material/article: Where it comes from**")
        st.markdown(
            "K. Gregor, I. Danihelka, A. Graves, D. Rezende and D. Wierstra, 2015: "
            "[DRAW: A Recurrent Neural Network For Image Generation]"
            "(https://arxiv.org/abs/1502.04623)."
        )
    cache.warm_up()
