"""Galleries: the pictures on this machine that a page offers, each with a name for the address.

A gallery is a data set (``"strokes"``, ``"folder:ID"``), the stored samples of a model
(``"sample:MODEL"``) or the test pictures made by a program (``"scene"``). A picture is a gallery, a
colon and a number from 0; a drawing is named by its own pixels; a scaled picture begins with its
new shape, as in ``"1x28x28@scene:0"``.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from draw_core.data.drawn.scenes import SCENES, scene
from draw_core.data.intake.intake import fit
from draw_core.data.registry import (
    COMPOSITES,
    DATASETS,
    FOLDER_PREFIX,
    DataError,
    default_root,
    describe,
    is_available,
)
from draw_core.data.seen import as_seen
from draw_core.store.checkpoint import PREVIEW_SAMPLES, CheckpointError
from ui.kit import page, state
from ui.kit.picture import DRAWN, Picture, drawing_link, from_drawing_link
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import cache, draw, privacy
from ui.models.catalogue import Model, Models, best_to_watch, catalogue, title_of

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from numpy.typing import NDArray

    from draw_core.data.composed.composites import Composer

# What an address must name, as its notices say it.
LINK_WORDS = "the name of a picture on this machine, which may have to be fetched on the page Train"
DRAWING, SAMPLES, TEST_PICTURES = "drawing", "sample", "scene"
# So many drawn strokes are at hand in a moment, on a machine where they were never made.
_QUICK = 250
_FRESH_S = 3  # so long what is on the disk is taken for what it was
_SCALED = re.compile(r"([13])x([0-9]{1,3})x([0-9]{1,3})@([^@]+)")
_LARGEST = 128
_NUMBER = re.compile("[0-9]{1,6}")


@dataclass(frozen=True)
class Target:
    """What a network takes: the shape of its images, and whether they are black and white."""

    channels: int
    height: int
    width: int
    binary: bool

    @classmethod
    def of(cls, entry: Model) -> "Target":
        """What this model takes."""
        c = entry.config
        binary = entry.card.training.binarisation != "grey"
        return cls(c.channels, c.height, c.width, binary)

    def take(self, pixels: "UInt8[np.ndarray, 'C H W']") -> "UInt8[np.ndarray, 'c h w']":
        """The picture as the network sees it, in 0..255."""
        fitted = fit(pixels, self.channels, self.height, self.width)
        return _in_bytes(as_seen(fitted, "threshold" if self.binary else "grey"))


def can_be_shown(entry: Model) -> bool:
    """Whether a model's images are grey or colour."""
    return entry.config.channels in (1, 3)


def draws(found: Models) -> Models:
    """The DRAW networks whose images can be shown, those first that a newcomer should see."""
    best = best_to_watch(draw.of_draw(found)).items()
    return {name: entry for name, entry in best if can_be_shown(entry)}


def opened(open_page: Callable[[Models], None], notices: Slot[list[str]]) -> Models:
    """These networks, as a page is opened that shows them; where there is none it ends here.

    Args:
        open_page: reads the address, when the visitor has just come.
        notices: what it could not use.
    """
    privacy.wait_for_visitor()
    found = catalogue()
    usable = draws(found.models)
    if not usable:
        found.show_unusable()
        st.stop()
    if page.unread_address():
        open_page(usable)
    state.show_notices(notices.get())
    found.show_unusable()
    return usable


def offered(own: list[str], entry: Model | None, *, scenes: bool) -> dict[str, str]:
    """The galleries to choose from and what they are called.

    Args:
        own: names of the visitor's own data sets.
        entry: the model whose samples are among them.
        scenes: whether the test pictures are, which come first then.
    """
    names = [TEST_PICTURES] if scenes else []
    names += [name for name in (*DATASETS, *own) if _is_here(name, _roots())]
    titles = {name: title(name) for name in names}
    if entry and "generate" in entry.family.abilities:
        titles[SAMPLES] = title(samples_of(entry.name))
    return titles


# Every action of every visitor asks for these; what is on the disk changes seldom.
@st.cache_data(ttl=_FRESH_S, max_entries=256, show_spinner=False)
def _is_here(name: str, roots: tuple[str | None, ...]) -> bool:  # noqa: ARG001 - part of the key
    return is_available(name)


def _roots() -> tuple[str | None, ...]:
    return tuple(os.environ.get(name) for name in ("DRAW_DATA_ROOT", "DRAW_CHECKPOINTS"))


def shelf(gallery: str, numbers: tuple[int, ...], target: Target | None) -> list[Picture]:
    """Several pictures of a gallery that the visitor may see; see :func:`picture`.

    Raises:
        DataError: if one cannot be had.
    """
    count(gallery)  # refuses those that are not for this visitor
    return _shelf(gallery, numbers, target, _roots())


@st.cache_resource(ttl=_FRESH_S, max_entries=256, show_spinner=False)
def _shelf(
    gallery: str,
    numbers: tuple[int, ...],
    target: Target | None,
    roots: tuple[str | None, ...],  # noqa: ARG001 - part of the key
) -> list[Picture]:
    return [picture(gallery, number, target) for number in numbers]


def samples_of(model: str) -> str:
    """The gallery of a model's samples."""
    return f"{SAMPLES}:{model}"


def title(gallery: str) -> str:
    """What a gallery is called on a page."""
    if gallery == TEST_PICTURES:
        return "Test pictures"
    if gallery.startswith(f"{SAMPLES}:"):
        return f"Samples of {_model_label(gallery)}"
    return describe(gallery).title


