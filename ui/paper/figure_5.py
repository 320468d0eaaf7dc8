"""Figure 5: a classifier's glimpses at digits in clutter."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.checkpoint import CheckpointError, checkpoint_root
from draw_core.classify.checkpoint import ClassifierEntry, list_classifiers
from draw_core.data.registry import DataError, default_root, describe
from ui import models
from ui.paper import choice, shell
from ui.text import plain

if TYPE_CHECKING:
    from ui.paper.glimpses import Looks

MODEL = "cluttered-classifier"
COMMAND = (
    "python -m draw_core classify train --run-dir runs/cluttered\n"
    "python -m draw_core classify publish runs/cluttered"
)
PICTURES = 24


def classifiers() -> list[ClassifierEntry]:
    """Those that can be used, the shipped one first."""
    found = [entry for entry in list_classifiers(checkpoint_root()) if entry.card]
    return sorted(found, key=lambda entry: (entry.name != MODEL, entry.name))


def show() -> dict[str, str] | None:
    """The player, or what is missing."""
    found = classifiers()
    if not found:
        for entry in list_classifiers(checkpoint_root()):
            models.show_fault(f"**{plain(entry.name)}** is left out: {plain(entry.fault or '')}")
        choice.missing(
            f"The classifier {MODEL} is not trained yet on this server. These commands train one "
            "on composed pictures of clutter:",
            COMMAND,
        )
        return None
    from ui.paper.glimpses import glimpses, pack

    entry = found[0]
    assert entry.card
    data = entry.card.data
    try:
        with st.spinner("Composing the pictures and looking at them"):
            looks = _looks(entry.folder, _stamp(entry.folder), data, str(default_root()))
        classes = describe(data).classes
    except (CheckpointError, DataError) as error:
        models.show_fault(plain(str(error)))
        return None
    config = entry.card.glimpse_config
    _line(entry)
    view = shell.linked_view("5", config.num_steps, PICTURES)
    glimpses(pack(looks, classes, view=view, link={"figure": "5"}), key="paper_glimpses")
    return None


def _line(entry: ClassifierEntry) -> None:
    """How well it does, from its card."""
    assert entry.card
    test = entry.card.model.test
    if test is None:
        return
    text = (
        f"**{plain(entry.name)}** takes {entry.card.glimpse_config.num_steps} glimpses and errs on "
        f"**{test.error:.2f} %** of {test.images:,} test pictures"
    )
    baseline = entry.card.baseline
    if baseline and baseline.test:
        text += (
            "; a convolutional network that sees the whole picture errs on "
            f"{baseline.test.error:.2f} %"
        )
    st.markdown(f"{text}. Table 1 sets this beside the numbers of the paper.")


def _stamp(folder: Path) -> int:
    """Changes when the checkpoint is replaced."""
    return sum(file.stat().st_mtime_ns for file in folder.iterdir())


@st.cache_resource(max_entries=2, show_spinner=False)
def _looks(folder: Path, stamp: int, data: str, root: str) -> "Looks":  # noqa: ARG001
    import numpy as np
    import torch

    from draw_core.classify.checkpoint import load_classifier
    from draw_core.classify.train import as_input
    from draw_core.data.composites import open_composer
    from ui.paper.glimpses import Looks

    composer = open_composer(data, "test", Path(root))
    numbers = np.arange(PICTURES)
    images = composer.images(numbers)
    with torch.inference_mode():
        trace = load_classifier(folder).model(as_input(images))
    return Looks(
        images=images,
        labels=composer.labels(numbers),
        params=trace.params.numpy(),
        patches=trace.patches.numpy(),
        probabilities=trace.logits.softmax(dim=-1).numpy(),
    )
