"""Pictures and curves of trainings, shared by all visitors so that thirty of them cost as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from draw_core.families.draw import published
from draw_core.families.family import NetworkConfig, Objective
from draw_core.families.objective import Figure
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
HEIGHT = 270
_LINES: dict[str, curves.Kind] = {"nll": "nll", "latent_loss": "latent_loss"}
_UNITS = {"nats": "nats", "%": "% of the test images"}
_LOSSES_COME = "The first losses appear here in a moment."
_NO_LOSSES = {
    "queued": "The first losses come when it is this training's turn.",
    "stopped": "This training ended before its first losses.",
    "failed": "This training ended before its first losses.",
}


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
    how = config.training.binarisation
    return (config.data, how, _what(config).unit) == ("mnist", "bernoulli", "nats")


def _what(config: RunConfig) -> Objective:
    return config.family.objective


def charts(run: Run, config: RunConfig, status: Status, stamp: Stamp) -> dict[str, bytes]:
    """The curves of one run, by name.

    ``now`` is what is in nats, with the paper's results where they can be compared; beside it are
    errors in percent, and what else the family measures.
    """
    empty = _NO_LOSSES.get(status.state, _LOSSES_COME)
    found: dict[str, bytes] = _charts(run, config, stamp, _final(status), empty)
    return found


@_kept(max_entries=32)
def _charts(
    run: Run,
    config: RunConfig,
    stamp: Stamp,  # noqa: ARG001
    final: float | None,
    empty: str,
) -> dict[str, bytes]:
    h, what = run.history(), _what(config)
    at = (h.seconds, h.step)
    in_nats = [f for f in what.figures if f.unit == "nats"]
    series = [_tested(h, what, f, final) for f in in_nats if f.tested]
    for f in in_nats:
        values, line = getattr(h, f.metric), _LINES.get(f.metric, "loss")
        series.append(curves.Series(f.name, line, *at, values, words=f.learned))
    others = {
        f"{f.name}s": (_tested(h, what, f, final), _UNITS[f.unit])
        for f in what.figures
        if f.unit != "nats"
    }
    for name, words in config.family.measures.items():
        values = h.measures.get(name, np.full_like(h.step, np.nan))
        others[name] = curves.Series(name, "loss", *at, values, words=words), "mean per image"
    pack = partial(curves.pack, subject=run.id)
    shown = PAPER if comparable(config) else ()
    kl = curves.KLMap(*at, h.kl)
    return {"now": pack(series, shown, kl, height=HEIGHT, empty=empty)} | {
        name: pack(
            [one],
            height=HEIGHT // 2,
            empty=f"The first {name} appear here in a moment.",
            unit=unit,
        )
        for name, (one, unit) in others.items()
    }


def _final(status: Status) -> float | None:
    return status.test if status.state == "finished" else None


def _tested(
    h: History, what: Objective, figure: Figure, final: float | None, run: str = ""
) -> curves.Series:
    """A figure on test images.

    What training is about ends with the one on all of them, which a run finishes with.
    """
    values, name = h.tested(figure.metric), "on test images"
    if figure is what.figure:
        name = f"test {what.name}"
    else:
        final = None
    seconds, step = h.test_seconds, h.test_step
    if final is not None and len(h.step) and not (len(values) and np.isclose(values[-1], final)):
        seconds, step = np.append(seconds, h.seconds[-1]), np.append(step, h.step[-1])
        values = np.append(values, np.float32(final))
    return curves.Series(name, "test", seconds, step, values, run, figure.tested)


def compared(runs: list[tuple[Run, RunConfig, Status]]) -> bytes:
    """What several runs of a kind are about, in one picture."""
    series = []
    for run, config, status in runs:
        h, what = run.history(max_points=400), _what(config)
        figure = what.figure
        series.append(_tested(h, what, figure, _final(status), config.name))
        if figure.learned:
            trained = (h.seconds, h.step, getattr(h, figure.metric), config.name)
            series.append(curves.Series(figure.name, "loss", *trained, words=figure.learned))
    references = PAPER if all(comparable(config) for _, config, _ in runs) else ()
    unit = _UNITS[_what(runs[0][1]).unit]
    subject = " ".join(run.id for run, *_ in runs)
    return curves.pack(series, references, subject=subject, height=HEIGHT, unit=unit)