def count(gallery: str) -> int:
    """How many pictures a gallery has.

    Raises:
        DataError: if there is no such gallery.
    """
    if gallery == TEST_PICTURES:
        return 2 * len(SCENES)  # in colour, then in grey
    if gallery.startswith(f"{SAMPLES}:"):
        return PREVIEW_SAMPLES
    privacy.require_sight(gallery)
    return describe(gallery).sizes.test


def at_once(gallery: str) -> int:
    """How many of them can be had without a wait."""
    if gallery == "strokes" and not _strokes_made():
        return _QUICK
    return count(gallery)


def picture(gallery: str, index: int, target: Target | None = None) -> Picture:
    """One picture of a gallery, as a network takes it, or as it is if there is no target.

    Raises:
        DataError: if it cannot be had; the message says why.
    """
    if not 0 <= index < count(gallery):
        raise DataError(f"There is no picture {index} in {title(gallery)}.")
    link = f"{gallery}:{index}"
    if gallery == TEST_PICTURES:
        turn, number = divmod(index, len(SCENES))
        name = list(SCENES)[number]
        pixels, words = _scene(name), f"the test picture “{name}” ({SCENES[name]})"
        if turn:
            pixels, words = fit(pixels, 1, *pixels.shape[1:]), f"{words}, in grey"
    elif gallery.startswith(f"{SAMPLES}:"):
        pixels = _sample(gallery, index)
        words = f"sample {index + 1} of {_model_label(gallery)}"
    else:
        pixels, label = _image(gallery, index)
        dataset = describe(gallery)
        words = f"test image {index} of {dataset.title}"
        if dataset.classes:
            words += f" ({dataset.classes[label]})"
    return Picture(target.take(pixels) if target else pixels, words, link)


def scaled(picture: Picture, shape: tuple[int, ...]) -> Picture:
    """The picture in another shape (C, H, W), with an address of its own if it had one."""
    if picture.pixels.shape == shape:
        return picture
    channels, height, width = shape
    name = f"{channels}x{height}x{width}"
    link = picture.link and f"{name}@{picture.link}"
    words = f"{picture.words}, scaled to {width}×{height}"
    return Picture(fit(picture.pixels, channels, height, width), words, link)


def from_link(link: str, target: Target | None = None) -> Picture | None:
    """The picture that an address names, or None if it names none."""
    if match := _SCALED.fullmatch(link):
        found = _from_scaled_link(match)
        if found and target:
            found = replace(found, pixels=target.take(found.pixels))
        return found
    gallery, _, number = link.rpartition(":")
    if gallery == DRAWING:
        pixels = from_drawing_link(number)
        if pixels is None:
            return None
        return Picture(target.take(pixels) if target else pixels, "a drawing", link)
    try:
        return picture(gallery, int(number), target) if _NUMBER.fullmatch(number) else None
    except (DataError, CheckpointError):
        return None


def _from_scaled_link(match: re.Match[str]) -> Picture | None:
    whole, shape = from_link(match[4]), tuple(map(int, match.groups()[:3]))
    if whole is None or not 2 <= min(shape[1:]) <= max(shape[1:]) <= _LARGEST:
        return None
    return scaled(whole, shape)


def drawn(pixels: "UInt8[np.ndarray, 'C H W']") -> Picture:
    """A picture that the visitor drew."""
    link = drawing_link(pixels)
    return Picture(pixels, DRAWN, link and f"{DRAWING}:{link}")


def _model_label(gallery: str) -> str:
    return title_of(gallery.removeprefix(f"{SAMPLES}:"))


def _strokes_made() -> bool:
    from draw_core.data.drawn import strokes

    return strokes.are_made()


def _image(name: str, index: int) -> "tuple[UInt8[np.ndarray, 'C H W'], int]":
    if name.startswith(FOLDER_PREFIX):  # of any size, and seen by few
        from draw_core.data.folders.folder import read_one

        return read_one(name, "test", index, default_root())
    if name.partition(":")[0] in COMPOSITES:
        composer = _composer(name, default_root())
        number = np.array([index])
        return composer.images(number)[0], int(composer.labels(number)[0])
    if name == "strokes" and index < _QUICK and not _strokes_made():
        images, labels = _first_strokes()
    else:
        images, labels = _test_split(name, None if name == "strokes" else default_root())
    return images[index], int(labels[index])


@st.cache_resource(show_spinner=False)
def _first_strokes() -> Any:
    from draw_core.data.drawn import strokes

    return strokes.make("test", _QUICK)


@st.cache_resource(max_entries=4, show_spinner="Reading the digits")
def _composer(name: str, root: Path) -> "Composer":
    from draw_core.data.composed.composites import open_composer

    return open_composer(name, "test", root)


@st.cache_resource(max_entries=4, show_spinner="Reading the images")
def _test_split(name: str, root: Path | None) -> Any:
    if name == "strokes":
        from draw_core.data.drawn import strokes

        return strokes.load("test", root)
    from draw_core.data import datasets

    images, labels = datasets.load(name, "test", root)
    return images.numpy(), labels.numpy()


_scene = st.cache_resource(show_spinner=False)(scene)


def _sample(gallery: str, index: int) -> "UInt8[np.ndarray, 'C H W']":
    model = gallery.removeprefix(f"{SAMPLES}:")
    entry = catalogue().models.get(model)
    if entry is None or not can_be_shown(entry) or "generate" not in entry.family.abilities:
        raise DataError(f"There are no samples of {plain(model, 60)} here.")
    film, _ = cache.film(entry, PREVIEW_SAMPLES)
    return _in_bytes(film.codec.values[film.last[index]])


def _in_bytes(values: "NDArray[np.floating]") -> "UInt8[np.ndarray, 'C H W']":
    """Values of 0..1 as those of 0..255."""
    pixels: UInt8[np.ndarray, "C H W"] = np.rint(255 * values).astype(np.uint8)
    return pixels
