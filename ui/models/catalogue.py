"""The catalogue: every model that a visitor may choose, shipped with the program or trained here.

All pages, galleries and figures choose from it, and an address names a model of it.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from draw_core.families.family import Ability, Family, NetworkConfig
from draw_core.families.registry import family_of
from draw_core.runs.registry import UNFINISHED, RunConfig, RunEntry
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointEntry, checkpoint_root, list_checkpoints
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import about, privacy, runs

# Shown first where there is a choice.
DEFAULT_MODEL = "mnist-attention"
# Those that show best how DRAW paints, the best first: their windows are small and travel far
# (draw_core.film.pen).
WATCHED_FIRST = ("mnist-pen", "mnist-two-digits", "strokes-attention")
_RUN = "run:"


@dataclass(frozen=True)
class Model:
    """A model that can be used, as this visitor may know it.

    Attributes:
        name: in an address: the name of a shipped folder, or ``"run:"`` and the id of a training.
        title: what it is called on a page.
        folder: with its weights.
        card: how it was trained, and how well.
        run: the id of the training that it comes from; None where it is shipped.
        training: the settings of that training.
    """

    name: str
    title: str
    folder: Path
    card: Card
    run: str | None = None
    training: RunConfig | None = None

    @property
    def config(self) -> NetworkConfig:
        """Of its network."""
        return self.card.config

    @property
    def family(self) -> Family:
        """The kind of network."""
        return family_of(self.card.config)

    @property
    def data(self) -> str:
        """The data set that it learned from."""
        return self.card.data

    @property
    def images(self) -> str:
        """What the images are called that it learned from, as far as the visitor may know."""
        if self.training and not (privacy.may_see(self.data) or privacy.is_mine(self.training)):
            return privacy.SOMEBODYS
        return about.learned_from(self.card)


Models = Mapping[str, Model]


@dataclass(frozen=True)
class Catalogue:
    """What there is to choose from.

    Attributes:
        models: by name, the default model first.
        unusable: shipped folders that are listed and cannot be used.
    """

    models: Models
    unusable: tuple[CheckpointEntry, ...]

    def show_unusable(self) -> None:
        """Names each model that is left out, with its fault in one sentence."""
        if DEFAULT_MODEL not in {*self.models, *(one.name for one in self.unusable)}:
            about.show_fault(
                f"The model **{DEFAULT_MODEL}** is missing: restore its folder in the folder of "
                "checkpoints, or train it with the command in checkpoints/README.md."
            )
        for one in self.unusable:
            about.show_fault(f"**{plain(one.name)}** is left out: {plain(str(one.fault))}")


def catalogue() -> Catalogue:
    """The shipped models, then the trainings that this visitor may know of and that hold one."""
    found = shipped()
    return dataclasses.replace(found, models={**found.models, **_trained()})


def shipped() -> Catalogue:
    """The models that come with the program; looked up anew each time, in a millisecond."""
    models, unusable = [], []
    for entry in list_checkpoints(checkpoint_root()):
        if entry.card:
            models.append(Model(entry.name, entry.name, entry.folder, entry.card))
        else:
            unusable.append(entry)
    models.sort(key=lambda model: (model.name != DEFAULT_MODEL, model.name))
    return Catalogue({model.name: model for model in models}, tuple(unusable))


def of_run(run_id: str) -> str:
    """The name of the model of a training."""
    return _RUN + run_id


def title_of(name: str) -> str:
    """What a model of this name is called, or the name where there is none."""
    if not name.startswith(_RUN):
        return name
    found = _trained().get(name)
    return found.title if found else name


def able(models: Models, ability: Ability) -> dict[str, Model]:
    """Those that can be asked for it."""
    return {name: model for name, model in models.items() if ability in model.family.abilities}


def best_to_watch(models: Models) -> dict[str, Model]:
    """The models that paint, those first that a newcomer should see."""
    painters = able(models, "generate")
    first = {name: painters[name] for name in WATCHED_FIRST if name in painters}
    return {**first, **painters}


# What the last catalogue was made of, and its models.
_Made = tuple[list[RunEntry], list[CheckpointEntry], dict[str, Model]]
_MADE: Slot[_Made | None] = Slot("catalogue_made", None)


def _trained() -> dict[str, Model]:
    entries, checkpoints, made = privacy.entries(), runs.every_checkpoint(), _MADE.get()
    # Whose images are stands in a file, and a page asks for its models more than once.
    if made is None or made[0] is not entries or made[1] is not checkpoints:
        made = entries, checkpoints, _models(entries, checkpoints)
        _MADE.put(made)
    return made[2]


def _models(entries: list[RunEntry], checkpoints: list[CheckpointEntry]) -> dict[str, Model]:
    known = {entry.id: entry for entry in entries if entry.config}
    names = Counter(entry.config.name for entry in known.values() if entry.config)
    models = {}
    for checkpoint in checkpoints:
        card, run = checkpoint.card, known.get(checkpoint.name)
        if card is None or run is None or run.config is None:
            continue
        title = run.config.name
        if names[title] > 1:
            title += f" {run.id[-6:]}"  # Streamlit knows a choice by its label
        learns = run.status is not None and run.status.state in UNFINISHED
        title += " (still learning)" if learns else " (a training)"
        if card.notes and not privacy.may_see_images(run.config):
            card = dataclasses.replace(card, notes=())  # in which somebody may have named them
        name = of_run(run.id)
        models[name] = Model(name, title, checkpoint.folder, card, run.id, run.config)
    return models


def chosen(models: Models, slot: Slot[str]) -> Model:
    """The model whose name a page keeps; the first one where its folder went away meanwhile."""
    if slot.get() not in models:
        slot.put(next(iter(models)))
    return models[slot.get()]


def choose(models: Models, slot: Slot[str], width: int = 240, label: str = "Model") -> Model:
    """The widget that chooses among these models."""
    model = chosen(models, slot)
    name = st.selectbox(
        label,
        list(models),
        key=slot.key,
        format_func=lambda name: models[name].title if name in models else name,
        width=width,
        persist_state="session",  # over a visit to another page
    )
    return models.get(name, model)
