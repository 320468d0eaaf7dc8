"""Which model a figure shows, which seed, and what stands in its place while there is none."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.families.glimpse.config import GlimpseConfig
from ui.kit import seeds, state
from ui.models import command_lines, draw
from ui.models.catalogue import Model, Models, able, catalogue, choose, chosen, shipped
from ui.paper import shell

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator as Container

TRAIN = "pages/4_Train.py"
CLASSIFIER = "cluttered-classifier"  # the shipped one


def having(fits: Callable[[Model], bool], *first: str) -> Models:
    """The models that fit a figure: those named first, then what is shipped, then trained runs."""
    fitting = {
        name: entry for name, entry in draw.of_draw(catalogue().models).items() if fits(entry)
    }
    order = {name: k for k, name in enumerate(first)}
    return dict(sorted(fitting.items(), key=lambda item: order.get(item[0], len(order))))


def classifiers() -> list[Model]:
    """The shipped networks that name digits: that of the paper first, then those with glimpses."""
    found = able(shipped().models, "classify").values()

    def place(entry: Model) -> tuple[bool, bool, str]:
        return not isinstance(entry.config, GlimpseConfig), entry.name != CLASSIFIER, entry.name

    return sorted(found, key=place)


def with_glimpses() -> list[tuple[Model, GlimpseConfig]]:
    """Those of :func:`classifiers` that take glimpses."""
    return [(e, e.config) for e in classifiers() if isinstance(e.config, GlimpseConfig)]


def missing(sentence: str, command: str = "") -> None:
    """Says what is not here, and how to get it."""
    with st.container(border=True):
        st.markdown(f":material/hourglass_empty: {sentence}")
        if command:
            lines = command_lines.placed(command)
            command_lines.show(lines)
            command_lines.explain(lines)
        st.page_link(TRAIN, label="Train one here", icon=":material/model_training:")


def row(entry_key: str) -> "Container":
    """Where what can be chosen in a figure stands side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", key=f"paper_{entry_key}_row")


def choose_model(
    entry_key: str, found: Models, first_seed: int = 0, beside: "Container | None" = None
) -> tuple[Model, int, dict[str, str]]:
    """The row with model, seed and a button for other samples.

    Args:
        entry_key: of the figure.
        found: the models to choose from.
        first_seed: of the samples that are shown first.
        beside: :func:`row` of the figure, where it says more beside the button.

    Returns:
        The model, the seed, and what the address shall say.
    """
    prefix = f"paper_{entry_key}"
    model = state.one_of("model", next(iter(found)), found, key=f"{prefix}_model")
    seed = seeds.setting(f"{prefix}_seed", first_seed)
    shell.take(entry_key, (model, seed))
    with beside or row(entry_key):
        entry = chosen(found, model) if len(found) == 1 else choose(found, model)
        number = seeds.field(seed, width=120)
        st.button("Other samples", icon=":material/casino:", on_click=seeds.draw, args=(seed,))
    return entry, int(number), {"model": entry.name, "seed": str(number)}
