"""``st.cache_*`` wrappers around the loaders of ``draw_core``.

What is cached is shared by all sessions and never changed. torch is imported by the functions that
need it, not by this module, so that a page can paint before it is there.
"""

import contextlib
import gc
import importlib
import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st

from draw_core.base import files
from draw_core.families.registry import FAMILIES, engine_of
from draw_core.film.film import Film
from draw_core.runs.run import CONFIG as RUN_CONFIG
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    PREVIEW_SAMPLES,
    PREVIEW_SEED,
    WEIGHTS,
    CheckpointError,
    load_preview,
)
from ui.kit.text import plain
from ui.models import about
from ui.models.catalogue import Model
from ui.models.warm_up import WhenQuiet

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8
    from torch import nn

    from draw_core.families.rebuilt import Rebuilt, Seen
    from draw_core.store.card import Card

_log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, ...], ...]

# How long a fresh server waits with importing torch, so that its first pages paint undisturbed,
# and with the process that trains.
_WARM_UP_DELAY_S, _TRAINING_DELAY_S = 3.0, 1.0
_WARM_UP_LATEST_S = 15.0
_SAMPLING = threading.BoundedSemaphore(1)


def film(
    model: Model, n: int, seed: int = PREVIEW_SEED, temperature: float = 1.0
) -> tuple[Film, str | None]:
    """What the model paints, and what is wrong with its stored samples if they cannot be used.

    The same arguments give the same picture. Stored samples serve where they can: they need
    neither torch nor the weights.

    Raises:
        CheckpointError: if the model cannot be loaded.
    """
    fault = None
    now = stamp(model.folder)
    if seed == PREVIEW_SEED and temperature == 1.0 and n <= PREVIEW_SAMPLES:
        try:
            return _preview(model.folder, now, n), None
        except CheckpointError as error:
            # A run stores its samples when it is finished: till then they are not missing.
            if (model.folder / PREVIEW).exists() or not (model.folder / RUN_CONFIG).exists():
                fault = str(error)
    return _samples(model.folder, now, seed, n, temperature), fault


def painted(
    model: Model, n: int, seed: int = PREVIEW_SEED, temperature: float = 1.0
) -> Film | None:
    """As :func:`film`, but what is wrong is said; None where the model cannot be used."""
    shown = None
    try:
        shown, fault = film(model, n, seed, temperature)
    except CheckpointError as error:
        fault = str(error)
    if fault:
        about.show_fault(plain(fault))
    return shown


def reconstruction(
    model: Model, image: "UInt8[np.ndarray, 'C H W']", seed: int | None = 0
) -> "Rebuilt":
    """How a model that can do so rebuilds an image; see :func:`seen`."""
    return cast("Rebuilt", seen(model, image, seed))


def seen(model: Model, image: "UInt8[np.ndarray, 'C H W']", seed: int | None = 0) -> "Seen":
    """What the model makes of an image of its own shape; ``seed=None`` is the mean, z = mu.

    Raises:
        CheckpointError: if the model cannot be loaded.
        ValueError: if the image has another shape.
    """
    return _seen(model.folder, stamp(model.folder), image.tobytes(), image.shape, seed)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Where a network is run: by one visitor at a time, on one thread.

    A whole batch takes 16 ms that way, and threads that wait for each other on a busy server take
    many times as long.
    """
    import torch

    with _SAMPLING:
        torch.set_num_threads(1)
        yield


def warm_up() -> None:
    """Does in the background, once for each server, what its first visitor need not wait for.

    Imports torch and the network, and goes on with trainings that an earlier server left.
    """
    _warming("warm_up").page_shown()


def warm_up_training() -> None:
    """Starts the process that trains before a visitor asks for it, in the background.

    That costs next to nothing where it runs already.
    """
    _warming("warm_up_training").page_shown()


@st.cache_resource(show_spinner=False)
def _warming(name: str) -> WhenQuiet:
    if name == "warm_up":
        return WhenQuiet(_load, _WARM_UP_DELAY_S, _WARM_UP_LATEST_S)
    return WhenQuiet(_start_training, _TRAINING_DELAY_S, _WARM_UP_LATEST_S, again=True)


def _load() -> None:
    try:
        importlib.import_module("draw_core.jobs").resume_interrupted()
    except Exception:  # noqa: BLE001 - everything else still works
        _log.exception("Interrupted trainings could not be taken up")
    for family in FAMILIES.values():
        family.load_engine()
    importlib.import_module("safetensors.torch")
    importlib.import_module("draw_core.data.datasets")
    # When Python looks for garbage, it need not look at the modules that are loaded by now: a
    # million objects, a third of a second for all visitors.
    gc.collect()
    gc.freeze()


def _start_training() -> None:
    importlib.import_module("draw_core.jobs").warm_up()


def stamp(folder: Path, names: Sequence[str] = (WEIGHTS, CARD, PREVIEW)) -> Stamp:
    """Changes when a checkpoint is replaced, or other files of these names in a folder."""
    return tuple(files.stamp(folder / name) for name in names)


@st.cache_resource(max_entries=32, show_spinner=False)
def _preview(folder: Path, stamp: Stamp, n: int) -> Film:
    """The first n, as the same film each time, so that what is asked of it can be kept."""
    whole = n == PREVIEW_SAMPLES
    return load_preview(folder) if whole else _preview(folder, stamp, PREVIEW_SAMPLES).first(n)


@st.cache_resource(max_entries=4, show_spinner="Loading the model")
def _model(folder: Path, stamp: Stamp) -> "tuple[nn.Module, Card]":
    from draw_core.store.checkpoint import load_checkpoint

    return load_checkpoint(folder)


# Of the largest networks that are trained here, one of 64 samples takes a hundred megabytes.
@st.cache_resource(max_entries=12, show_spinner=False)
def _samples(folder: Path, stamp: Stamp, seed: int, n: int, temperature: float) -> Film:
    from draw_core.learning.device import tiny_as_zero

    model, card = _model(folder, stamp)
    with one_at_a_time(), tiny_as_zero():
        return engine_of(card.config).generate(model, n, seed, temperature)


@st.cache_resource(max_entries=64, show_spinner=False)
def _seen(
    folder: Path, stamp: Stamp, image: bytes, shape: tuple[int, ...], seed: int | None
) -> "Seen":
    import numpy as np

    model, card = _model(folder, stamp)
    pixels = np.frombuffer(image, np.uint8).reshape(shape).copy()
    with one_at_a_time():
        how = card.training.binarisation
        return engine_of(card.config).look_at(model, pixels, how, seed)
