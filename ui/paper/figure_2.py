"""Figure 2: the network unrolled in time, with the tensors of one image."""

from typing import TYPE_CHECKING

import streamlit as st

from draw_core.store.checkpoint import CheckpointError
from ui.diagram import loop
from ui.kit import edge_dots, state
from ui.kit.session import Slot
from ui.kit.source import component
from ui.kit.text import plain
from ui.models import about, cache
from ui.models.catalogue import DEFAULT_MODEL, Model, Models, choose, chosen
from ui.paper import choice, commands, shell
from ui.picture import data as picture_data, walk

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_unrolled = component(
    "draw_paper_unrolled", "paper/unrolled", "player/player.css", "diagram/tensors.css"
)


_MODEL = Slot("paper_2_model", "")
_IMAGE = state.text("image", "", walk.known, picture_data.LINK_WORDS, key="paper_2_image")


def show() -> dict[str, str] | None:
    """One image through a model, three steps at a time."""
    found = choice.having(picture_data.can_be_shown, DEFAULT_MODEL)
    if not found:
        choice.missing(
            "There is no model on this server. This command trains one:", commands.ATTENTION
        )
        return None
    model = state.one_of("model", next(iter(found)), found, key=_MODEL.key)
    shell.take("2", (model, _IMAGE))
    row = st.container(horizontal=True, vertical_alignment="bottom", key="paper_2_row")
    entry = _controls(found, row)
    link, picture = walk.found(_IMAGE.get(), entry)
    _IMAGE.put(link)
    row.markdown(f"You look at {plain(picture.words)}.", width="content")
    try:
        run = cache.reconstruction(entry, picture.pixels)
    except CheckpointError as error:
        about.show_fault(plain(str(error)))
        return None
    said = {"model": entry.name, "image": link}
    view = shell.linked_view("2", run.film.num_steps, 1)
    data = loop.pack(run, loop.About(entry.name), view=view, link={"figure": "2"} | said)
    _unrolled(key="paper_unrolled", data=data)
    if dots := edge_dots.words(entry.title, run.film):
        st.caption(plain(dots))
    return said


def _controls(found: Models, row: "DeltaGenerator") -> Model:
    with row:
        entry = chosen(found, _MODEL) if len(found) == 1 else choose(found, _MODEL)
        st.button("Another picture", icon=":material/image:", on_click=_another, args=(entry,))
    return entry


def _another(entry: Model) -> None:
    _IMAGE.put(walk.after(_IMAGE.get(), entry))
