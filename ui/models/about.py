"""What a model is in words, from its card."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from draw_core.data.registry import DataError, describe as describe_data
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointError
from ui.kit.text import plain


def describe(name: str, card: Card) -> str:
    """What a checkpoint is and how well it does, in words, from its card alone."""
    c = card.config
    does = "names a picture" if card.family.classifies else "paints"
    text = (
        f"**{plain(name)}** {does} in {c.pace}. It learned from "
        f"{plain(learned_from(card))} ({card.train_images:,} images), in "
        f"{card.wall_time_s / 60:.0f} minutes on {plain(card.hardware)}."
    )
    if card.test:
        what = card.objective
        said = what.said(what.of(card.test))
        if what.unit == "nats":
            text += " A nat is 1.44 bits of information."
        text += f" On {card.test['images']:,} images it never saw, "
        if card.training.binarisation == "grey" and what.unit == "nats":
            text += f"one costs it {said} on average."
        else:
            text += f"{what.verdict.format(said)}; less is better."
    return text


def in_short(card: Card, images: str) -> str:
    """What a model is in a few words, without a subject; ``images``: what it learned from."""
    c = card.config
    short = c.in_short or f"{family_of(c).title}, paints in {c.pace}"
    return f"{short}, learned from {plain(images)}"


def show_notes(cards: Mapping[str, Card]) -> None:
    """What the cards of models say of them, folded away; nothing where no card says anything."""
    cards = {name: card for name, card in cards.items() if card.notes}
    if not cards:
        return
    with st.expander("How they were trained, and what to know of them"):
        for name, card in cards.items():
            st.markdown(f"**{plain(name)}**")
            st.markdown(notes_as_list(card.notes))


def notes_as_list(notes: Sequence[str]) -> str:
    """The notes of a card as a list in Markdown."""
    return "\n".join(f"- {plain(note, 600)}" for note in notes)


def matter(config: NetworkConfig) -> str:
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


@contextmanager
def faults() -> Iterator[None]:
    """Where a checkpoint that cannot be used is one sentence; what follows inside is left out."""
    try:
        yield
    except CheckpointError as error:
        show_fault(plain(str(error)))


def show_fault(fault: str) -> None:
    """One thing that is wrong with a checkpoint, in Markdown."""
    st.warning(fault, icon=":material/warning:")
