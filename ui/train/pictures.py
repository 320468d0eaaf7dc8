"""Pictures and curves of trainings, shared by all visitors so that thirty of them cost as one."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of
from draw_core.film.film import Film
from draw_core.runs.registry import History, Run, RunConfig, Status
from ui.curves import curves
from ui.kit import names, published
from ui.models.cache import Stamp
from ui.stage import stage

PAPER = (
    curves.Reference("the paper's DRAW", published.DRAW.value),
    curves.Reference("without attention", published.WITHOUT_ATTENTION.value),
)
_HEIGHT = 270
_PERCENT = "% of the test images"
_LOSSES_COME = "The first losses appear here in a moment."
_NO_LOSSES = {
    "queued": "The first losses come when it is this training's turn.",
    "stopped": "This training ended before its first losses.",
    "failed": "This training ended before its first losses.",
}
_ERROR = "the share of test images, from which it does not learn, that it names wrongly"
_SURPRISE = "the surprise at the right answer (cross-entropy), which every update lowers"
_TEST_SURPRISE = "the same surprise on test images, from which it does not learn"
_TEST = "the bound L_x + L_z on test images, from which it does not learn"
_TRAINING = "the bound on training images, which every update lowers"
_RECONSTRUCTION = "reconstruction, the nats that the pixels still need once the canvas is painted"
_LATENT = "latent, the nats in the random numbers that steer the strokes (KL of all steps)"


def samples(run: Run, config: RunConfig, stamp: Stamp, step: int | None) -> bytes | None:
    """The fixed-noise samples for the Stage, now or as they were at a step."""
    return _samples(run.folder, stamp if step is None else (), step, config)


@st.cache_resource(max_entries=64, show_spinner=False)
def _samples(folder: Path, stamp: Stamp, step: int | None, config: RunConfig) -> bytes | None:  # noqa: ARG001
    run = Run(folder)
    film = run.samples() if step is None else run.samples_at(step)
    looks = () if film is None else names.of_samples(film, config.data)
    return _pack(film, config.model, looks)


def reconstruction(run: Run, config: NetworkConfig, stamp: Stamp) -> bytes | None:
    """The fixed reconstruction for the Stage, with its original."""
    return _reconstruction(run.folder, stamp, config)


@st.cache_resource(max_entries=32, show_spinner=False)
def _reconstruction(folder: Path, stamp: Stamp, config: NetworkConfig) -> bytes | None:  # noqa: ARG001
    run = Run(folder)
    return _pack(run.reconstruction(), config)


def _pack(film: Film | None, config: NetworkConfig, looks: Sequence[str] = ()) -> bytes | None:
    film = film and family_of(config).fitted(film, config)
    return stage.pack(film, keep=True, compact=True, looks=looks) if film else None


def seconds_at(run: Run, steps: tuple[int, ...]) -> dict[int, float]:
    """The training time at which these steps were made."""
    return _seconds_at(run.folder, steps)


@st.cache_resource(max_entries=64, show_spinner=False)
def _seconds_at(folder: Path, steps: tuple[int, ...]) -> dict[int, float]:
    h = Run(folder).history()
    if not len(h.step):
        return dict.fromkeys(steps, 0.0)
    first = [0.0]
    seconds = np.interp(steps, np.append(first, h.step), np.append(first, h.seconds))
    return {step: float(s) for step, s in zip(steps, seconds, strict=True)}


def comparable(config: RunConfig) -> bool:
    """Whether the nats of a run mean what the paper's mean."""
    like = config.data == "mnist" and config.training.binarisation == "bernoulli"
    return like and not _names(config)


def _names(config: RunConfig) -> bool:
    """Whether it is a network that names pictures, and is judged by its errors."""
    return config.family.objective.kind == "error"


def losses(run: Run, config: RunConfig, status: Status, stamp: Stamp) -> bytes:
    """The curves of one run, with the paper's results where they can be compared."""
    empty = _NO_LOSSES.get(status.state, _LOSSES_COME)
    if _names(config):
        return _surprises(run.folder, stamp, empty)
    return _losses(run.folder, stamp, _final(status), comparable(config), empty)


