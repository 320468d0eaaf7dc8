"""The choice of a picture: draw it, take one of a gallery, or upload a file. The pad shows it."""

import secrets
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from draw_core.data.intake.format import IntakeError
from draw_core.data.registry import DataError
from draw_core.store.checkpoint import CheckpointError
from ui.kit.picture import UNNAMED, Picture
from ui.kit.session import Slot, reported
from ui.kit.text import plain
from ui.models import privacy
from ui.models.catalogue import Model
from ui.pad.pad import pad
from ui.picture import data, upload as picture_upload
from ui.picture.data import Target
from ui.picture.upload import Upload

_THUMBS = 12
_WIDTH = 360  # of what opens, in pixels of the screen


class Choice:
    """What one page's visitor chose, in the session under keys that begin with the page's name.

    Attributes:
        page: "reconstruct", "lab" or "compare".
        entry: the model that the picture is for, or whose samples are offered.
        target: what the picture is turned into; None leaves it as it is.
        default: the link of the first picture.
        followed: whether the page shows already what a network makes of the picture of the moment.
    """

    followed = False

    def __init__(self, page: str, entry: Model | None, target: Target | None, default: str) -> None:
        self.page, self.entry, self.target, self.default = page, entry, target, default
        self._now: Slot[Picture | None] = Slot(self._key("now"), None)  # what is on the pad
        self._begun: Slot[Picture | None] = Slot(self._key("base"), None)  # what the pad began with
        self._fitted_to: Slot[Target | None] = Slot(self._key("target"), None)
        self._uploaded: Slot[Upload | str | None] = Slot(self._key("upload"), None)
        self._fault: Slot[str | None] = Slot(self._key("fault"), None)
        self._offered = Slot(self._key("gallery"), "")
        self._number, self._first = Slot(self._key("number"), 0), Slot(self._key("first"), 0)
        self._turn = Slot(self._key("turn"), 0)

    def _key(self, name: str) -> str:
        return f"{self.page}_picture_{name}"

    def _go_to(self, number: int) -> None:
        """Offers the pictures from this number on; a thumbnail that is chosen leaves them there."""
        self._number.put(number)
        self._first.put(number)

    # ---- the picture

    def open(self, link: str = "") -> None:
        """Begins with the picture of a link, else with the one the visitor had, else the default.

        Call it when the page is opened.
        """
        had = self._now.get()
        chosen = data.from_link(link, self.target) if link else None
        if chosen is None and isinstance(had, Picture):
            chosen = had if self._fitted_to.get() == self.target else self._fitted(had)
        chosen = chosen or self._default()
        self._fitted_to.put(self.target)
        self._uploaded.put(None)
        self.put(chosen)
        gallery, _, number = (chosen.link or "").rpartition(":")
        for option in self.galleries:
            if self._resolved(option) == gallery:
                self._offered.put(option)
                self._go_to(int(number))

    @staticmethod
    def known(link: str) -> str | None:
        """The link, if an address may say it: it names a picture, or says that it cannot."""
        return link if link == UNNAMED or data.from_link(link) else None

    def lost(self, link: str) -> list[str]:
        """A sentence if the address is about a picture that it could not name and that is gone.

        Call it before :meth:`open`.
        """
        if link != UNNAMED or isinstance(self._now.get(), Picture):
            return []
        return [
            "The picture that was here is gone, because an address cannot name an upload or a "
            "drawing with greys. Upload or draw it again; until then the page shows another one."
        ]

    def mark(self) -> tuple[object, ...]:
        """Something that becomes another with whatever the visitor does here."""
        drawn = reported(self._key("pad"), "drawing")
        # An upload by its identity: to compare two would be to compare all their pixels.
        return self._turn.get(), drawn, id(self._uploaded.get()), self._fault.get()

    def put(self, picture: Picture) -> None:
        """Puts another picture on the pad."""
        self._begun.put(picture)
        self._now.put(picture)
        self._turn.put(self._turn.get() + 1)

    def _default(self) -> Picture:
        found = data.from_link(self.default, self.target)
        assert found, f"{self.default} names no picture"
        return found

    def _base(self) -> Picture:
        """The picture that the pad begins with, also after the model has changed."""
        now = self._now.get()
        if not isinstance(now, Picture):
            self.open()
        elif self._fitted_to.get() != self.target:
            self._fitted_to.put(self.target)
            self.put(self._fitted(now))
        base = self._begun.get()
        assert isinstance(base, Picture)
        return base

    def _fitted(self, picture: Picture) -> Picture:
        """The picture for the target, from its source where there is one."""
        upload = self._uploaded.get()
        if isinstance(upload, Upload) and upload.gave(picture):
            try:
                upload = picture_upload.take(upload.content, self.target)
                self._uploaded.put(upload)
                return upload.picture
            except IntakeError as error:  # a drawing has to be found in it now, and there is none
                self._uploaded.put(str(error))
        again = data.from_link(picture.link, self.target) if picture.link else None
        if again or not self.target:
            return again or picture
        return replace(picture, pixels=self.target.take(picture.pixels))

    # ---- galleries

    @property
    def galleries(self) -> dict[str, str]:
        """What is offered, by name; the samples are those of the model of the moment."""
        return data.offered(privacy.my_sets(), self.entry, scenes=self.target is None)

    def _resolved(self, gallery: str) -> str:
        if gallery == data.SAMPLES and self.entry:
            return data.samples_of(self.entry.name)
        return gallery

    def _gallery(self, galleries: dict[str, str]) -> str:
        """The one that is shown, of those that are offered."""
        if self._offered.get() not in galleries:
            self._offered.put(next(iter(galleries)))
            self._go_to(0)
        return self._resolved(str(self._offered.get()))

    def _thumbs(self, gallery: str) -> list[tuple[str, Picture]]:
        total, first = data.count(gallery), self._first.get()
        numbers = tuple((first + k) % total for k in range(min(_THUMBS, total)))
        pictures = data.shelf(gallery, numbers, self.target)
        return [(one.link or "", one) for one in pictures]

    # ---- widgets

    def show(self, *, popovers: bool = False, mirror: bool = False) -> Picture:
        """The pad and everything around it; returns the picture that is on it now.

        Args:
            popovers: whether galleries and upload open over the page; one in another cannot.
            mirror: whether what the page's loop paints is shown beside the pad too.
        """
        place = st.popover if popovers else st.expander
        galleries = self.galleries
        base, gallery, fault = self._base(), self._gallery(galleries), self._fault.get()
        thumbs: list[tuple[str, Picture]] = []
        try:
            thumbs = self._thumbs(gallery)
        except (DataError, CheckpointError) as error:
            fault = str(error)
        drawing = pad(
            base,
            base.link or base.words,
            key=self._key("pad"),
            edited=base.link is None or base.link.startswith(f"{data.DRAWING}:"),
            binary=self.target.binary if self.target else False,
            turn=self._turn.get(),
            thumbs=thumbs,
            mirror=mirror,
            shelf=f"Or begin with one of these: {data.title(gallery)}",
        )
        now, self.followed = base, bool(drawing and drawing.followed)
        if drawing and (drawing.edited or drawing.name != (base.link or base.words)):
            chosen = None if drawing.edited else data.from_link(drawing.name, self.target)
            now = chosen or data.drawn(drawing.pixels)
        self._now.put(now)
        named, _, number = (now.link or "").rpartition(":")
        if named == gallery:
            self._number.put(int(number))
        with st.container(horizontal=True, key=self._key("more")):
            with place("Pictures", icon=":material/photo_library:"), st.container(width=_WIDTH):
                self._gallery_row(galleries, gallery)
            with place("Upload", icon=":material/upload:"), st.container(width=_WIDTH):
                upload = self._uploaded.get()
                # A picture that is gone has no steps any more.
                is_gone = isinstance(upload, Upload) and not upload.gave(self._begun.get())
                shown = None if is_gone else upload
                picture_upload.show(self._key("file"), self.target, shown, self._take_upload)
        if fault:
            st.warning(plain(fault), icon=":material/warning:")
        text = f"On the pad: {plain(now.words)}."
        if now.link is None:
            text += " The address cannot name it: a copied link would show another picture."
        st.caption(text)
        return now

    def _gallery_row(self, galleries: dict[str, str], gallery: str) -> None:
        with st.container(horizontal=True, vertical_alignment="bottom", key=self._key("row")):
            st.selectbox(
                "Pictures from",
                list(galleries),
                key=self._key("gallery"),
                format_func=lambda name: galleries.get(name, name),
                on_change=self._telling(self._take_first),
                width=180,
                persist_state="session",
            )
            st.number_input(
                "Number",
                0,
                data.count(gallery) - 1,
                key=self._key("number"),
                on_change=self._telling(self._take),
                width=110,
                persist_state="session",
            )
            st.button(
                "Random",
                key=self._key("random"),
                icon=":material/casino:",
                on_click=self._telling(self._take_random),
            )

    def _take_upload(self, upload: Upload | str | None) -> None:
        self._uploaded.put(upload)
        if isinstance(upload, Upload):
            self.put(upload.picture)

    def _telling(self, act: Callable[[], None]) -> Callable[[], None]:
        """The act, and a sentence where it fails."""

        def told() -> None:
            self._fault.put(None)
            try:
                act()
            except (DataError, CheckpointError) as error:
                self._fault.put(str(error))

        return told

    def _take_first(self) -> None:
        self._go_to(0)
        self._take()

    def _take_random(self) -> None:
        self._go_to(secrets.randbelow(data.at_once(self._gallery(self.galleries))))
        self._take()

    def _take(self) -> None:
        self._go_to(self._number.get())
        self.put(data.picture(self._gallery(self.galleries), self._number.get(), self.target))
