"""What came out of a finished training: its bound, the shipped model's, and what to try next."""

import streamlit as st

from draw_core.card import Card
from draw_core.checkpoint import CheckpointEntry, CheckpointError, load_card
from draw_core.presets import PRESETS
from draw_core.runs.registry import Run, RunConfig, Status
from ui import cache, models, privacy, run_cache
from ui.text import plain
from ui.train_estimate import duration

COMPARE = "pages/5_Compare.py"


def show(run: Run, config: RunConfig, status: Status) -> None:
    """Three boxes; nothing until the training is finished and measured."""
    if status.state != "finished":
        return
    try:
        card = load_card(run.folder)
    except CheckpointError:
        return
    if not card.test:
        return
    shipped = _shipped(card)
    yours, theirs, more = (
        box.container(border=True, height="stretch") for box in st.columns(3, gap="small")
    )
    whose = "Your" if privacy.is_mine(config) else "This"
    with yours:
        st.markdown(f"**{whose} network: {_nats(card)}**")
        st.markdown(
            f"It made {card.steps:,} updates in {duration(card.wall_time_s)}. "
            f"The bound is a mean over {card.test['images']:,} test images; less is better."
        )
    with theirs:
        _compare(run, card, shipped)
    with more:
        st.markdown("**What to try next**")
        st.markdown("\n".join(f"- {idea}" for idea in _ideas(config, card)))


def _shipped(card: Card) -> CheckpointEntry | None:
    """The best shipped model that was measured on the same images in the same way."""
    like = [
        entry
        for entry in models.usable(cache.checkpoints()).values()
        if entry.card
        and entry.card.test
        and entry.card.data == card.data
        and entry.card.training.binarisation == card.training.binarisation
        and entry.card.test.get("images") == (card.test or {}).get("images")
    ]
    return min(like, key=_bound, default=None)


def _bound(entry: CheckpointEntry) -> float:
    assert entry.card is not None
    assert entry.card.test is not None
    return float(entry.card.test["nll_bound"])


def _nats(card: Card) -> str:
    assert card.test is not None
    return f"{card.test['nll_bound']:.1f} nats"


def _compare(run: Run, card: Card, shipped: CheckpointEntry | None) -> None:
    if shipped is None or shipped.card is None or card.test is None:
        st.markdown("**A shipped network**")
        st.markdown("None was measured on these images in the same way.")
        return
    apart = card.test["nll_bound"] - _bound(shipped)
    verdict = f"{abs(apart):.1f} nats {'less than' if apart > 0 else 'more than'} the one here"
    st.markdown(f"**{plain(shipped.name)}: {_nats(shipped.card)}**")
    st.markdown(
        f"The best shipped network for these images needs {verdict}. It learned for "
        f"{duration(shipped.card.wall_time_s)}, in {shipped.card.steps:,} updates."
    )
    st.page_link(
        COMPARE,
        label="See both paint, side by side",
        icon=":material/compare:",
        query_params={"a": run_cache.MODEL_PREFIX + run.id, "b": shipped.name},
    )


def _ideas(config: RunConfig, card: Card) -> list[str]:
    """What could be changed, from the settings of this very training."""
    ideas = []
    names = list(PRESETS)
    if config.preset in names[:-1]:
        longer = PRESETS[names[names.index(config.preset) + 1]]
        ideas.append(f"More time: the preset *{longer.title}*. {plain(longer.about)}")
    model = card.config
    if model.write_attention and model.max_write_side is None:
        ideas.append(
            "A pen: under *All settings* set *widest window, writing* to 0.3, and watch the window "
            "travel."
        )
    if model.read_attention and model.write_attention:
        ideas.append("No window: switch reading and writing through a window off, and compare.")
    elif not model.write_attention:
        ideas.append("A window: switch writing through a window on, and compare.")
    ideas.append(
        f"One change at a time: “Start one like it” with {2 * model.num_steps} steps instead of "
        f"{model.num_steps}."
    )
    return ideas[:3]
