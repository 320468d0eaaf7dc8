"""The table of the page Compare: what the two networks are, how they were trained, and how well."""

import contextlib
import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from draw_core.base.fields import differing
from draw_core.families.objective import BOUND
from draw_core.families.registry import family_of
from draw_core.runs.registry import Run, RunError
from draw_core.store.card import Card
from ui.compare.models import Side, updates
from ui.kit.text import plain

NETWORK, TRAINING = "The network", "Their training"
_PARAMETERS = "Parameters"  # many settings change their number, which tells of none
_TWO_MINUTES = 120  # seconds


@dataclass(frozen=True)
class Row:
    """One line: what it is, and its value on either side."""

    group: str
    label: str
    a: str
    b: str

    @property
    def differs(self) -> bool:
        """Whether the two values are not the same."""
        return self.a != self.b


def rows(a: Side, b: Side) -> list[Row]:
    """All lines of the table, as plain text."""
    lines = _settings(NETWORK, "config", _network, a, b)
    if lines[0].a == lines[0].b:
        del lines[0]  # two of a kind
    lines += _settings(TRAINING, "training", _training, a, b)
    lines.append(Row(TRAINING, "Time", _time(a), _time(b)))
    ours, theirs = a.card.objective.title, b.card.objective.title
    title = ours if ours == theirs else BOUND.title
    return lines + _paired(title, _results(a), _results(b), "not measured")


def _paired(group: str, a: dict[str, str], b: dict[str, str], without: str) -> list[Row]:
    labels = dict.fromkeys([*a, *b])
    return [Row(group, label, a.get(label, without), b.get(label, without)) for label in labels]


def _settings(
    group: str, part: str, prose: Callable[[Side], dict[str, str]], a: Side, b: Side
) -> list[Row]:
    """What is told of one part of both cards, and every setting that differs and is not told."""
    ours, theirs = getattr(a.card, part), getattr(b.card, part)
    rest = [
        Row(group, f.title, f.said(getattr(ours, f.name)), f.said(getattr(theirs, f.name)))
        for f in differing(ours, theirs)
        if not (_tells(prose, part, f.name, a, b) or _tells(prose, part, f.name, b, a))
    ]
    return _paired(group, prose(a), prose(b), "none") + rest


def _tells(
    prose: Callable[[Side], dict[str, str]], part: str, name: str, side: Side, other: Side
) -> bool:
    """Whether what is told of a side would be another text with this setting of the other one."""
    card, value = side.card, getattr(getattr(other.card, part), name)
    changes: dict[str, Any] = {}
    if name == "binarisation":  # the card says it too
        changes["binarisation"] = other.card.binarisation
    try:
        changes[part] = dataclasses.replace(getattr(card, part), **{name: value})
    except ValueError:  # it does not go with the other settings
        return False
    entry = dataclasses.replace(side.entry, card=dataclasses.replace(card, **changes))
    then, now = prose(dataclasses.replace(side, entry=entry)), prose(side)
    return then | {_PARAMETERS: ""} != now | {_PARAMETERS: ""}


def notes(a: Side, b: Side) -> list[str]:
    """What belongs beside the nats: how the test images were made, and whether they compare."""
    texts = []
    measured = [side for side in (a, b) if side.card.test or _is_of_training(side)]
    if len({_images(side.card) for side in measured}) > 1:
        texts.append("The two were measured on different images, so their nats cannot be compared.")
    if len({side.card.objective.unit for side in measured}) > 1:
        texts.append("What the two were measured by cannot be compared.")
    elif len({side.card.objective.name for side in measured}) > 1:
        texts.append("One of the two is a bound, and the true nats are fewer; the other is exact.")
    said = [side.card.protocol() for side in measured]
    if len(set(said)) == 1:
        texts.append(said[0])
    else:
        texts += [f"{s.letter}: {text}" for s, text in zip(measured, said, strict=True)]
    if any("standard_error" in (s.card.test or {}) for s in (a, b) if not _is_of_training(s)):
        texts.append("± is the standard error over the test images.")
    if any(_is_of_training(side) for side in (a, b)):
        what = " and the ".join(dict.fromkeys(side.card.objective.name for side in (a, b)))
        texts.append(
            f"During a training, the {what} is measured on only a part of the test images, at the "
            "moment that is named."
        )
    return texts


def show(a: Side, b: Side) -> None:
    """The table and its notes."""
    st.html(_html(rows(a, b), a.name, b.name))
    for text in notes(a, b):
        st.caption(plain(text, 1000))


def _images(card: Card) -> tuple[object, ...]:
    c = card.config
    return card.data, c.channels, c.height, c.width, card.training.binarisation


