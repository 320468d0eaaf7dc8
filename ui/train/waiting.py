"""What a training that waits shows until it has pictures and losses of its own.

It shows the training that learns now. One that only its owner may know of stays unseen: then a
shipped network stands there. In either case a sentence says whose pictures and curves these are.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from draw_core.runs.registry import RunEntry, RunError, Status, find_run
from draw_core.store.checkpoint import CheckpointError
from draw_core.store.curve import load_curve
from ui.curves import curves
from ui.kit.text import plain
from ui.models import cache, privacy, runs
from ui.models.catalogue import Model, best_to_watch, shipped
from ui.train.pictures import HEIGHT, Pictures, charts, samples

_SHIPPED_SAMPLES = 16


@dataclass(frozen=True)
class Substitute:
    """Pictures and curves of another network.

    Attributes:
        words: whose they are, one sentence in Markdown.
        pictures: for the Stage, or None while there are none.
        losses: for the curves.
    """

    words: str
    pictures: Pictures | None
    losses: bytes


def substitute(status: Status) -> Substitute | None:
    """What to show in place of a training of this status; None where it shows itself."""
    if status.state != "queued" or status.step:
        return None
    learning = [e for e in runs.every_entry() if _learns(e)]
    known = {entry.id: entry for entry in privacy.entries()}
    for entry in learning:
        if entry.id in known:
            with contextlib.suppress(RunError):  # deleted meanwhile
                return _of_run(known[entry.id])
    return _of_shipped() if learning else None


def _learns(entry: RunEntry) -> bool:
    """Whether others wait for it: a training of the command line has a processor of its own."""
    status = entry.status
    return status is not None and status.state == "running" and status.queued is not None


def _of_run(entry: RunEntry) -> Substitute:
    config, status = entry.config, entry.status
    assert config is not None
    assert status is not None
    run = find_run(entry.id)
    stamp = run.live_stamp()
    whose = "yours" if privacy.is_mine(config) else "another visitor's"
    return Substitute(
        f"While this training waits, you see the one that learns now: **{plain(config.name)}**, "
        f"which is {whose}.",
        samples(run, config, stamp[:1], None),
        charts(run, config, status, stamp)["now"],
    )


def _of_shipped() -> Substitute | None:
    for entry in best_to_watch(shipped().models).values():
        with contextlib.suppress(CheckpointError):
            return Substitute(
                "The training that learns now is for its owner alone, so you see a finished one "
                f"while this one waits: **{plain(entry.name)}**, which comes with this program.",
                *_packed(entry.folder, cache.stamp(entry.folder), entry),
            )
    return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _packed(folder: Path, stamp: cache.Stamp, _entry: Model) -> tuple[Pictures, bytes]:  # noqa: ARG001
    """Once for all: the page looks every second."""
    card = _entry.card
    film, _ = cache.film(_entry, _SHIPPED_SAMPLES)
    curve = load_curve(folder)
    series = []
    if curve is not None:
        figure = card.objective.figure
        pace = card.wall_time_s / max(1, card.steps)  # seconds for each update
        series = [
            curves.Series(
                f"test {card.objective.name}",
                "test",
                curve.test_step * pace,
                curve.test_step,
                curve.test,
            ),
            curves.Series(figure.name, "loss", curve.step * pace, curve.step, curve.train),
        ]
    return (
        Pictures.of(film, card.data),
        curves.pack(series, subject=_entry.name, height=HEIGHT, empty="Its losses were not kept."),
    )
