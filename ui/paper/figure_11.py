"""Figure 11: costs on training and test images over the course of training."""

from pathlib import Path

import streamlit as st

from draw_core.runs.history import METRICS
from draw_core.runs.run import Run
from draw_core.store import curve
from draw_core.store.card import Card
from ui.kit import state
from ui.kit.text import plain
from ui.models import cache
from ui.models.catalogue import Model, choose, chosen
from ui.paper import charts, choice, colour, commands, shell

_EASIER = 1.0  # nats


def show() -> dict[str, str] | None:
    """The curve of the colour model if it has one, else of a training on this machine."""
    found = choice.having(lambda entry: _costs(entry) is not None, colour.MODEL)
    if not found:
        _absent()
        return None
    ordered = dict(sorted(found.items(), key=lambda item: not colour.is_colour(item[1])))
    setting = state.one_of("curve", next(iter(ordered)), ordered, key="paper_11_curve")
    shell.take("11", (setting,))
    entry = chosen(ordered, setting)
    if len(ordered) > 1:
        entry = choose(ordered, setting, 300, "Training of")
    name = entry.name
    costs = _costs(entry)
    if costs is None:  # it went away this moment
        _absent()
        return {"curve": name}
    _say_which(entry)
    curves = []
    if len(costs.step) >= 2:
        curves.append(charts.Curve("training images", costs.step, costs.train, "dot"))
    if len(costs.test_step) >= 1:
        curves.append(charts.Curve("test images", costs.test_step, costs.test))
    ends = ", ".join(f"{c.name} {c.cost[-1]:.1f}" for c in curves)
    st.plotly_chart(
        charts.costs(curves, "nats", shell.ink()),
        config={"displayModeBar": False},
        alt=f"Line chart of the cost in nats per image over updates. At the end: {ends}.",
    )
    st.caption(
        f"The cost is the bound $L_x + L_z$ per image. {_which_images(costs, entry.card)}"
        f"{plain(entry.card.protocol(), 1000)}"
    )
    if entry.data == colour.SVHN:
        st.caption(
            "In the paper the test curve lies below the training curve, because test images were "
            "cut from the middle of the photograph and training images at random; ours are cut "
            "alike."
        )
    return {"curve": name}


def _which_images(costs: curve.CostCurve, card: Card) -> str:
    """Over which test images the curve is, and how far that may be from the whole."""
    if not costs.test_images or not len(costs.test):
        return ""
    test = card.test
    all_of_them = test["images"] if test else 0
    if costs.test_images == all_of_them:
        return ""
    which = "spread over the set" if costs.test_spread else "the first of the set"
    text = f"The test curve is over {costs.test_images:,} images, {which}"
    if test:
        bound = float(test["nll_bound"])
        text += f"; over {all_of_them:,} the bound is {bound:.2f} nats"
        if bound - costs.test[-1] > _EASIER:
            text += f". These {costs.test_images:,} images are easier than the rest"
    return f"{text}. "


def _say_which(entry: Model) -> None:
    if entry.data == colour.SVHN:
        return
    st.markdown(
        "The paper's curves are of house numbers (SVHN). These are of "
        f"**{plain(entry.title)}**, which learned from "
        f"{plain(entry.images)}."
    )


def _absent() -> None:
    choice.missing(
        "No training with stored costs is on this server. Every training of your own draws these "
        "curves while it runs; this command makes one in colour:",
        commands.HOUSE_NUMBERS,
    )


def _costs(entry: Model) -> curve.CostCurve | None:
    """What can be drawn of a training: the curve beside the weights, or else its metrics."""
    return _read(entry.folder, cache.stamp(entry.folder, (curve.CURVE, METRICS)))


@st.cache_resource(max_entries=256, show_spinner=False)
def _read(folder: Path, stamps: cache.Stamp) -> curve.CostCurve | None:  # noqa: ARG001
    stored = curve.load_curve(folder)
    if stored is not None:
        return stored
    costs = Run(folder).history().costs()
    return None if costs.is_empty else costs
