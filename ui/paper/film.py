"""The film of one model: its samples, step by step, with the window that writes."""

from collections.abc import Callable

import streamlit as st

from draw_core.film.film import Film
from draw_core.film.pen import measure_pen
from ui.kit import pen_words
from ui.kit.text import plain
from ui.models import cache
from ui.models.catalogue import Model, Models
from ui.paper import choice, shell
from ui.strip.strip import Group, pack, strip

ROWS = 6


def film(
    key: str,
    found: Models,
    absent: str,
    command: str,
    rows: int = ROWS,
    before: Callable[[Model], None] | None = None,
    after: Callable[[Model], None] | None = None,
) -> dict[str, str] | None:
    """The film of one model that the visitor chooses, and what the address shall say.

    Args:
        key: of the figure.
        found: the models to choose from.
        absent: what is said if there is none, with the command that makes one.
        rows: how many samples.
        before, after: say something about the chosen model, above or below the film.
    """
    if not found:
        choice.missing(absent, command)
        return None
    entry, seed, said = choice.choose_model(key, found)
    if before:
        before(entry)
    painted = cache.painted(entry, rows, seed)
    if painted is None:
        return said
    view = shell.linked_view(key, painted.num_steps, rows)
    group = Group(f"{entry.title}: {painted.num_steps} steps", painted)
    data = pack([group], view=view, link={"figure": key} | said)
    strip(key=f"paper_strip_{key}", data=data)
    st.markdown(how_it_paints(entry, painted))
    if after:
        after(entry)
    return said


def how_it_paints(entry: Model, painted: Film) -> str:
    """How large the window of these very samples is and how far it goes, in Markdown."""
    measure = measure_pen(painted)
    said = [f"{plain(entry.title)} paints {pen_words.paints(measure)}."]
    said.append(pen_words.measured(measure, painted.num_samples))
    said.append(entry.config.own)
    return " ".join(filter(None, said))
