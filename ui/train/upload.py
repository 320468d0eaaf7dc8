"""A visitor's own images: a zip, their size and channels, a look at them, and then a data set."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from draw_core.data import shelf
from draw_core.data.folders.preview import Preview
from draw_core.data.folders.sources import MAX_ARCHIVE_BYTES, MB
from draw_core.data.registry import FOLDER_PREFIX, DataError, default_root
from draw_core.film.montage import encode_row
from ui.kit import browser
from ui.kit.session import Slot
from ui.kit.text import data_url, plain
from ui.train import actions as train_actions, address as train_address

OWN = train_address.OWN_DATA
# The file, side and channels that were looked at last, and what came of it.
_SEEN: Slot[tuple[tuple[str, int, int], Preview | str] | None] = Slot("train_folder_seen", None)
_NEXT: Slot[str | None] = Slot("train_folder_next", None)  # the set that was just imported
_MOST_SIZES = 3


def just_imported() -> str | None:
    """The set that was imported in the run before, once."""
    return _NEXT.pop()


def offer_deletion(name: str) -> None:
    """A button that deletes a set, after a second one, if it is this visitor's."""
    if not _is_own(name):
        train_actions.show_fault()
        return
    with st.popover("Delete these images", icon=":material/delete:", type="tertiary"):
        st.markdown(
            "They are removed from this server for good. Trainings that are not finished cannot "
            "go on without them; finished ones keep their pictures and curves."
        )
        st.button("Delete for good", key="train_own_delete", on_click=_delete, args=(name,))
    train_actions.show_fault()


def _is_own(name: str) -> bool:
    if not name.startswith(FOLDER_PREFIX):
        return False
    try:
        return shelf.read(name, default_root()).owner in browser.owners()
    except DataError:  # deleted in another tab
        return False


def _delete(name: str) -> None:
    with train_actions.telling():
        if not _is_own(name):
            raise DataError("These images are gone, or they are not yours.")
        shelf.delete_folder(name)


def show() -> None:
    """Everything from the choice of a file to the import."""
    size, kind, name = st.columns([2, 2, 3])
    side = size.number_input(
        "Side of the images, pixels",
        8,
        128,
        28,
        key="train_own_side",
        help="Each image is scaled to fill a square of this side and cut to its middle. Time and "
        "memory grow with the square of the side.",
    )
    colour = kind.segmented_control(
        "Channels", ["Grey", "Colour"], default="Grey", required=True, key="train_own_channels"
    )
    title = name.text_input("Name", "My images", max_chars=40, key="train_own_name")
    file = st.file_uploader(
        "A zip archive with pictures; folders in it become classes",
        "zip",
        key="train_own_file",
        max_upload_size=MAX_ARCHIVE_BYTES // MB,
    )
    if file is None:
        return
    from draw_core.data.folders import folder, preview

    channels = 3 if colour == "Colour" else 1
    asked, seen = (file.file_id, side, channels), _SEEN.get()
    if seen is None or seen[0] != asked:
        with st.spinner("Looking at the images"):
            try:
                found: Preview | str = preview.preview_images(
                    file, height=side, width=side, channels=channels
                )
            except DataError as error:
                found = str(error)
        seen = asked, found
        # A fault is kept too: the page runs often, and an archive may be large.
        _SEEN.put(seen)
    look = seen[1]
    if isinstance(look, str):
        st.error(plain(look), icon=":material/error:")
        return
    st.image(
        data_url(encode_row(look.sample)), width="content", alt="Some of the images in the archive"
    )
    st.caption(plain(_summary(look)))
    for note in look.notes:
        st.caption(f":material/info: {plain(note)}")
    label = f"Use these {look.images:,} images"
    if st.button(label, key="train_own_use", icon=":material/check:", disabled=look.images < 2):
        bar = st.progress(0.0, "Scaling the images")

        def show_progress(done: int, total: int) -> None:
            bar.progress(done / max(1, total))

        try:
            imported = folder.import_images(
                file,
                None,
                name=title or "My images",
                height=side,
                width=side,
                channels=channels,
                owner=browser.owner(),
                progress=show_progress,
            )
        except DataError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            _NEXT.put(imported)
            _again()


def _summary(look: Preview) -> str:
    """How many pictures there are, of which sizes and classes."""
    count = f"{look.images:,} {'picture' if look.images == 1 else 'pictures'}"
    if look.skipped:
        count += f", {look.skipped:,} left out"
    sizes = [f"{width}×{height}" for width, height in look.sizes]
    which = ", ".join(sizes[:_MOST_SIZES])
    if len(sizes) > _MOST_SIZES:
        which += f" and {len(sizes) - _MOST_SIZES:,} more sizes"
    classes = f"; {len(look.classes):,} classes: {', '.join(look.classes)}" if look.classes else ""
    return f"{count}; {which} pixels{classes}."


def _again() -> None:
    """Runs the form once more, with the new set in it."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:  # it was the whole page that ran
        st.rerun()
