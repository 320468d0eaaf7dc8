"""What came out of a finished training: its bound, the shipped model's, and what to try next."""

import streamlit as st

from draw_core.runs.estimate import spoken
from draw_core.runs.registry import Run, RunConfig, Status
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointError, load_card
from ui.kit.text import plain
from ui.models import privacy
from ui.models.catalogue import Model, of_run, shipped

COMPARE = "pages/5_Compare.py"


def show(run: Run, config: RunConfig, status: Status) -> None:
    """Three boxes; nothing until the training is finished and measured."""
    if status.state != "finished":
        return
    try:
        card = load_card(run.folder)
    except CheckpointError:
        return
    if not card.test or card.value is None:
        return
    with st.container(key="train_result"):
        columns = st.columns(3, gap="small")
    yours, theirs, more = (box.container(border=True, height="stretch") for box in columns)
    whose = "Your" if privacy.is_mine(config) else "This"
    with yours:
        st.markdown(f"**{whose} network: {card.objective.said(card.value)}**")
        st.markdown(
            f"{card.steps:,} updates in {spoken(status.seconds)} of training, or "
            f"{spoken(card.wall_time_s)} with pictures and tests. The {card.objective.name} is a "
            f"mean over {card.test['images']:,} test images; less is better."
        )
    with theirs:
        _compare(run, card, card.value, _shipped(card))
    with more:
        st.markdown("**What to try next**")
        ideas = " Or ".join(f"{idea}." for idea in _ideas(config, card))
        st.markdown(ideas[0].upper() + ideas[1:])


def _shipped(card: Card) -> Model | None:
    """The best shipped model that was measured on the same images in the same way."""
    like = [
        entry
        for entry in shipped().models.values()
        if entry.card.test
        and entry.card.objective == card.objective
        and entry.data == card.data
        and entry.card.training.binarisation == card.training.binarisation
        and entry.card.test.get("images") == (card.test or {}).get("images")
    ]
    return min(like, key=lambda entry: entry.card.value or 0.0, default=None)


def _compare(run: Run, card: Card, value: float, best: Model | None) -> None:
    if best is None or best.card.value is None:
        st.markdown("**A shipped network**")
        st.markdown("None was measured on these images in the same way.")
        return
    apart = value - best.card.value
    less = "less" if apart > 0 else "more"
    verdict = card.objective.apart.format(abs(apart), less)
    st.markdown(f"**{plain(best.name)}: {card.objective.said(best.card.value)}**")
    st.markdown(
        f"The best shipped network for these images {verdict}. It made "
        f"{best.card.steps:,} updates in {spoken(best.card.wall_time_s)} with pictures and "
        "tests."
    )
    st.page_link(
        COMPARE,
        label="See both, side by side"
        if card.family.classifies
        else "See both paint, side by side",
        icon=":material/compare:",
        query_params={"a": of_run(run.id), "b": best.name},
    )


def _ideas(config: RunConfig, card: Card) -> list[str]:
    """What could be changed, from the settings of this very training."""
    ideas, presets = [], config.family.presets
    names = list(presets)
    if config.preset in names[:-1]:
        ideas.append(f"try *{presets[names[names.index(config.preset) + 1]].title}*")
    return [*ideas, *card.config.ideas()][:3]
