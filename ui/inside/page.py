"""The page Inside: a film of DRAW, and a hand in it, which the network in the browser answers."""

import re
from dataclasses import replace
from typing import Any

import streamlit as st

from draw_core.film.film import Film
from ui.kit import browser, page, seeds, state
from ui.kit.session import Slot
from ui.kit.source import component
from ui.kit.view import View
from ui.live import serve
from ui.models import about, cache, draw
from ui.models.catalogue import Model, Models, choose, chosen
from ui.picture import data as picture_data, walk
from ui.picture.data import Target
from ui.player import film as player

NEW, SEEN = "new", "seen"
TOOLS = ("change", "pixel", "latents")
_MODEL = Slot("inside_model", "")
_SEED = seeds.setting("inside_seed")
_PAINTS = state.one_of("paints", NEW, (NEW, SEEN), key="inside_paints")
_IMAGE = state.text("image", "", walk.known, picture_data.LINK_WORDS, key="inside_image")
_VIEW: Slot[View | None] = Slot("inside_view", None)
_HAND: Slot[dict[str, str] | None] = Slot("inside_hand", None)  # what the address says of it
NOTICES: Slot[list[str]] = Slot("inside_notices", [])
_component = component("draw_inside", "inside/inside", "player/player.css")


def _said(name: str, pattern: str, words: str) -> state.Setting[str]:
    """What an address says of the hand; the browser makes sense of it."""
    return state.text(name, "", lambda text: text if re.fullmatch(pattern, text) else None, words)


_OF_HAND = (
    state.one_of("tool", TOOLS[0], TOOLS),
    _said("hand", r"[-\w.*]{1,2000}", "the changes of steps, as this page writes them"),
    _said("z", r"[-\w.*]{1,6000}", "the changes of latents, as this page writes them"),
    _said("pixel", r"\d{1,4}_\d{1,4}", "a pixel, as x_y"),
)


def open_page(usable: Models) -> None:
    """Reads the address; call it when the page is opened."""
    model = state.one_of("model", next(iter(usable)), usable, key=_MODEL.key)
    notices = state.take_address((model, _SEED, _PAINTS, _IMAGE))
    said, more = state.read_address(_OF_HAND)
    view, about_view = state.linked_view(draw.network(chosen(usable, _MODEL)).num_steps, 1)
    _HAND.put({name: str(value) for name, value in said.items()})
    _VIEW.put(view)
    NOTICES.put([*notices, *more, *about_view])


@st.fragment
def show(usable: Models) -> None:
    """The whole page below its title; what the visitor does reruns only this."""
    with page.boundary(), about.faults():
        _show(usable)


def _show(usable: Models) -> None:
    entry = _controls(usable)
    seed, sees = _SEED.get(), _PAINTS.get() == SEEN
    link = {"model": entry.name, "seed": str(seed)}
    image = None
    if sees:
        name, picture = walk.found(_IMAGE.get(), entry)
        _IMAGE.put(name)
        image = cache.reconstruction(entry, picture.pixels, seed)
        film: Film | None = image.film
        link |= {"paints": SEEN, "image": name}
    else:
        film = cache.painted(entry, 1, seed)
    if film is None:
        return
    told: dict[str, Any] = {
        "hand": _HAND.get() or {},
        "live": _live(entry, seed, paints=not sees),
        "about": {"model": entry.name, "seed": seed},
    }
    _component(
        key="inside",
        data=player.pack(
            {"": replace(film, original=None)},
            told,
            more={"x": image.x} if image else None,
            named=[entry.name, seed],
            view=_VIEW.get(),
            link=link,
        ),
    )
    browser.say("inside", **link)


def _controls(usable: Models) -> Model:
    with st.container(horizontal=True, vertical_alignment="bottom", key="inside_controls"):
        entry = choose(usable, _MODEL, 230)
        st.segmented_control(
            "It paints",
            [NEW, SEEN],
            key=_PAINTS.key,
            required=True,
            format_func={NEW: "A new picture", SEEN: "A picture that it sees"}.__getitem__,
            help="A network that paints a new picture never looks at its canvas. One that rebuilds "
            "a picture sees at each step what is still missing.",
            persist_state="session",
        )
        seeds.field(_SEED)
        st.button("Another seed", icon=":material/casino:", on_click=seeds.draw, args=(_SEED,))
        if _PAINTS.get() == SEEN:
            st.button("Another picture", icon=":material/image:", on_click=_another, args=(entry,))
    return entry


def _another(entry: Model) -> None:
    _IMAGE.put(walk.after(_IMAGE.get(), entry))


def _live(entry: Model, seed: int, *, paints: bool) -> dict[str, Any] | None:
    """The network for the browser; None where its weights cannot be had."""
    try:
        urls = serve.addresses(entry.folder, paints=paints)
    except (OSError, ValueError):
        return None
    config = draw.network(entry).to_dict()
    return {**urls, "config": config, "seed": seed, "binary": Target.of(entry).binary}
