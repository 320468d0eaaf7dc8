"""Pictures and curves of trainings, shared by all visitors so that thirty of them cost as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from draw_core.families.draw import published
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of
from draw_core.film.film import Film
from draw_core.runs.registry import History, Run, RunConfig, Status
from ui.curves import curves
from ui.kit import names
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


# Cached by the folder of the run; ``stamp`` changes with the files that are looked at.
_kept = partial(
    st.cache_resource, show_spinner=False, hash_funcs={Run: lambda run: str(run.folder)}
)


@dataclass(frozen=True)
class Pictures:
    """What the Stage shows of a training: its film, and what its samples look like."""

    data: bytes
    looks: Sequence[str] = ()

    @classmethod
    def of(cls, film: Film, images: str = "") -> "Pictures":
        """A film of a network that learns from these images; none says that it has no samples."""
        return cls(stage.pack(film, keep=True, compact=True), names.of_samples(film, images))

    def show(self, key: str) -> None:
        """On the Stage; the key is the component's."""
        stage.stage(self.data, key=key)
        names.tell(self.looks, self.data, key=key)


@_kept(max_entries=64)
def samples(run: Run, config: RunConfig, stamp: Stamp, step: int | None) -> Pictures | None:  # noqa: ARG001
    """The fixed-noise samples for the Stage, now or as they were at a step."""
    film = run.samples() if step is None else run.samples_at(step)
    return _fitted(film, config.model, config.data)


@_kept(max_entries=32)
def reconstruction(run: Run, config: NetworkConfig, stamp: Stamp) -> Pictures | None:  # noqa: ARG001
    """The fixed reconstruction for the Stage, with its original."""
    return _fitted(run.reconstruction(), config)


def _fitted(film: Film | None, config: NetworkConfig, images: str = "") -> Pictures | None:
    film = film and family_of(config).fitted(film, config)
    return Pictures.of(film, images) if film else None


@_kept(max_entries=64)
def seconds_at(run: Run, steps: tuple[int, ...]) -> dict[int, float]:
    """The training time at which these steps were made."""
    h = run.history()
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
    data: bytes = _losses(run, config, stamp, _final(status), empty)
    return data


@_kept(max_entries=32)
def _losses(
    run: Run,
    config: RunConfig,
    stamp: Stamp,  # noqa: ARG001
    final: float | None,
    empty: str,
) -> bytes:
    h = run.history()
    at = (h.seconds, h.step)
    if _names(config):  # what it lowers, in nats; its errors are another chart
        tested = (h.test_seconds, h.test_step, h.test_nll)
        series = [
            curves.Series("on test images", "test", *tested, words=_TEST_SURPRISE),
            curves.Series("surprise", "loss", *at, h.loss, words=_SURPRISE),
        ]
        return packed(series, subject=run.id, empty=empty)
    series = [
        _tested(h, config, final),
        curves.Series("L_x + L_z", "loss", *at, h.loss, words=_TRAINING),
        curves.Series("L_x", "nll", *at, h.nll, words=_RECONSTRUCTION),
        curves.Series("L_z", "latent_loss", *at, h.latent_loss, words=_LATENT),
    ]
    shown = PAPER if comparable(config) else ()
    kl = curves.KLMap(*at, h.kl)
    return curves.pack(series, shown, kl, subject=run.id, height=_HEIGHT, empty=empty)


def errors(run: Run, config: RunConfig, status: Status, stamp: Stamp) -> bytes | None:
    """The errors of a network that names pictures, in percent; None of any other."""
    return _errors(run, config, stamp, _final(status)) if _names(config) else None


@_kept(max_entries=32)
def _errors(run: Run, config: RunConfig, stamp: Stamp, final: float | None) -> bytes:  # noqa: ARG001
    series = [_tested(run.history(), config, final)]
    coming = "The first errors appear here in a moment."
    return curves.pack(series, subject=run.id, height=_HEIGHT // 2, empty=coming, unit=_PERCENT)


def packed(series: Sequence[curves.Series], *, subject: str, empty: str) -> bytes:
    """Curves without references, as large as those of a run."""
    return curves.pack(series, subject=subject, height=_HEIGHT, empty=empty)


def _final(status: Status) -> float | None:
    return status.test if status.state == "finished" else None


def _tested(h: History, config: RunConfig, final: float | None, run: str = "") -> curves.Series:
    """The bound, or the error, on test images.

    It ends with the one on all of them, which a run finishes with.
    """
    name, values, words = "test bound", h.test_nll + h.test_latent, _TEST
    if _names(config):
        name, values, words = "test error", h.test_error, _ERROR
    seconds, step = h.test_seconds, h.test_step
    if final is not None and len(h.step) and not (len(values) and np.isclose(values[-1], final)):
        seconds, step = np.append(seconds, h.seconds[-1]), np.append(step, h.step[-1])
        values = np.append(values, np.float32(final))
    return curves.Series(name, "test", seconds, step, values, run, words)


def compared(runs: list[tuple[Run, RunConfig, Status]]) -> bytes:
    """The bounds, or the errors, of several runs of a kind in one picture."""
    series = []
    named = all(_names(config) for _, config, _ in runs)
    for run, config, status in runs:
        h = run.history(max_points=400)
        series.append(_tested(h, config, _final(status), config.name))
        if not named:
            trained = (h.seconds, h.step, h.loss, config.name)
            series.append(curves.Series("L_x + L_z", "loss", *trained, words=_TRAINING))
    references = PAPER if all(comparable(config) for _, config, _ in runs) else ()
    unit = _PERCENT if named else "nats"
    subject = " ".join(run.id for run, *_ in runs)
    return curves.pack(series, references, subject=subject, height=_HEIGHT, unit=unit)
