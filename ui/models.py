"""Which models there are, what they are in words, and what is wrong with those that fail."""

import streamlit as st

from draw_core.card import Card
from draw_core.checkpoint import CheckpointEntry, CheckpointError

# Shown first where there is a choice.
DEFAULT_MODEL = "mnist-attention"


def choose_default(entries: list[CheckpointEntry]) -> CheckpointEntry | None:
    """The default model, else the first that works, else None."""
    usable = [entry for entry in entries if entry.fault is None]
    preferred = [entry for entry in usable if entry.name == DEFAULT_MODEL]
    return next(iter(preferred + usable), None)


def describe(name: str, card: Card) -> str:
    """What a checkpoint is and how well it does, in words, from its card alone."""
    c = card.config
    text = (
        f"`{name}` paints in {c.num_steps} steps. It learned from {card.train_images:,} images of "
        f"{card.data.upper()}, in {card.wall_time_s / 60:.0f} minutes on {card.hardware}."
    )
    if card.test:
        text += (
            f" On {card.test['images']:,} images it never saw, it needs at most "
            f"{card.test['nll_bound']:.1f} nats to describe one: less is better."
        )
    return text


def show_faults(entries: list[CheckpointEntry]) -> None:
    """Names each checkpoint that cannot be used, with its fault in one sentence."""
    faults = [f"**{entry.name}** is left out: {entry.fault}" for entry in entries if entry.fault]
    if DEFAULT_MODEL not in {entry.name for entry in entries}:
        faults.insert(
            0,
            f"The model **{DEFAULT_MODEL}** is missing: restore the folder "
            f"`checkpoints/{DEFAULT_MODEL}`, or train it with the command in the README.",
        )
    for fault in faults:
        st.warning(fault, icon=":material/warning:")


def show_error(error: CheckpointError) -> None:
    """A checkpoint failed when it was used."""
    st.error(str(error), icon=":material/error:")