# ---- values in words


def _network(side: Side) -> dict[str, str]:
    config = side.config
    kind = {1: "one channel", 3: "colour"}.get(config.channels, f"{config.channels} channels")
    return {
        "Kind": family_of(config).title,
        **dict(config.facts()),
        "Images": f"{config.width}×{config.height} pixels, {kind}",
        _PARAMETERS: f"{sum(config.count_parameters().values()):,}",
    }


def _training(side: Side) -> dict[str, str]:
    return {
        "Learned from": f"{side.entry.images}, {side.card.train_images:,} images",
        "Pixels": side.card.binarisation,
        "Weight updates": _budget(side),
        "Learning rate": _rate(side),
        "Gradient": f"shortened to a norm of {side.card.training.grad_clip:g} at most",
        "Matrix products": _sums(side),
        "Seed": str(side.card.training.seed),
    }


def _budget(side: Side) -> str:
    return f"{updates(side.steps)} with {side.card.training.batch_size} images each"


def _rate(side: Side) -> str:
    t = side.card.training
    end = f"{t.seconds:g} s" if t.seconds else updates(t.steps)
    return f"rises to {t.learning_rate:g} over {updates(t.warmup_steps)}, reaches 0 after {end}"


def _sums(side: Side) -> str:
    t = side.card.training
    return f"{t.precision}, compiled" if t.compiled else t.precision


def _time(side: Side) -> str:
    if side.at is not None:
        return "a part of the whole training"
    seconds = side.card.wall_time_s
    whole = f"{_spoken(seconds)} with pictures and tests"
    if side.entry.run:
        with contextlib.suppress(RunError):  # it was deleted this moment
            whole = (
                f"{_spoken(Run(side.entry.folder).stored_status().seconds)} of training, {whole}"
            )
    return f"{whole}, on {side.card.hardware}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _TWO_MINUTES else f"{seconds / 60:.0f} minutes"


_IMAGES = "Test images"


def _results(side: Side) -> dict[str, str]:
    if _is_of_training(side):
        return _at_the_moment(side, side.steps)
    test = side.card.test
    if not test:
        return {}
    error = f" ± {test['standard_error']:.2f}" if "standard_error" in test else ""
    what = side.card.objective
    found = {f.label: f.shown[0].format(test[f.key]) for f in what.figures if f.key in test}
    found[what.figure.label] += error
    if "iwae" in test:
        error = f" ± {test['iwae_standard_error']:.2f}" if "iwae_standard_error" in test else ""
        found["Importance-weighted bound"] = (
            f"{test['iwae']:.2f}{error}, K = {test['iwae_samples']}"
        )
    if "bits_per_dim" in test:
        found["Bits per dimension"] = f"{test['bits_per_dim']:.3f}"
    return found | {_IMAGES: f"{test['images']:,.0f}"}


def _is_of_training(side: Side) -> bool:
    """Whether what was measured last while it learned must do: it was not measured at its end."""
    stopped = side.entry.run is not None and not side.card.test
    return side.at is not None or stopped


def _at_the_moment(side: Side, at: int) -> dict[str, str]:
    """The last measurement of a run up to a moment of it."""
    history = Run(side.entry.folder).history()
    before = np.flatnonzero(history.test_step <= at)
    if not len(before):
        return {}
    k = before[-1]
    what = side.card.objective
    found = {f.label: f.shown[1].format(history.tested(f.metric)[k]) for f in what.figures}
    found[what.figure.label] += f" after {updates(int(history.test_step[k]))}"
    return found | {_IMAGES: "a part of them"}


# ---- HTML


def _html(lines: Sequence[Row], a: str, b: str) -> str:
    body, group = [], ""
    for row in lines:
        if row.group != group:
            group = row.group
            body.append(
                f'<tr class="group"><th colspan="3" scope="colgroup">{escape(group)}</th></tr>'
            )
        label = re.sub("L_([xz])", r"L<sub>\1</sub>", escape(row.label))
        head = f'<th scope="row">{label}</th>'
        if row.differs:
            cells = f"<td>{escape(row.a)}</td><td>{escape(row.b)}</td>"
        else:
            cells = f'<td colspan="2">{escape(row.a)}</td>'
        body.append(f'<tr class="{"differs" if row.differs else "same"}">{head}{cells}</tr>')
    return (
        '<table class="pairs"><caption>Differences are bold; a value shown once applies to both.'
        f"</caption><thead><tr><td></td><th>A: {escape(a)}</th><th>B: {escape(b)}</th></tr>"
        f"</thead><tbody>{''.join(body)}</tbody></table>"
    )
