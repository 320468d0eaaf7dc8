"""Samples of a model with the training images nearest to them."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from safetensors.numpy import save

from draw_core.checkpoint import CheckpointEntry
from draw_core.data.registry import DataError, default_root, describe, is_available
from draw_core.neighbours import nearest
from draw_core.rollout import BYTE_PROBABILITIES, Rollout
from ui import privacy
from ui.paper import choice, shell
from ui.source import source
from ui.stage import PLAYER_SCRIPTS
from ui.text import plain

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32, UInt8

SAMPLES, NEIGHBOURS, YARDSTICK = 64, 5, 64
# One comparison at a time, so that many visitors need no more memory than one.
_COMPARING = threading.BoundedSemaphore(1)

_component = st.components.v2.component(
    "draw_paper_nearest",
    html=source("paper/nearest.html"),
    css=source("stage.css", "paper/nearest.css"),
    js=source(*PLAYER_SCRIPTS, "paper/nearest.js"),
)


@dataclass(frozen=True)
class Found:
    """The training images nearest to some samples.

    Attributes:
        samples: what the network made, mean values in 0..255.
        indices: of the training images, from 0, the nearest first.
        distances: L2, black 0 and white 1.
        neighbours: the training images themselves.
        real: distance of test images to the training image nearest to each, as a yardstick.
        images: how many training images there are.
    """

    samples: "UInt8[np.ndarray, 'Q C H W']"
    indices: "Int32[np.ndarray, 'Q K']"
    distances: "Float32[np.ndarray, 'Q K']"
    neighbours: "UInt8[np.ndarray, 'Q K C H W']"
    real: "Float32[np.ndarray, ' R']"
    images: int


def samples_of(rollout: Rollout) -> "UInt8[np.ndarray, 'Q C H W']":
    """The finished canvases as means in 0..255."""
    return np.rint(255 * BYTE_PROBABILITIES[rollout.canvases[-1]]).astype(np.uint8)


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


def pack(
    result: Found, model: str, *, sample: int | None = None, link: Mapping[str, str] | None = None
) -> bytes:
    """What the component shows, as bytes.

    Args:
        result: from :func:`found`.
        model: what made the samples.
        sample: the one to begin with, from 0.
        link: what the address shall say beside the sample; None leaves it alone.
    """
    tensors = {
        "samples": np.ascontiguousarray(result.samples),
        # float32 holds the numbers of sets of up to 16 million images.
        "indices": result.indices.astype(np.float32),
        "distances": result.distances,
        "neighbours": result.neighbours,
        "real": result.real,
    }
    digest = hashlib.blake2b(model.encode(), digest_size=8)
    for name in ("samples", "indices"):
        digest.update(tensors[name].tobytes())
    meta = {
        "id": digest.hexdigest(),
        "model": model,
        "images": result.images,
        "sample": sample,
        "link": None if link is None else dict(link),
    }
    return save(tensors, metadata={"nearest": json.dumps(meta)})


def show(
    key: str, models: choice.Models, before: Callable[[CheckpointEntry], None] | None = None
) -> dict[str, str] | None:
    """The samples of a model that the visitor chooses, with their neighbours.

    Args:
        key: of the figure.
        models: to choose from, at least one.
        before: says something about the chosen one.
    """
    entry, seed, said = choice.choose(key, models)
    if why := _why_none(entry):
        _alone(key, entry, seed, said, why, before)
        return said
    painted = choice.paint(entry, SAMPLES, seed)
    if painted is None:
        return said
    if before:
        before(entry)
    assert entry.card
    try:
        with st.spinner(f"Comparing {SAMPLES} samples with every training image"):
            result = found(samples_of(painted.rollout), entry.card.data)
    except DataError as error:
        _alone(key, entry, seed, said, plain(str(error)))
        return said
    view = shell.linked_view(key, painted.config.num_steps, SAMPLES)
    sample = view.sample if view else None
    data_bytes = pack(result, painted.label, sample=sample, link={"figure": key} | said)
    _component(key=f"paper_nearest_{key}", data=data_bytes)
    return said


def _alone(
    key: str,
    entry: CheckpointEntry,
    seed: int,
    said: dict[str, str],
    why: str,
    before: Callable[[CheckpointEntry], None] | None = None,
) -> None:
    """The samples without neighbours; why stands below, so that their steps are on one screen."""
    from ui.paper.samples import montage

    montage(key, entry, seed, said)
    if before:
        before(entry)
    st.info(
        f"{why} Its samples stand alone here: click one and drag along the steps to see how it was "
        "painted."
    )


def _why_none(entry: CheckpointEntry) -> str:
    """Why a model's training images cannot be shown, in a sentence or two, or nothing."""
    assert entry.card
    if not privacy.may_see(entry.card.data):
        return plain(privacy.withheld(entry), 600)
    return "" if is_available(entry.card.data) else _absent(entry)


def _absent(entry: CheckpointEntry) -> str:
    """Why there are no neighbours, and what to do."""
    try:
        dataset = describe(privacy.data_of(entry))
    except DataError:
        return (
            "The training images of this model are not on this machine: "
            f"{plain(privacy.title_of(entry))}."
        )
    how = (
        f" Choose {dataset.title} on the Train page to fetch it." if dataset.needs_download else ""
    )
    return f"The training images of {plain(dataset.title)} are not on this machine.{how}"
