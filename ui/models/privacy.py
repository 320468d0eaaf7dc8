"""What is for one visitor's eyes alone: the images that they imported, and what learned from them.

Neither is listed, named or shown to anybody else, whatever an address says. Who began a training on
their own images may share it: everybody here then sees the network and what it paints, but not the
images that it learned from, nor what they are called.
"""

import dataclasses
from pathlib import Path

import streamlit as st

from draw_core.data import shelf
from draw_core.data.registry import FOLDER_PREFIX, DataError, RootError, default_root
from draw_core.runs.registry import RunConfig, RunEntry
from ui.kit import browser, page
from ui.kit.session import Slot
from ui.models import runs

SOMEBODYS = "images that somebody else imported"
_UNKNOWN = "?"  # whose a set is that is not here, or cannot be read
# All trainings, whose names the visitor has, and what they may know of.
_Kept = tuple[list[RunEntry], frozenset[str], list[RunEntry]]
_ENTRIES: Slot[_Kept | None] = Slot("privacy_entries", None)


# ---- images


def my_sets() -> list[str]:
    """The imported sets that are this visitor's or everyone's, oldest first."""
    try:
        folders = shelf.list_folders()
    except RootError:  # the server knows no folder to keep any in
        return []
    return [one.dataset.name for one in reversed(folders) if _is_theirs(one.owner)]


def may_see(data: str) -> bool:
    """Whether this visitor may see the images of a data set: an imported one is its owner's."""
    return _is_theirs(_owner(data))


def require_sight(data: str) -> None:
    """Refuses what this visitor may not see.

    Raises:
        DataError: with the sentence for images that are not there.
    """
    if not may_see(data):
        raise DataError(f"There is no data set {data!r} here, or it is somebody else's.")


def _owner(data: str, root: Path | None = None) -> str | None:
    """Whose a data set is; None where it is everyone's."""
    if not data.startswith(FOLDER_PREFIX):
        return None
    try:
        return shelf.read(data, root or default_root()).owner
    except DataError:
        return _UNKNOWN


# ---- trainings


def is_private(config: RunConfig) -> bool:
    """Whether a training learned from images that are not everyone's."""
    owner = _owner(config.data, Path(config.data_root) if config.data_root else None)
    # Of images that are gone nobody knows whose they were; those of the command line are its own.
    return owner is not None if owner != _UNKNOWN else config.owner is not None


def is_mine(config: RunConfig) -> bool:
    """Whether this visitor began or imported a training."""
    return config.owner is not None and config.owner in browser.owners()


def may_watch(config: RunConfig) -> bool:
    """Whether this visitor may know of a training."""
    return config.shared or is_mine(config) or not _is_withheld(config)


def may_see_images(config: RunConfig) -> bool:
    """Whether this visitor may see images of those that a training learns from."""
    return is_mine(config) or not _is_withheld(config)


def _is_withheld(config: RunConfig) -> bool:
    return is_private(config) and not _is_theirs(_owner(config.data))


def _is_theirs(owner: str | None) -> bool:
    """Whether something is everyone's or this visitor's, as far as that is known by now."""
    if owner is None or owner in browser.owners():
        return True
    browser.ask()
    return False


def name_of(config: RunConfig) -> str:
    """What a training is called, as far as this visitor may know.

    A name that nobody typed says which images it learned from.
    """
    if config.kept or may_see_images(config):
        return config.name
    preset = config.family.presets.get(config.preset or "")
    return f"{preset.title if preset else 'A training'}, {SOMEBODYS}"


def entries() -> list[RunEntry]:
    """The trainings that this visitor may know of, newest first, under the names they may know."""
    found, who = runs.every_entry(), browser.owners()
    kept = _ENTRIES.get()
    # Whose a set is stands in a file, and a page asks for each of its labels.
    if kept is None or kept[0] is not found or kept[1] != who:
        mine = [_renamed(e) for e in found if e.config is None or may_watch(e.config)]
        kept = found, who, mine
        _ENTRIES.put(kept)
    return kept[2]


def _renamed(entry: RunEntry) -> RunEntry:
    if entry.config is None or (name := name_of(entry.config)) == entry.config.name:
        return entry
    return dataclasses.replace(entry, config=dataclasses.replace(entry.config, name=name))


# ---- addresses


def wait_for_visitor() -> None:
    """Ends the page where its address names what may be this visitor's, until that is known.

    Call it when the page begins. The browser answers at once, and the page is opened again.
    """
    if browser.is_known() or not _names_something_private():
        return
    browser.ask(wait=True)
    browser.say("who")
    page.open_again()  # the address is still to be read
    st.caption("One moment: the address names something that may be yours.")
    st.stop()


def _names_something_private() -> bool:
    texts = [text for name in st.query_params for text in st.query_params.get_all(name)]
    address = " ".join(texts)
    if FOLDER_PREFIX in address:
        return True
    return any(
        entry.config is not None and entry.id in address and not may_watch(entry.config)
        for entry in runs.every_entry()
    )
