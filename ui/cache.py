"""``st.cache_*`` wrappers around the loaders of ``draw_core``.

What is cached is shared by all sessions and never changed. torch is imported by the functions that
need it, not by this module, so that a page can paint before it is there.
"""

import importlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.checkpoint import CheckpointEntry, list_checkpoints, load_preview
from draw_core.rollout import Rollout

if TYPE_CHECKING:
    from draw_core.card import Card
    from draw_core.model import DRAW

# How long a fresh server waits with importing torch, so that its first page paints undisturbed.
_WARM_UP_DELAY_S = 3.0
# One request at a time, on one thread: a whole batch takes 16 ms that way, and threads that wait
# for each other on a busy server take many times as long.
_SAMPLING = threading.BoundedSemaphore(1)


def checkpoint_root() -> Path:
    """Where checkpoints are: ``DRAW_CHECKPOINTS``, else the project's own folder."""
    root = os.environ.get("DRAW_CHECKPOINTS")
    return Path(root) if root else Path(__file__).resolve().parents[1] / "checkpoints"


def checkpoints() -> list[CheckpointEntry]:
    """Every checkpoint, the faulty ones with their fault; read anew, which takes milliseconds."""
    return list_checkpoints(checkpoint_root())


def preview(entry: CheckpointEntry) -> Rollout:
    """The stored samples of a checkpoint. Raises CheckpointError."""
    return _preview(entry.folder, _stamp(entry.folder))


def samples(entry: CheckpointEntry, seed: int, n: int, temperature: float) -> Rollout:
    """What the model paints: the same arguments give the same picture. Raises CheckpointError."""
    return _samples(entry.folder, _stamp(entry.folder), seed, n, temperature)


@st.cache_resource
def warm_up() -> threading.Timer:
    """Imports torch and the network in the background, once for each server."""

    def load() -> None:
        importlib.import_module("draw_core.model")
        importlib.import_module("safetensors.torch")

    timer = threading.Timer(_WARM_UP_DELAY_S, load)
    timer.daemon = True
    timer.start()
    return timer


def _stamp(folder: Path) -> int:
    """Changes when a checkpoint is replaced."""
    return max((f.stat().st_mtime_ns for f in folder.glob("*.*")), default=0)


@st.cache_resource(max_entries=16, show_spinner=False)
def _preview(folder: Path, stamp: int) -> Rollout:
    return load_preview(folder)


@st.cache_resource(max_entries=4, show_spinner="Loading the model")
def _model(folder: Path, stamp: int) -> "tuple[DRAW, Card]":
    from draw_core.checkpoint import load_checkpoint

    return load_checkpoint(folder)


@st.cache_resource(max_entries=64, show_spinner=False)
def _samples(folder: Path, stamp: int, seed: int, n: int, temperature: float) -> Rollout:
    import torch

    model, _ = _model(folder, stamp)
    with _SAMPLING, torch.inference_mode():
        torch.set_num_threads(1)
        trace = model.generate(n, torch.Generator().manual_seed(seed), temperature)
    return Rollout.from_trace(trace)
