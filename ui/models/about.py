"""Which models there are, what they are in words, and what is wrong with those that fail."""

from collections.abc import Mapping, Sequence

import streamlit as st

from draw_core.data.registry import DataError
from draw_core.data.registry import describe as describe_data
from draw_core.families.draw.config import DrawConfig
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointEntry
from ui.kit.text import plain

# Shown first where there is a choice.
DEFAULT_MODEL = "mnist-attention"
# Those that show best how DRAW paints, the best first: their windows are small and travel far
# (draw_core.film.pen).
WATCHED_FIRST = ("mnist-pen", "mnist-two-digits", "strokes-attention")


def usable(entries: list[CheckpointEntry]) -> dict[str, CheckpointEntry]:
    """The checkpoints without a fault by name, the default model first."""
    good = sorted((e for e in entries if e.card), key=lambda e: (e.name != DEFAULT_MODEL, e.name))
    return {entry.name: entry for entry in good}


def best_to_watch(models: Mapping[str, CheckpointEntry]) -> list[CheckpointEntry]:
    """The models, those first that a newcomer should see painting."""
    first = [models[name] for name in WATCHED_FIRST if name in models]
    return first + [entry for entry in models.values() if entry not in first]


def describe(name: str, card: Card) -> str:
    """What a checkpoint is and how well it does, in words, from its card alone."""
    c = card.config
    text = (
        f"**{plain(name)}** paints in {c.num_steps} steps. It learned from "
        f"{plain(learned_from(card))} ({card.train_images:,} images), in "
        f"{card.wall_time_s / 60:.0f} minutes on {plain(card.hardware)}."
    )
    if card.test:
        images, nats = f"{card.test['images']:,}", f"{card.test['nll_bound']:.1f}"
        text += " A nat is 1.44 bits of information."
        if card.training.binarisation == "grey":
            text += f" On {images} images it never saw, one costs it {nats} nats on average."
        else:
            text += (
                f" On {images} images it never saw, the network needs at most {nats} nats to "
                "describe one image; less is better."
            )
    return text


def in_short(card: Card, images: str) -> str:
    """What a model is in a few words, without a subject; ``images``: what it learned from."""
    c = card.config
    if not c.write_attention:
        place = "on the whole page at once"
    elif c.max_write_side is None:
        place = "through a window of any size"
    else:
        share = f"{100 * c.max_write_side:.0f}\N{NO-BREAK SPACE}%"
        place = f"through a window of at most {share} of the page"
    return f"{c.num_steps} steps, writes {place}, learned from {plain(images)}"


def show_notes(entries: Sequence[CheckpointEntry]) -> None:
    """What the cards of models say of them, folded away; nothing where no card says anything."""
    cards = {entry.name: entry.card for entry in entries if entry.card and entry.card.notes}
    if not cards:
        return
    with st.expander("How they were trained, and what to know of them"):
        for name, card in cards.items():
            st.markdown(f"**{plain(name)}**")
            st.markdown(notes_as_list(card.notes))


def notes_as_list(notes: Sequence[str]) -> str:
    """The notes of a card as a list in Markdown."""
    return "\n".join(f"- {plain(note, 600)}" for note in notes)


def matter(config: DrawConfig) -> str:
    """What the canvas of a network gains: ink, or light where it is coloured."""
    return "light" if config.channels == 3 else "ink"


_GONE = "images that are no longer on this machine"


def learned_from(card: Card, otherwise: str = _GONE) -> str:
    """What the images are called that a network learned from; not to be trusted as Markdown.

    Args:
        otherwise: for images that are not on this machine and that its card does not name.
    """
    return data_title(card.data, card.data_title or otherwise)


def data_title(data: str, otherwise: str = _GONE) -> str:
    """What a data set is called; ``otherwise`` is for when it is not on this machine."""
    try:
        return describe_data(data).title
    except DataError:
        return otherwise


def show_faults(entries: list[CheckpointEntry]) -> None:
    """Names each checkpoint that cannot be used, with its fault in one sentence."""
    faults = [
        f"**{plain(entry.name)}** is left out: {plain(entry.fault)}"
        for entry in entries
        if entry.fault
    ]
    if DEFAULT_MODEL not in {entry.name for entry in entries}:
        faults.insert(
            0,
            f"The model **{DEFAULT_MODEL}** is missing: restore its folder in the folder of "
            "checkpoints, or train it with the command in the README.",
        )
    for fault in faults:
        show_fault(fault)


def show_fault(fault: str) -> None:
    """One thing that is wrong with a checkpoint, in Markdown."""
    st.warning(fault, icon=":material/warning:")
