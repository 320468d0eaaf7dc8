"""The choice of a picture: draw it, take one of a gallery, or upload a file. The pad shows it."""

import secrets
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from draw_core.checkpoint import CheckpointEntry, CheckpointError
from draw_core.data.registry import DataError
from ui import picture_data as data
from ui import picture_upload, train_upload
from ui.pad import pad
from ui.picture import Picture
from ui.picture_data import Target
from ui.text import plain

_THUMBS = 12
_WIDTH = 360  # of what opens, in pixels of the screen


class Choice:
    """What one page's visitor chose, in the session under keys that begin with the page's name.

    Attributes:
        page: "reconstruct" or "lab".
        entry: the model that the picture is for, or whose samples are offered.
        target: what the picture is turned into; None leaves it as it is.
        default: the link of the first picture.
    """

    def __init__(
        self, page: str, entry: CheckpointEntry | None, target: Target | None, default: str
    ) -> None:
        self.page, self.entry, self.target, self.default = page, entry, target, default

    def _key(self, name: str) -> str:
        return f"{self.page}_picture_{name}"

    def _get(self, name: str) -> object:
        return st.session_state.get(self._key(name))

    def _number(self, name: str) -> int:
        return int(st.session_state.get(self._key(name)) or 0)

    def _go_to(self, number: int) -> None:
        """Offers the pictures from this number on; a thumbnail that is chosen leaves them there."""
        st.session_state[self._key("number")] = st.session_state[self._key("first")] = number

    @property
    def galleries(self) -> dict[str, str]:
        """What is offered, by name."""
        return data.offered(train_upload.mine(), self.entry, scenes=self.target is None)

    def open(self, link: str | None = None) -> None:
        """Begins with the picture of a link, else with the one the visitor had, else the default.

        Call it when the page is opened.
        """
        had = self._get("now")
        chosen = data.from_link(link, self.target) if link else None
        if chosen is None and isinstance(had, Picture):
            chosen = had
        chosen = chosen or self._default()
        self.put(chosen)
        gallery, _, number = (chosen.link or "").rpartition(":")
        if gallery in self.galleries:
            st.session_state[self._key("gallery")] = gallery
            self._go_to(int(number))

    def put(self, picture: Picture) -> None:
        """Puts another picture on the pad."""
        st.session_state[self._key("base")] = picture
        st.session_state[self._key("now")] = picture
        st.session_state[self._key("turn")] = self._number("turn") + 1

    def _default(self) -> Picture:
        found = data.from_link(self.default, self.target)
        assert found, f"{self.default} names no picture"
        return found

    def _base(self) -> Picture:
        base = self._get("base")
        if not isinstance(base, Picture):
            self.open()
            base = self._get("base")
        assert isinstance(base, Picture)
        if self.target is None:
            return base
        fitted = self.target.take(base.pixels)
        if fitted.shape == base.pixels.shape and (fitted == base.pixels).all():
            return base
        again = data.from_link(base.link, self.target) if base.link else None
        base = again or replace(base, pixels=fitted)
        self.put(base)
        return base

    # ---- widgets

    def show(self, *, popovers: bool = False) -> Picture:
        """The pad and everything around it; returns the picture that is on it now.

        Args:
            popovers: whether galleries and upload open over the page; one in another cannot.
        """
        place = st.popover if popovers else st.expander
        base = self._base()
        gallery, _ = self._gallery()
        first = self._number("first")
        thumbs, fault = [], self._get("fault")
        try:
            total = data.count(gallery)
            for k in range(min(_THUMBS, total)):
                one = data.picture(gallery, (first + k) % total, self.target)
                thumbs.append((one.link or "", one))
        except (DataError, CheckpointError) as error:
            fault = str(error)
        drawing = pad(
            base,
            base.link or base.words,
            key=self._key("pad"),
            edited=base.link is None or base.link.startswith(f"{data.DRAWING}:"),
            binary=self.target.binary if self.target else False,
            turn=self._number("turn"),
            thumbs=thumbs,
            shelf=f"Or begin with one of these: {data.title(gallery)}",
        )
        now = base
        if drawing and drawing.edited:
            now = data.drawn(drawing.pixels)
        elif drawing:
            now = data.from_link(drawing.name, self.target) or data.drawn(drawing.pixels)
            if drawing.name.startswith(f"{gallery}:"):
                st.session_state[self._key("number")] = int(drawing.name.rpartition(":")[2])
        st.session_state[self._key("now")] = now
        with st.container(horizontal=True, key=self._key("more")):
            with place("Pictures", icon=":material/photo_library:"), st.container(width=_WIDTH):
                self._gallery_row()
            with place("Upload", icon=":material/upload:"), st.container(width=_WIDTH):
                picture_upload.show(self._key("upload"), self.target, self.put)
        if fault:
            st.warning(plain(str(fault)), icon=":material/warning:")
        return now

    def _gallery(self) -> tuple[str, int]:
        galleries = self.galleries
        name = self._get("gallery")
        if name not in galleries:
            name = next(iter(galleries))
            st.session_state[self._key("gallery")] = name
            self._go_to(0)
        return str(name), self._number("number")

    def _gallery_row(self) -> None:
        galleries = self.galleries
        gallery, _ = self._gallery()
        keep = {"persist_state": "session"}  # over a visit to another page
        with st.container(horizontal=True, vertical_alignment="bottom", key=self._key("row")):
            st.selectbox(
                "Pictures from",
                list(galleries),
                key=self._key("gallery"),
                format_func=lambda name: galleries.get(name, name),
                on_change=self._telling(self._take_first),
                width=180,
                **keep,
            )
            st.number_input(
                "Number",
                0,
                data.count(gallery) - 1,
                key=self._key("number"),
                on_change=self._telling(self._take),
                width=110,
                **keep,
            )
            st.button(
                "Random",
                key=self._key("random"),
                icon=":material/casino:",
                on_click=self._telling(self._take_random),
            )

    def _telling(self, act: Callable[[], None]) -> Callable[[], None]:
        """The act, and a sentence where it fails."""

        def told() -> None:
            st.session_state.pop(self._key("fault"), None)
            try:
                act()
            except (DataError, CheckpointError) as error:
                st.session_state[self._key("fault")] = str(error)

        return told

    def _take_first(self) -> None:
        self._go_to(0)
        self._take()

    def _take_random(self) -> None:
        gallery, _ = self._gallery()
        self._go_to(secrets.randbelow(data.at_once(gallery)))
        self._take()

    def _take(self) -> None:
        self._go_to(self._number("number"))
        self.put(data.picture(*self._gallery(), self.target))