@st.cache_resource(max_entries=32, show_spinner=False)
def _losses(
    folder: Path,
    stamp: Stamp,  # noqa: ARG001
    final: float | None,
    references: bool,
    empty: str,
) -> bytes:
    run = Run(folder)
    h = run.history()
    at = (h.seconds, h.step)
    series = [
        _bound(h, final),
        curves.Series("L_x + L_z", "loss", *at, h.loss, words=_TRAINING),
        curves.Series("L_x", "nll", *at, h.nll, words=_RECONSTRUCTION),
        curves.Series("L_z", "latent_loss", *at, h.latent_loss, words=_LATENT),
    ]
    kl = curves.KLMap(*at, h.kl)
    shown = PAPER if references else ()
    return curves.pack(series, shown, kl, subject=run.id, height=_HEIGHT, empty=empty)


@st.cache_resource(max_entries=32, show_spinner=False)
def _surprises(folder: Path, stamp: Stamp, empty: str) -> bytes:  # noqa: ARG001
    """What a network that names pictures lowers, in nats."""
    run = Run(folder)
    h = run.history()
    test = curves.Series("on test images", "test", h.test_seconds, h.test_step, h.test_nll)
    series = [
        dataclasses.replace(test, words=_TEST_SURPRISE),
        curves.Series("surprise", "loss", h.seconds, h.step, h.loss, words=_SURPRISE),
    ]
    return curves.pack(series, subject=run.id, height=_HEIGHT, empty=empty)


def errors(run: Run, config: RunConfig, status: Status, stamp: Stamp) -> bytes | None:
    """The errors of a network that names pictures, in percent; None of any other."""
    return _errors(run.folder, stamp, _final(status)) if _names(config) else None


@st.cache_resource(max_entries=32, show_spinner=False)
def _errors(folder: Path, stamp: Stamp, final: float | None) -> bytes:  # noqa: ARG001
    run = Run(folder)
    series = [_error(run.history(), final)]
    coming = "The first errors appear here in a moment."
    return curves.pack(series, subject=run.id, height=_HEIGHT // 2, empty=coming, unit=_PERCENT)


def _error(h: History, final: float | None, run: str = "") -> curves.Series:
    """The error on test images; it ends with that on all of them."""
    return _tested(
        h, h.test_error, final, curves.Series("test error", "test", (), (), (), run, _ERROR)
    )


def packed(series: Sequence[curves.Series], *, subject: str, empty: str) -> bytes:
    """Curves of something else, as large as those of a run."""
    return curves.pack(series, subject=subject, height=_HEIGHT, empty=empty)


def _final(status: Status) -> float | None:
    return status.test if status.state == "finished" else None


def _bound(h: History, final: float | None = None, run: str = "") -> curves.Series:
    """The bound on test images; it ends with the one on all of them, which a run finishes with."""
    named = curves.Series("test bound", "test", (), (), (), run, _TEST)
    return _tested(h, h.test_nll + h.test_latent, final, named)


def _tested(
    h: History, values: NDArray[np.float32], final: float | None, named: curves.Series
) -> curves.Series:
    """The curve of that name, of what was measured while a run learned and at its end."""
    seconds, step = h.test_seconds, h.test_step
    if final is not None and len(h.step) and not (len(values) and np.isclose(values[-1], final)):
        seconds, step = np.append(seconds, h.seconds[-1]), np.append(step, h.step[-1])
        values = np.append(values, np.float32(final))
    return dataclasses.replace(named, seconds=seconds, step=step, values=values)


def compared(runs: list[tuple[Run, RunConfig, Status]]) -> bytes:
    """The bounds, or the errors, of several runs in one picture."""
    series = []
    subject = " ".join(run.id for run, *_ in runs)
    if all(_names(config) for _, config, _ in runs):
        series = [
            _error(run.history(max_points=400), _final(status), config.name)
            for run, config, status in runs
        ]
        return curves.pack(series, subject=subject, height=_HEIGHT, unit=_PERCENT)
    for run, config, status in runs:
        h = run.history(max_points=400)
        series += [
            _bound(h, _final(status), config.name),
            curves.Series(
                "L_x + L_z", "loss", h.seconds, h.step, h.loss, config.name, words=_TRAINING
            ),
        ]
    references = PAPER if all(comparable(config) for _, config, _ in runs) else ()
    return curves.pack(series, references, subject=subject, height=_HEIGHT)
