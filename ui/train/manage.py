"""What can be done with a training beside steering it: use, name, pass on, throw away."""

import streamlit as st

from draw_core.runs.registry import Run, RunConfig, RunError
from draw_core.store.checkpoint import CARD
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import privacy
from ui.models.catalogue import of_run
from ui.train import actions as train_actions, address

GENERATE = "pages/1_Generate.py"
# What was wrong with an export, by run; written in a thread that has no session.
_FAULTS: Slot[dict[str, str]] = Slot("train_export_faults", {})


def open_in_generate(run: Run) -> None:
    """A link to the Generate page with this network, also while it trains."""
    painted = (run.folder / CARD).is_file()
    st.page_link(
        GENERATE,
        label="Open in Generate",
        icon=":material/auto_awesome:",
        query_params={"model": of_run(run.id)},
        disabled=not painted,
        help="Paint as many new pictures with it as you like, also while it trains."
        if painted
        else "This is possible as soon as its first weights are saved.",
    )


def manage(run: Run, config: RunConfig) -> None:
    """A menu; its content is made when it is opened."""
    menu = st.popover(
        "More", icon=":material/more_horiz:", key=f"train_menu_{run.id}", on_change="rerun"
    )
    if not menu.open:
        return
    with menu:
        mine = privacy.is_mine(config)
        painted = (run.folder / CARD).is_file()
        anonymous = not privacy.may_see_images(config)
        if not _FAULTS.is_kept:
            _FAULTS.put({})
        faults = _FAULTS.get()
        st.download_button(
            "Export as zip",
            lambda: _export(run, faults, anonymous=anonymous),
            f"{run.id}.zip",
            "application/zip",
            key=f"train_export_{run.id}",
            icon=":material/download:",
            disabled=not painted,
            help="The archive holds weights (safetensors), card, pictures and losses. "
            "Another server can import it.",
        )
        if fault := faults.pop(run.id, ""):
            st.error(plain(fault), icon=":material/error:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = Slot(f"train_name_{run.id}", privacy.name_of(config))
            st.text_input("Name", name.default, max_chars=80, key=name.key, disabled=not mine)
            st.button(
                "Rename",
                key=f"train_rename_{run.id}",
                disabled=not mine,
                on_click=train_actions.rename,
                args=(run, name),
            )
        if privacy.is_private(config):
            _share(run, config, mine)
        st.markdown("Link to this training")
        st.code(address.link({"run": run.id}), language=None, wrap_lines=True)
        if not anonymous and (log := run.log()):
            with st.expander("What happened"):
                st.code(log[-2000:], language=None, wrap_lines=True)
        sure = st.checkbox(
            "Delete it for good",
            key=f"train_sure_{run.id}",
            disabled=not mine,
            help=None if mine else "Only the visitor who began a training can delete it.",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key=f"train_delete_{run.id}",
            disabled=not (mine and sure),
            on_click=train_actions.delete,
            args=(run,),
        )


def _share(run: Run, config: RunConfig, mine: bool) -> None:
    """Who may see a training on images of a visitor's own."""
    shared = Slot(f"train_share_{run.id}", config.shared)
    st.toggle(
        "Share the network",
        config.shared,
        key=shared.key,
        disabled=not mine,
        on_change=train_actions.share,
        args=(run, shared),
    )
    st.caption(
        "Everybody on this server sees this network and what it paints, but not the images that it "
        "learned from or what they are called. It may paint pictures that resemble them."
        if config.shared
        else "Only you see this training, because it learned from your own images. Share it, and "
        "everybody on this server sees the network and what it paints, which may resemble your "
        "images. The images and what you called them stay yours."
    )


def _export(run: Run, faults: dict[str, str], *, anonymous: bool = False) -> bytes:
    """The content of the archive; called at the click, in a thread without a session."""
    from draw_core.runs import exchange

    try:
        return exchange.export_run(run, anonymous=anonymous)
    except RunError as error:  # deleted between the menu and the click
        faults[run.id] = str(error)
        raise  # so that nothing is downloaded
