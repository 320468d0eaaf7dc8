"""Figure 2: the network unrolled in time, with the tensors of one image."""

from typing import TYPE_CHECKING

import streamlit as st

from draw_core.data.registry import DataError, is_available
from draw_core.store.checkpoint import CheckpointEntry, CheckpointError
from ui.diagram import loop
from ui.kit import edge_dots, state
from ui.kit.text import plain
from ui.models import about, cache, privacy
from ui.models.about import DEFAULT_MODEL
from ui.paper import choice, commands, shell
from ui.paper.unrolled import unrolled
from ui.picture import data as picture_data
from ui.picture.data import Target

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_MODEL, _IMAGE = "paper_2_model", "paper_2_image"
_FIRST, _PICTURES = 1, 200


def show() -> dict[str, str] | None:
    """One image through a model, three steps at a time."""
    found = choice.having(_fits, DEFAULT_MODEL)
    if not found:
        choice.missing(
            "There is no model on this server. This command trains one:", commands.ATTENTION
        )
        return None
    model = state.one_of("model", next(iter(found)), list(found), key=_MODEL)
    image = state.Setting("image", "", _known, picture_data.LINK_WORDS, key=_IMAGE)
    shell.take("2", (model, image))
    if st.session_state[_MODEL] not in found:  # its folder went away meanwhile
        st.session_state[_MODEL] = model.default
    row = st.container(horizontal=True, vertical_alignment="bottom", key="paper_2_row")
    entry = _controls(found, row)
    assert entry.card
    target = Target.of(entry)
    link = str(st.session_state[_IMAGE]) or _first(entry)
    picture = picture_data.from_link(link, target)
    if picture is None:  # of a set that is no longer here, or whose images cannot be read
        link = f"strokes:{_FIRST}"
        picture = picture_data.picture("strokes", _FIRST, target)
    st.session_state[_IMAGE] = link
    row.markdown(f"You look at {plain(picture.words)}.", width="content")
    try:
        run = cache.reconstruction(entry, picture.pixels)
    except CheckpointError as error:
        about.show_fault(plain(str(error)))
        return None
    said = {"model": entry.name, "image": link}
    view = shell.linked_view("2", entry.card.config.num_steps, 1)
    data = loop.pack(run, view=view, link={"figure": "2"} | said)
    unrolled(data, key="paper_unrolled")
    if dots := edge_dots.words(privacy.label(entry.name), run.film):
        st.caption(plain(dots))
    return said


def _controls(found: choice.Models, row: "DeltaGenerator") -> CheckpointEntry:
    with row:
        name = str(st.session_state[_MODEL])
        if len(found) > 1:
            name = st.selectbox(
                "Model",
                list(found),
                key=_MODEL,
                format_func=privacy.label,
                width=240,
                persist_state="session",
            )
        entry = found[name]
        st.button("Another picture", icon=":material/image:", on_click=_another, args=(entry,))
    return entry


def _another(entry: CheckpointEntry) -> None:
    gallery, _, number = str(st.session_state[_IMAGE]).rpartition(":")
    if not gallery or not number.isdigit():
        gallery, _, number = _first(entry).rpartition(":")
    try:
        most = min(_PICTURES, picture_data.count(gallery))
    except DataError:  # one picture and no gallery, or a set that was deleted meanwhile
        st.session_state[_IMAGE] = _first(entry)
        return
    st.session_state[_IMAGE] = f"{gallery}:{(int(number) + 1) % most}"


def _first(entry: CheckpointEntry) -> str:
    """A picture of the kind that the model knows, where there is one for this visitor's eyes."""
    data = privacy.data_of(entry)
    is_here = is_available(data) and privacy.may_see(data)
    return f"{data if is_here else 'strokes'}:{_FIRST}"


def _known(link: str) -> str | None:
    return link if picture_data.from_link(link) else None


def _fits(entry: CheckpointEntry) -> bool:
    return picture_data.can_be_shown(entry)
