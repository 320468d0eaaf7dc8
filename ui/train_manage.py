"""What can be done with a training beside steering it: use, name, pass on, throw away."""

import streamlit as st

from draw_core.checkpoint import CARD
from draw_core.runs.registry import Run, RunConfig, RunError
from ui import run_cache, train_actions
from ui import train_address as address
from ui.text import plain

GENERATE = "pages/1_Generate.py"


def open_in_generate(run: Run) -> None:
    """A link to the Generate page with this network, also while it trains."""
    painted = (run.folder / CARD).is_file()
    st.page_link(
        GENERATE,
        label="Open in Generate",
        icon=":material/auto_awesome:",
        query_params={"model": run_cache.MODEL_PREFIX + run.id},
        disabled=not painted,
        help="Paint as many new pictures with it as you like, also while it trains."
        if painted
        else "Possible as soon as its first weights are saved.",
    )


def manage(run: Run, config: RunConfig) -> None:
    """A menu; its content is made when it is opened."""
    menu = st.popover(
        "More", icon=":material/more_horiz:", key=f"train_menu_{run.id}", on_change="rerun"
    )
    if not menu.open:
        return
    with menu:
        mine = train_actions.may_steer(config)
        painted = (run.folder / CARD).is_file()
        faults: dict[str, str] = st.session_state.setdefault("train_export_faults", {})
        st.download_button(
            "Export as zip",
            lambda: _export(run, faults),
            f"{run.id}.zip",
            "application/zip",
            key=f"train_export_{run.id}",
            icon=":material/download:",
            disabled=not painted,
            help="Weights (safetensors), card, pictures and losses. Another server can import it.",
        )
        if fault := faults.pop(run.id, ""):
            st.error(plain(fault), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"train_name_{run.id}"
            st.text_input("Name", config.name, max_chars=80, key=key, disabled=not mine)
            st.button(
                "Rename",
                key=f"train_rename_{run.id}",
                disabled=not mine,
                on_click=train_actions.rename,
                args=(run, key),
            )
        st.markdown("Link to this training")
        st.code(address.link({"run": run.id}), language=None, wrap_lines=True)
        if log := run.log():
            with st.expander("What happened"):
                st.code(log[-2000:], language=None, wrap_lines=True)
        sure = st.checkbox(
            "Delete it for good",
            key=f"train_sure_{run.id}",
            disabled=not mine,
            help=None if mine else "Only who began a training can delete it.",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key=f"train_delete_{run.id}",
            disabled=not (mine and sure),
            on_click=train_actions.delete,
            args=(run,),
        )


def _export(run: Run, faults: dict[str, str]) -> bytes:
    """The content of the archive; called at the click, in a thread without a session."""
    from draw_core.runs import exchange

    try:
        return exchange.export_run(run)
    except RunError as error:  # deleted between the menu and the click
        faults[run.id] = str(error)
        raise  # so that nothing is downloaded
