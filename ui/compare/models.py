"""The two models of the page Compare: checkpoints, trained runs, or moments of one training."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.data.registry import DataError, describe
from draw_core.families.family import Family, NetworkConfig
from draw_core.film.film import Film
from draw_core.runs.registry import Run
from draw_core.runs.run import LIVE_SAMPLES, LIVE_SEED
from draw_core.store.card import Card
from draw_core.store.checkpoint import PREVIEW_SEED, CheckpointError
from ui.kit.text import plain
from ui.models import cache
from ui.models.catalogue import Model
from ui.picture import data as picture_data
from ui.picture.data import Target

if TYPE_CHECKING:
    from draw_core.families.rebuilt import Seen

# What a run keeps of its past was painted with this seed, so both sides are then.
STORED_SAMPLES, STORED_SEED = LIVE_SAMPLES, LIVE_SEED
assert LIVE_SEED == PREVIEW_SEED  # else the stored samples of two models are of other noise


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        letter: "A" or "B".
        entry: the model, usable.
        at: weight updates after which it is looked at; None as it is now.
    """

    letter: str
    entry: Model
    at: int | None = None

    @property
    def card(self) -> Card:
        """Of the model."""
        return self.entry.card

    @property
    def config(self) -> NetworkConfig:
        """Of the model."""
        return self.card.config

    @property
    def family(self) -> Family:
        """Of the model."""
        return self.entry.family

    @property
    def steps(self) -> int:
        """Weight updates that made it."""
        return self.card.steps if self.at is None else self.at

    @property
    def name(self) -> str:
        """What it is called on the page."""
        label = self.entry.title
        return label if self.at is None else f"{label}, after {updates(self.at)}"

    def same_model(self, other: "Side") -> bool:
        """Whether both are the same model, perhaps at two moments of its training."""
        return self.entry.folder == other.entry.folder

    def same_as(self, other: "Side") -> bool:
        """Whether both paint the same pictures."""
        return self.same_model(other) and self.at == other.at


def updates(count: int) -> str:
    """A number of weight updates in words."""
    return "1 update" if count == 1 else f"{count:,} updates"


def moments(entry: Model) -> list[int]:
    """The weight updates after which a model's samples were kept while it trained."""
    if not entry.run:
        return []
    return Run(entry.folder).sample_steps()


def generated(side: Side, n: int, seed: int) -> tuple[Film, str | None]:
    """What it paints, and what is wrong with its stored samples if they cannot be used.

    Raises:
        CheckpointError: if it cannot be had; the message says why.
    """
    if side.at is None:
        return cache.film(side.entry, n, seed)
    film = _stored(side.entry.folder, side.at)
    film = film and side.family.fitted(film, side.config)
    if film is None or film.num_samples < n:
        raise CheckpointError(f"The samples of {side.name} are gone or damaged.")
    return film.first(n), None


@st.cache_resource(max_entries=8, show_spinner=False)
def _stored(folder: Path, step: int) -> Film | None:
    return Run(folder).samples_at(step)


def belief(run: "Seen", side: Side) -> str:
    """What a network takes a picture for, and how sure it is, in Markdown."""
    found = run.film.vectors("belief")
    assert found is not None
    sure = found.values[-1, 0]
    answer = int(sure.argmax())
    try:
        what = describe(side.card.data).classes[answer]
    except (DataError, IndexError):
        what = f"kind {answer}"
    return (
        f"**{side.letter} takes it for a {plain(what)}** ({100 * float(sure[answer]):.0f} % sure)"
    )


def why_no_samples(a: Side, b: Side) -> str | None:
    """Why they cannot paint new pictures, in one sentence; None if they can."""
    for side in (a, b):
        if "generate" not in side.family.abilities:
            return f"{side.letter} says what is on a picture, and paints none of its own."
    return None


def why_no_reconstruction(a: Side, b: Side) -> str | None:
    """Why both cannot be shown the same image, in one sentence; None if they can."""
    if a.family.classifies != b.family.classifies:
        return (
            "One of the two paints pictures, the other says what is on them: nothing can be played "
            "for both. The table sets them side by side."
        )
    for side in (a, b):
        if not side.family.abilities & {"reconstruct", "classify"}:
            return f"{side.letter} paints pictures of its own, and rebuilds none."
        if side.at is not None:
            return (
                f"{side.letter} cannot be shown an image: of the earlier moments of a training, "
                "only the samples are kept, not the weights."
            )
        if not picture_data.can_be_shown(side.entry):
            return (
                f"{side.letter} cannot be shown an image: its images have "
                f"{side.config.channels} channels, neither grey nor colour."
            )
    ours, theirs = Target.of(a.entry), Target.of(b.entry)
    if ours == theirs:
        return None
    return (
        f"The two cannot be shown the same image: {a.letter} takes {_takes(ours)}, {b.letter} "
        f"{_takes(theirs)}."
    )


def _takes(target: Target) -> str:
    if target.binary:
        kind = "black and white" if target.channels == 1 else "two-valued colours"
    else:
        kind = "greys" if target.channels == 1 else "colours"
    return f"{target.width}×{target.height} pixels in {kind}"
