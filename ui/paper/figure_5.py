"""Figure 5: a classifier's glimpses at digits in clutter."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.data.registry import DataError, default_root, describe, is_available, nearly_there
from draw_core.store.checkpoint import CheckpointError
from ui.kit.source import component
from ui.kit.text import plain
from ui.models import about, cache
from ui.models.catalogue import Model, shipped
from ui.paper import choice, commands, ours, shell
from ui.player import film as player

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Int64

    from draw_core.film.film import Film

_WITH_MNIST, _WITHOUT_MNIST = "cluttered:mnist", "cluttered:strokes"
PICTURES = 24
# Played in the browser; nothing is reported.
_glimpses = component("draw_paper_glimpses", "paper/glimpses", "player/player.css")


def show() -> dict[str, str] | None:
    """The player, or what is missing."""
    found = choice.with_glimpses()
    if not found:
        for one in shipped().unusable:
            about.show_fault(f"**{plain(one.name)}** is left out: {plain(str(one.fault))}")
        choice.missing(
            f"The classifier {choice.CLASSIFIER} is not trained yet on this server. These commands "
            "train one on composed pictures of clutter:",
            commands.CLASSIFIERS,
        )
        return None
    entry, config = found[0]
    data = entry.data
    if wrong := nearly_there(data):
        st.warning(f"{plain(wrong, 600)} Here are digits drawn by a program instead.")
        data = _WITHOUT_MNIST
    elif not is_available(data):
        st.markdown(
            f"It learned from {plain(about.data_title(data))}, whose digits are not on this "
            "machine. These are drawn by a program instead, so it may err more often on them."
        )
        data = _WITHOUT_MNIST
    try:
        try:
            film, labels = _looked(entry, data)
        except DataError as error:
            if data != _WITH_MNIST:
                raise
            # MNIST is there and cannot be read.
            st.warning(f"{plain(str(error))} Here are digits drawn by a program instead.")
            data = _WITHOUT_MNIST
            film, labels = _looked(entry, data)
        classes = describe(data).classes
    except (CheckpointError, DataError) as error:
        about.show_fault(plain(str(error)))
        return None
    except ValueError as error:  # no composite, or pictures of another shape
        about.show_fault(f"**{plain(entry.name)}** cannot be shown. {plain(str(error))}")
        return None
    _result(entry, config.pace)
    view = shell.linked_view("5", config.num_steps, PICTURES)
    told = {"classes": list(classes), "labels": labels.tolist()}
    data_bytes = player.pack({"": film}, told, view=view, link={"figure": "5"})
    _glimpses(key="paper_glimpses", data=data_bytes)
    _protocol(entry)
    return None


def _result(entry: Model, glimpses: str) -> None:
    """How well it does, from its card."""
    test, error = entry.card.test, entry.card.value
    if test is None or error is None:
        return
    text = (
        f"**{plain(entry.name)}** takes {glimpses} and errs on "
        f"**{error:.2f} %** of {test['images']:,} test pictures."
    )
    other = ours.whole_picture()
    if other is not None:
        text += (
            " A convolutional network that sees the whole picture at once errs "
            f"{_relation(other, error)}: on {other:.2f} %."
        )
    st.markdown(text)


def _relation(error: float, other: float) -> str:
    if error == other:
        return "as often"
    return "less often" if error < other else "more often"


def _protocol(entry: Model) -> None:
    """How this was measured, and how often it would err before its last glimpse."""
    test = entry.card.test
    if test is None:
        return
    more = _after_glimpses(test.get("after_glimpse", ()))
    st.markdown(f"{more}Table 1 sets its error beside the numbers of the paper.")
    st.caption(plain(entry.card.protocol(), 1000))


def _after_glimpses(errors: Sequence[float]) -> str:
    """How often it would err after some of its glimpses, in a sentence, or nothing."""
    last = len(errors)
    if last < 2:
        return ""
    shown = sorted({1, max(1, last // 2), last})
    first, *more = [f"after {k} on {errors[k - 1]:.1f} %" for k in shown]
    return (
        f"Asked after 1 glimpse, it errs {first.removeprefix('after 1 ')}, {', '.join(more)}; only "
        "its last answer was trained. "
    )


def _looked(entry: Model, data: str) -> "tuple[Film, Int64[np.ndarray, ' B']]":
    with st.spinner("Composing the pictures and looking at them"):
        return _looks(entry.folder, cache.stamp(entry.folder), data, str(default_root()))


@st.cache_resource(max_entries=2, show_spinner=False)
def _looks(
    folder: Path,
    stamp: cache.Stamp,  # noqa: ARG001
    data: str,
    root: str,
) -> "tuple[Film, Int64[np.ndarray, ' B']]":
    import numpy as np
    import torch

    from draw_core.data.composed.composites import open_composer
    from draw_core.data.datasets import require_shape
    from draw_core.measure.error_rate import as_input, classifier_of
    from draw_core.store.checkpoint import load_checkpoint

    composer = open_composer(data, "test", Path(root))
    numbers = np.arange(PICTURES)
    images = torch.from_numpy(composer.images(numbers))
    model, card = load_checkpoint(folder)
    require_shape(images, card.config.shape)
    with cache.one_at_a_time():
        return classifier_of(model).look(model, as_input(images)), composer.labels(numbers)
