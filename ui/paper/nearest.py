"""Samples of a model with the training images nearest to them.

Where those images are not at hand, each sample is compared with the other samples.
"""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from draw_core.data.registry import DataError, default_root, describe, is_available
from draw_core.film.film import Film
from draw_core.measure.neighbours import nearest
from ui.kit import names
from ui.kit.source import component
from ui.kit.text import plain
from ui.models import about, cache, privacy
from ui.models.catalogue import Model, Models
from ui.paper import shell
from ui.player import film as player

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32, UInt8

SAMPLES, NEIGHBOURS, YARDSTICK = 64, 5, 64
Among = Literal["training images", "other samples"]
# One comparison at a time, so that many visitors need no more memory than one.
_COMPARING = threading.BoundedSemaphore(1)

_component = component("draw_paper_nearest", "paper/nearest", "player/player.css")


@dataclass(frozen=True)
class Found:
    """The pictures nearest to some samples.

    Attributes:
        samples: what the network made, mean values in 0..255.
        indices: of the pictures compared with, from 0, the nearest first.
        distances: L2, black 0 and white 1.
        neighbours: the nearest pictures themselves.
        real: distance of test images to the training image nearest to each, as a yardstick; empty
            where there are none.
        images: with how many pictures each sample is compared.
        among: what these pictures are.
    """

    samples: "UInt8[np.ndarray, 'Q C H W']"
    indices: "Int32[np.ndarray, 'Q K']"
    distances: "Float32[np.ndarray, 'Q K']"
    neighbours: "UInt8[np.ndarray, 'Q K C H W']"
    real: "Float32[np.ndarray, ' R']"
    images: int
    among: Among = "training images"


def samples_of(film: Film) -> "UInt8[np.ndarray, 'Q C H W']":
    """The finished canvases as means in 0..255."""
    means: UInt8[np.ndarray, "Q C H W"]
    means = np.rint(255 * film.values(film.num_steps)).astype(np.uint8)
    return means


def found(samples: "UInt8[np.ndarray, 'Q C H W']", data: str) -> Found:
    """The neighbours of samples in the training set of that name.

    Raises:
        DataError: if it cannot be read, or its images have another shape.
    """
    return _found(samples.tobytes(), samples.shape, data, str(default_root()))


@st.cache_resource(max_entries=12, show_spinner=False)
def _found(content: bytes, shape: tuple[int, ...], data: str, root: str) -> Found:
    from pathlib import Path

    from draw_core.data.datasets import load

    samples = np.frombuffer(content, np.uint8).reshape(shape)
    with _COMPARING:
        images = load(data, "train", Path(root)).images.numpy()
        if images.shape[1:] != samples.shape[1:]:
            raise DataError("The training images on this machine are of another size.")
        k = min(NEIGHBOURS, len(images))
        real = load(data, "test", Path(root)).images[:YARDSTICK].numpy()
        both = nearest(np.concatenate([samples, real]), images, k)
        indices = both.indices[: len(samples)]
        return Found(
            samples=samples,
            indices=indices.astype(np.int32),
            distances=both.distances[: len(samples)].astype(np.float32),
            neighbours=np.ascontiguousarray(images[indices]),
            real=both.distances[len(samples) :, 0].astype(np.float32),
            images=len(images),
        )


def among_themselves(samples: "UInt8[np.ndarray, 'Q C H W']") -> Found:
    """The samples nearest to each sample, itself left out.

    Args:
        samples: at least two.
    """
    others = len(samples) - 1
    k = min(NEIGHBOURS, others)
    both = nearest(samples, samples, k + 1)
    itself = both.indices == np.arange(len(samples))[:, None]
    # Among many equal ones it may not be in its own list: then the farthest makes room.
    itself[~itself.any(axis=1), -1] = True
    indices = both.indices[~itself].reshape(-1, k)
    return Found(
        samples=samples,
        indices=indices.astype(np.int32),
        distances=both.distances[~itself].reshape(-1, k).astype(np.float32),
        neighbours=np.ascontiguousarray(samples[indices]),
        real=np.zeros(0, np.float32),
        images=others,
        among="other samples",
    )


def at_hand_first(models: Models) -> Models:
    """The models whose training images this visitor can see here, then the others."""
    return dict(sorted(models.items(), key=lambda item: bool(_why_none(item[1]))))


def show(
    key: str,
    entry: Model,
    seed: int,
    said: dict[str, str],
    instead: str | None = None,
) -> None:
    """The samples of a model with their neighbours.

    Args:
        key: of the figure.
        entry: the model.
        seed: of the samples.
        said: what the address says of the figure.
        instead: a data set to search where the model's own is not at hand.
    """
    painted = cache.painted(entry, SAMPLES, seed)
    if painted is None:
        return
    result, words = _compared(entry, samples_of(painted), instead)
    if words:
        st.info(words)
    sent = ("samples", "indices", "distances", "neighbours", "real")
    arrays = {name: getattr(result, name) for name in sent}
    looks = list(names.of_samples(painted, entry.data))
    told = {"model": entry.title, "images": result.images, "among": result.among, "looks": looks}
    view = shell.linked_view(key, painted.num_steps, SAMPLES)
    link = {"figure": key} | said
    data = player.pack({}, told, more=arrays, named=[entry.title], view=view, link=link)
    _component(key=f"paper_nearest_{key}", data=data)


def _compared(
    entry: Model, samples: "UInt8[np.ndarray, 'Q C H W']", instead: str | None
) -> tuple[Found, str]:
    """The neighbours, and what must be said of where they come from, in Markdown."""
    data, words, why = entry.data, "", _why_none(entry)
    if why and instead:
        data, why = instead, ""
        words = (
            f"This model learned from {plain(entry.images)}, whose files are not here. "
            f"All training images of {plain(describe(data).title)} are searched instead."
        )
    if not why:
        try:
            with st.spinner(f"Comparing {len(samples)} samples with every training image"):
                return found(samples, data), words
        except DataError as error:
            why = plain(str(error))
    return among_themselves(samples), (
        f"{why} So each sample is compared with the {len(samples) - 1} other samples: two that are "
        "almost the same would show that the network repeats itself."
    )


def _why_none(entry: Model) -> str:
    """Why a model's training images cannot be shown, in a sentence or two, or nothing."""
    if not privacy.may_see(entry.data):
        return _withheld(entry)
    return "" if is_available(entry.data) else _absent(entry)


def _withheld(entry: Model) -> str:
    """Why images are not shown that are not for this visitor's eyes, in Markdown.

    A model that is shipped says what it learned from, and how to see it; one that a visitor
    trained does not.
    """
    if entry.run:
        return f"This model learned from {plain(entry.images)}."
    title = about.learned_from(entry.card, "")
    what = f"images called “{plain(title)}”" if title else "images that are not shipped with it"
    return (
        f"This model learned from {entry.card.train_images:,} {what}. Images are not shipped with "
        "a model. If you have the same files, upload them on the page Train or run "
        "`python -m draw_core images FOLDER`, and they are shown here."
    )


def _absent(entry: Model) -> str:
    """Why there are no neighbours, and what to do."""
    try:
        dataset = describe(entry.data)
    except DataError:
        return f"The training images of this model are not on this machine: {plain(entry.images)}."
    how = (
        f" Choose {dataset.title} on the Train page to fetch it." if dataset.needs_download else ""
    )
    return f"The training images of {plain(dataset.title)} are not on this machine.{how}"
