"""A picture with a window in the visitor's hand, for figures 3 and 4."""

from typing import Literal

import streamlit as st

from ui.kit import state
from ui.kit.picture import Picture
from ui.kit.session import Slot, reported
from ui.kit.source import component
from ui.kit.text import plain
from ui.lab import address as lab_address, lab
from ui.lab.handed import Handed, hand_over
from ui.paper import shell
from ui.picture import data as picture_data
from ui.player import film as player

Mode = Literal["patches", "zoom"]
FIRST = "scene:0"
WINDOWS = 4  # of figure 3
_Linked = tuple[lab.Window | None, int, int | None]  # the window, its points, which of figure 3

_component = component("draw_paper_window", "paper/window", "lab/lab.css")


def show(key: str, mode: Mode) -> dict[str, str]:
    """The figure on the picture of the address, and what the address shall say.

    Args:
        key: of the figure.
        mode: which of both forms.
    """
    image = state.text("image", FIRST, _known, picture_data.LINK_WORDS, key=f"paper_{key}_image")
    shell.take(key, (image,))
    picture = picture_data.from_link(image.get())
    if picture is None or not _fits(picture):
        picture = picture_data.picture("scene", 0)
        image.put(picture.link or FIRST)
    with st.container(horizontal=True, vertical_alignment="center", key=f"paper_{key}_row"):
        st.button("Another picture", icon=":material/image:", on_click=_another, args=(image,))
        st.markdown(f"You look at {plain(picture.words)}.", width="content")
    said = {"image": str(picture.link or "")}
    window, n, chosen = _linked(key, mode, picture)
    start = lab.for_browser(window) | {"n": n} if window else None
    told = {"mode": mode, "image": picture.link, "window": start, "chosen": chosen}
    image_only = {"image": picture.pixels}
    named = [mode, str(picture.pixels.shape)]
    link = {"figure": key} | said
    data = player.pack({}, told, more=image_only, named=named, link=link)
    mounted = f"paper_window_{key}"
    _component(key=mounted, data=data, on_lab_change=lambda: None)
    _go_to_the_lab(key, picture, reported(mounted, "lab"))
    return said


def _linked(key: str, mode: Mode, picture: Picture) -> _Linked:
    """The window that the address asks for, read once."""
    kept: Slot[_Linked] = Slot(f"{shell.PLACE}{key}", (None, lab_address.DEFAULT_N, None))
    if shell.is_linked(key) and not kept.is_kept:
        start, chosen = lab_address.Start(None), None
        if mode == "zoom":
            start, notices = lab_address.read(*picture.pixels.shape[1:])
        else:
            setting = state.whole_number("window", 1, 1, WINDOWS)
            values, notices = state.read_address((setting,))
            chosen = int(values["window"]) - 1 if values else None
        shell.notice(notices)
        kept.put((start.window, start.n, chosen))
    return kept.get()


def _go_to_the_lab(key: str, picture: Picture, wish: object) -> None:
    """Hands the window to the lab; a wish is granted once."""
    taken: Slot[object] = Slot(f"paper_{key}_taken", None)
    if not isinstance(wish, dict) or wish.get("id") == taken.get():
        return
    taken.put(wish.get("id"))
    try:
        window = lab.Window.nearest(*(float(number) for number in wish["window"]))
        n = int(wish["n"])
    except (KeyError, TypeError, ValueError):
        return
    hand_over(Handed(picture, n, window, f"The window comes from figure {key} of the paper."))


def _another(image: Slot[str]) -> None:
    gallery, _, number = image.get().rpartition(":")
    count = picture_data.count("scene")
    following = (int(number) + 1) % count if gallery == "scene" and number.isdigit() else 0
    image.put(f"scene:{following}")


def _known(link: str) -> str | None:
    picture = picture_data.from_link(link)
    return link if picture and _fits(picture) else None


def _fits(picture: Picture) -> bool:
    channels, height, width = picture.pixels.shape
    return channels in (1, 3) and 2 <= min(height, width) <= max(height, width) <= lab.MAX_SIDE
