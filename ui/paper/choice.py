"""Which model a figure shows, which seed, and what stands in its place while there is none."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.families.draw.config import DrawConfig
from draw_core.families.glimpse.checkpoint import ClassifierEntry, list_classifiers
from draw_core.film.film import Film
from draw_core.store.checkpoint import CheckpointEntry, CheckpointError, checkpoint_root
from ui.kit import state
from ui.kit.text import plain
from ui.models import about, cache, command_lines, privacy
from ui.paper import shell

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator as Container

Models = Mapping[str, CheckpointEntry]
TRAIN = "pages/4_Train.py"
CLASSIFIER = "cluttered-classifier"  # the shipped one


@dataclass(frozen=True)
class Painted:
    """What a model painted for a figure.

    Attributes:
        entry: the model.
        config: of its network.
        film: the samples.
    """

    entry: CheckpointEntry
    config: DrawConfig
    film: Film

    @property
    def label(self) -> str:
        """What the model is called on the page."""
        return privacy.label(self.entry.name)


def having(fits: Callable[[CheckpointEntry], bool], *first: str) -> Models:
    """The models that fit a figure: those named first, then what is shipped, then trained runs."""
    found = about.usable(cache.checkpoints()) | about.usable(privacy.trained_models())
    fitting = {name: entry for name, entry in found.items() if entry.card and fits(entry)}
    order = {name: k for k, name in enumerate(first)}
    return dict(sorted(fitting.items(), key=lambda item: order.get(item[0], len(order))))


def classifiers() -> list[ClassifierEntry]:
    """Those that can be used, the shipped one first."""
    found = [entry for entry in list_classifiers(checkpoint_root()) if entry.card]
    return sorted(found, key=lambda entry: (entry.name != CLASSIFIER, entry.name))


def config_of(entry: CheckpointEntry) -> DrawConfig:
    """The network of a model that has a card."""
    assert entry.card
    return entry.card.config


def missing(sentence: str, command: str = "") -> None:
    """Says what is not here, and how to get it."""
    with st.container(border=True):
        st.markdown(f":material/hourglass_empty: {sentence}")
        if command:
            lines = command_lines.placed(command)
            command_lines.show(lines)
            command_lines.explain(lines)
        st.page_link(TRAIN, label="Train one here", icon=":material/model_training:")


def settings(
    entry_key: str, found: Models, first_seed: int = 0
) -> tuple[state.Setting, state.Setting]:
    """The model and the seed of a figure in an address."""
    prefix = f"paper_{entry_key}"
    return (
        state.one_of("model", next(iter(found)), list(found), key=f"{prefix}_model"),
        state.whole_number("seed", first_seed, 0, state.MAX_SEED, key=f"{prefix}_seed"),
    )


def row(entry_key: str) -> "Container":
    """Where what can be chosen in a figure stands side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"paper_{entry_key}_row")


def choose(
    entry_key: str, found: Models, first_seed: int = 0, beside: "Container | None" = None
) -> tuple[CheckpointEntry, int, dict[str, str]]:
    """The row with model, seed and a button for other samples.

    Args:
        entry_key: of the figure.
        found: the models to choose from.
        first_seed: of the samples that are shown first.
        beside: :func:`row` of the figure, where it says more beside the button.

    Returns:
        The model, the seed, and what the address shall say.
    """
    model, seed = settings(entry_key, found, first_seed)
    shell.take(entry_key, (model, seed))
    if st.session_state[model.key] not in found:  # its folder went away meanwhile
        st.session_state[model.key] = model.default
    with beside or row(entry_key):
        name = str(st.session_state[model.key])
        if len(found) > 1:
            name = st.selectbox(
                "Model",
                list(found),
                key=model.key,
                format_func=privacy.label,
                width=240,
                persist_state="session",
            )
        number = st.number_input(
            "Seed",
            0,
            state.MAX_SEED,
            key=seed.key,
            width=120,
            help="Names the random numbers: the same seed always paints the same pictures.",
            persist_state="session",
        )

        def other() -> None:
            st.session_state[seed.key] = secrets.randbelow(10_000)

        st.button("Other samples", icon=":material/casino:", on_click=other)
    return found[name], int(number), {"model": name, "seed": str(number)}


def paint(entry: CheckpointEntry, n: int, seed: int) -> Painted | None:
    """The first samples of a seed, or None where the model cannot be used, which is said."""
    try:
        film, fault = cache.film(entry, n, seed)
    except CheckpointError as error:
        about.show_fault(plain(str(error)))
        return None
    if fault:
        about.show_fault(plain(fault))
    return Painted(entry, config_of(entry), film)
