"""What every page begins with: its title, the navigation, and a boundary for errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from draw_core.card import Card
from draw_core.checkpoint import CheckpointEntry, CheckpointError

APP_NAME = "DRAW Explorer"
# Shown first where there is a choice.
DEFAULT_MODEL = "mnist-attention"

_ICON = Path(__file__).with_name("icon.png")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """An entry of the navigation."""

    path: str
    label: str
    icon: str
    teaser: str


HOME = Page("app.py", "Watch", ":material/brush:", "A trained network paints a digit.")
PAGES = (
    Page(
        "pages/1_Generate.py",
        "Generate",
        ":material/auto_awesome:",
        "Paint new digits, change the randomness, and read what happens in one step.",
    ),
)


@contextmanager
def setup(title: str) -> Iterator[None]:
    """Opens a page; its whole body runs inside.

    An error that nobody foresaw is logged with its traceback and shown as one sentence.
    """
    st.set_page_config(
        page_title=f"{title} · {APP_NAME}" if title != APP_NAME else APP_NAME,
        page_icon=str(_ICON),
        layout="wide",
    )
    st.html(_COMPACT)
    with st.container(horizontal=True, vertical_alignment="center", key="navigation"):
        st.markdown(f"**{APP_NAME}**", width="content")
        for page in (HOME, *PAGES):
            st.page_link(page.path, label=page.label, icon=page.icon)
    try:
        yield
    except Exception as error:
        _log.exception("The page %s failed", title)
        st.error(
            f"Something went wrong on this page ({type(error).__name__}). Reload it to start "
            "again; the server's log holds the details.",
            icon=":material/error:",
        )


# The main view of a page fits one screen: less empty space than Streamlit leaves by default.
_COMPACT = """<style>
.stAppHeader { background: transparent; pointer-events: none; }
.stAppHeader * { pointer-events: none; }
.stAppHeader :is(button, button *) { pointer-events: auto; }
[data-testid="stBaseButton-primary"] { color: light-dark(#fff, #0b1220); }
.stMainBlockContainer { padding: 0.7rem clamp(0.9rem, 5vw, 4.5rem) 3rem; max-width: 1560px; }
.st-key-navigation { padding-right: 3rem; gap: 0.2rem 0.8rem; }
.stMainBlockContainer h1 { padding: 0; font-size: clamp(1.7rem, 3.2vw, 2.4rem); }
</style>"""


def choose_default(entries: list[CheckpointEntry]) -> CheckpointEntry | None:
    """The default model, else the first that works, else None."""
    usable = [entry for entry in entries if entry.fault is None]
    preferred = [entry for entry in usable if entry.name == DEFAULT_MODEL]
    return next(iter(preferred + usable), None)


def describe_model(name: str, card: Card) -> str:
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


def show_checkpoint_error(error: CheckpointError) -> None:
    """A checkpoint failed when it was used."""
    st.error(str(error), icon=":material/error:")
