"""Figure 11: costs on training and test images over the course of training."""

import streamlit as st

from draw_core import curve
from draw_core.checkpoint import CheckpointEntry
from draw_core.runs.history import METRICS
from draw_core.runs.run import Run
from ui import run_cache, state
from ui.paper import charts, choice, colour, shell
from ui.text import plain


def show() -> dict[str, str] | None:
    """The curve of the colour model if it has one, else of a training on this machine."""
    found = choice.having(_has_curve, colour.MODEL)
    if not found:
        _absent()
        return None
    ordered = dict(sorted(found.items(), key=lambda item: not _is_colour(item[1])))
    setting = state.one_of("curve", next(iter(ordered)), list(ordered), key="paper_11_curve")
    shell.take("11", (setting,))
    if st.session_state[setting.key] not in ordered:
        st.session_state[setting.key] = setting.default
    name = str(st.session_state[setting.key])
    if len(ordered) > 1:
        name = st.selectbox(
            "Training of",
            list(ordered),
            key=setting.key,
            format_func=run_cache.label,
            width=300,
            persist_state="session",
        )
    entry = ordered[name]
    costs = _curve(entry)
    if costs is None:  # it went away meanwhile
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
        charts.costs(curves, "nats"),
        config={"displayModeBar": False},
        alt=f"Line chart of the cost in nats per image over updates. At the end: {ends}.",
    )
    assert entry.card
    grey = entry.card.training.binarisation == "grey"
    st.caption(
        "The cost is the bound L_x + L_z per image"
        + (", for colour values a cross-entropy and no likelihood. " if grey else ". ")
        + "In the paper the validation curve lies below "
        "the training curve, because validation images were cut from the middle of the photograph "
        "and training images at random; ours are cut alike."
    )
    return {"curve": name}


def _say_which(entry: CheckpointEntry) -> None:
    if colour.data_of(entry) == colour.SVHN:
        return
    st.markdown(
        "The paper's curves are of house numbers (SVHN). These are of "
        f"**{plain(run_cache.label(entry.name))}**, which learned from "
        f"{plain(colour.title_of(entry))}."
    )


def _absent() -> None:
    choice.missing(
        "No training with stored costs is on this server: the shipped models hold only what came "
        "of theirs. Every training of your own draws these curves while it runs; this command "
        "makes one in colour:",
        colour.SVHN_COMMAND,
    )


def _is_colour(entry: CheckpointEntry) -> bool:
    return choice.config_of(entry).channels == 3


def _has_curve(entry: CheckpointEntry) -> bool:
    return (entry.folder / curve.CURVE).is_file() or (entry.folder / METRICS).is_file()


def _curve(entry: CheckpointEntry) -> curve.CostCurve | None:
    if (entry.folder / curve.CURVE).is_file():
        return curve.load_curve(entry.folder)
    costs = Run(entry.folder).history().costs()
    return None if costs.is_empty else costs
