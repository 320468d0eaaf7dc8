"""Our own numbers, read from the cards beside the weights: none is written down here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from draw_core.base.command_line import command
from draw_core.base.fields import Binarisation
from draw_core.data.registry import DATASETS
from draw_core.families.conv.config import ConvConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.published import (
    CLUTTER,
    DRAW,
    MNIST,
    TABLE_1,
    WITHOUT_ATTENTION,
    Sizes,
)
from draw_core.families.family import NetworkConfig
from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.families.registry import family_of
from draw_core.measure.evaluate_tally import NOISE_SAMPLES
from draw_core.store.card import Card
from ui.models import about, draw
from ui.models.catalogue import Model, shipped
from ui.models.command_lines import of_card, placed
from ui.paper.choice import CLASSIFIER, classifiers, with_glimpses

_NOT_BINARY: dict[Binarisation, str] = {
    "threshold": "pixels made black and white by a threshold",
    "grey": "grey pixels",
}
_CLUTTER = "cluttered:mnist"  # what Table 1 is about
_TEST_IMAGES = 10_000  # that the command takes by itself
_GLIMPSES = (4, CLUTTER.glimpses)  # of the paper's classifiers
# Two errors that are nearer than so many standard errors of their difference are about equal.
_CLEARLY = 2.0


@dataclass(frozen=True)
class Ours:
    """One of our values.

    Attributes:
        name: what it is called in the table.
        entry: the model whose card says so.
        value: nats, or an error in percent.
        error: the standard error of ``value``, if it was measured.
        bound: whether the true value may be lower.
        unit: stands after the value.
        command: prints the value.
        why: what sets it apart from the paper's, in sentences.
    """

    name: str
    entry: Model
    value: float
    error: float | None
    bound: bool
    unit: str
    command: str
    why: str

    @property
    def training(self) -> str:
        """The command that trains it."""
        return of_card(self.entry.card)

    @property
    def text(self) -> str:
        """The number as it is printed."""
        text = f"{'≤ ' if self.bound else ''}{self.value:.2f}{self.unit}"
        return f"{text} ± {self.error:.2f}" if self.error else text


class OurSizes(NamedTuple):
    """The sizes of one of our networks, the command that trains it, and what helped."""

    name: str
    sizes: Sizes
    training: str
    notes: tuple[str, ...]


def nats() -> list[Ours]:
    """The test bounds of the shipped models that Table 2 is about, the lowest first."""
    found = [_nats(entry) for entry in _measured() if _why_not(entry) is None]
    return sorted(found, key=lambda one: one.value)


def not_comparable() -> str:
    """Which shipped models are not on Table 2's axis and why, in one sentence; "" if all are."""
    reasons: dict[str, list[str]] = {}
    for entry in _measured():
        if reason := _why_not(entry):
            reasons.setdefault(reason, []).append(entry.name)
    parts = [f"{', '.join(names)} ({reason})" for reason, names in reasons.items()]
    return f"Not on this axis: {'; '.join(parts)}." if parts else ""


def _measured() -> list[Model]:
    """The shipped models with a test result."""
    found = shipped().models.values()
    return [entry for entry in found if entry.card.test and entry.card.objective.unit == "nats"]


def _why_not(entry: Model) -> str | None:
    """What keeps a model's nats from being compared with those of Table 2."""
    if entry.data != "mnist":
        return "other images"
    how = entry.card.training.binarisation
    return None if how == "bernoulli" else _NOT_BINARY[how]


def _nats(entry: Model) -> Ours:
    card = entry.card
    assert card.test
    test = card.test
    standard_error = test.get("standard_error")
    usual = {"images": DATASETS["mnist"].sizes.test, "samples": NOISE_SAMPLES, "seed": 0}
    options = _options(test, usual)
    if "iwae" in test:
        options["iwae"] = test["iwae_samples"]
    return Ours(
        name=entry.name,
        entry=entry,
        value=card.objective.of(test),
        error=None if standard_error is None else float(standard_error),
        bound=card.objective.bound,
        unit="",
        command=placed(command("evaluate", entry.name, options=options), card.data),
        why=_apart(card.config)
        + f" It was trained with {card.steps:,} updates of {card.training.batch_size} images in "
        f"{duration(card.wall_time_s)}. Its test digits were made black and white in another draw "
        f"than the paper's: see the note below.{_tighter(test)}",
    )


def _tighter(test: Mapping[str, Any]) -> str:
    """The importance-weighted bound, where it was measured, in one sentence."""
    if "iwae" not in test:
        return ""
    error = f" ± {test['iwae_standard_error']:.2f}" if "iwae_standard_error" in test else ""
    return (
        f" A tighter bound, importance-weighted over {test['iwae_samples']} samples of the "
        f"latents, is {test['iwae']:.2f}{error} nats; the paper gives none."
    )


def _apart(c: NetworkConfig) -> str:
    """In what sizes a network differs from the paper's that is most like it, in a sentence or two.

    Of another kind than DRAW it says of which.
    """
    if not isinstance(c, DrawConfig):
        family = family_of(c)
        return f"It is no DRAW network, but a network of the kind {family.title}: {family.about}"
    windows = c.read_attention or c.write_attention
    theirs = DRAW if windows else WITHOUT_ATTENTION
    sizes = [
        ("steps", c.num_steps, MNIST.glimpses),
        ("units", c.dec_size, MNIST.h),
        ("latents per step", c.z_size, MNIST.z),
    ]
    if c.enc_size != c.dec_size:
        sizes.append(("units of the encoder", c.enc_size, MNIST.h))
    parts = [f"{own} {what} instead of {paper}" for what, own, paper in sizes if own != paper]
    for what, has, own, paper in (
        ("read", c.read_attention, c.read_size, MNIST.read),
        ("write", c.write_attention, c.write_size, MNIST.write),
    ):
        if has and own != paper:
            parts.append(f"a {what} window of {own} × {own} instead of {paper} × {paper}")
        elif windows and not has:
            parts.append(f"no {what} window")
    what = ", ".join(parts) or "the same sizes"
    return f"Compared with the paper's {theirs.name} ({theirs.text}): {what}."


def _options(given: Mapping[str, Any], usual: Mapping[str, int]) -> dict[str, object]:
    """The options that make a command repeat the card's own measurement."""
    return {name: given[name] for name, value in usual.items() if given.get(name, value) != value}


def errors() -> list[Ours]:
    """The errors of our classifiers, and of the baselines beside them."""
    found = []
    for entry in _on_clutter():
        card, config = entry.card, entry.config
        assert card.test
        name, apart = entry.name, ""
        if isinstance(config, GlimpseConfig):
            name, apart = f"{name}, {config.num_steps} glimpses", _seen(config)
        elif isinstance(config, ConvConfig):
            name, apart = f"{CLASSIFIER}, baseline", _convolutional(card, config)
        again = command(
            "evaluate", entry.name, options=_options(card.test, {"images": _TEST_IMAGES})
        )
        found.append(
            Ours(
                name=name,
                entry=entry,
                value=card.objective.of(card.test),
                error=card.test.get("standard_error") or None,
                bound=False,
                unit=" %",
                command=placed(again, _CLUTTER),
                why=f"{apart}It was trained with {card.steps:,} updates of "
                f"{card.training.batch_size} pictures in {duration(card.wall_time_s)}. "
                f"{_unexplained(entry)}",
            )
        )
    return sorted(found, key=lambda one: one.value)


def _on_clutter() -> list[Model]:
    """The classifiers that were measured on what Table 1 is about."""
    return [entry for entry in classifiers() if entry.data == _CLUTTER and entry.card.test]


def _first(config: type[NetworkConfig]) -> Mapping[str, Any] | None:
    """The test result of the first of those that has a network of this kind."""
    tests = (entry.card.test for entry in _on_clutter() if isinstance(entry.config, config))
    return next(tests, None)


def whole_picture() -> float | None:
    """The error of our network that sees the whole picture at once, in percent."""
    found = _first(ConvConfig)
    return None if found is None else float(found["error"])


def glimpses_or_whole() -> str:
    """Which of our two networks errs less on clutter, and whether as in the paper, in Markdown.

    Nothing where one of them was not measured.
    """
    whole = _first(ConvConfig)
    for entry, config in with_glimpses():
        if whole and entry.data == _CLUTTER and entry.card.test:
            return _which_errs_less(config.num_steps, entry.card.test, whole)
    return ""


def _which_errs_less(glimpses: int, seen: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    noise = math.hypot(*(test.get("standard_error", 0.0) for test in (seen, whole)))
    theirs = min((v for v in TABLE_1 if v.draw), key=lambda v: v.value)
    ours = (
        f"the one that sees the whole picture at once errs on {whole['error']:.2f} %, the one with "
        f"{glimpses} glimpses on {seen['error']:.2f} %"
    )
    paper = f"{TABLE_1[0].value:.2f} % against {theirs.value:.2f} %"
    if abs(seen["error"] - whole["error"]) < _CLEARLY * noise:
        return (
            f"**Our two networks err about as often:** {ours}, nearer to each other than two "
            f"standard errors. In the paper glimpses are far better: {paper}."
        )
    if whole["error"] < seen["error"]:
        return (
            f"**Our convolutional network beats our glimpses:** {ours}. In the paper it is the "
            f"other way round: {paper}."
        )
    return (
        f"**Our glimpses beat our convolutional network:** {ours}. The paper has the same order: "
        f"{paper}."
    )


def _convolutional(card: Card, c: ConvConfig) -> str:
    """What the baseline is, which the paper's is not, in two sentences."""
    seen = card.steps * card.training.batch_size
    return (
        "It sees the whole picture at once, and is not the paper's network: it has "
        f"{c.filters_1} and {c.filters_2} filters of {c.kernel} × {c.kernel}, and max pooling "
        f"follows each layer ({c.pool_1} × {c.pool_1} and {c.pool_2} × {c.pool_2}). It learned "
        f"from {seen:,} pictures, composed as they were needed. "
    )


def _seen(c: GlimpseConfig) -> str:
    """In what sizes a classifier differs from the paper's, in one sentence, or nothing."""
    parts = []
    if c.num_steps not in _GLIMPSES:
        parts.append(f"{c.num_steps} glimpses instead of {' or '.join(map(str, _GLIMPSES))}")
    if c.hidden_size != CLUTTER.h:
        parts.append(f"{c.hidden_size} units instead of {CLUTTER.h}")
    if c.read_size != CLUTTER.read:
        n, m = c.read_size, CLUTTER.read
        parts.append(f"a window of {n} × {n} instead of {m} × {m}")
    if not parts:
        return "It has as many glimpses, units and points of the window as the paper's. "
    return f"Compared with the paper's: {', '.join(parts)}. "


def _unexplained(entry: Model) -> str:
    """What is known of why our error is not the paper's, in a sentence or two."""
    other, test = _first(GlimpseConfig), entry.card.test
    if isinstance(entry.config, ConvConfig) and other and test and test["error"] < other["error"]:
        return (
            "It errs less than our network with glimpses, unlike the paper's baseline. The paper's "
            "table gives only its 2 layers. We do not know why it errs more."
        )
    return (
        "The paper's pages were arranged by other random numbers than ours, which explains a "
        "difference of a few standard errors at most. How long theirs learned is not known."
    )


def no_clutter() -> str:
    """Which classifiers are not on Table 1's axis, in one sentence; "" if all are."""
    names = [entry.name for entry in classifiers() if entry.data != _CLUTTER]
    return f"Not on this axis: {', '.join(names)} (other images)." if names else ""


def sizes() -> list[OurSizes]:
    """The rows of table 3 for every shipped model."""
    rows = []
    for entry, g in with_glimpses():
        data = about.data_title(entry.data)
        row = Sizes(data, g.num_steps, g.hidden_size, None, g.read_size, None)
        rows.append(OurSizes(entry.name, row, of_card(entry.card), entry.card.notes))
    for name, entry in draw.of_draw(shipped().models).items():
        card, c = entry.card, draw.network(entry)
        row = Sizes(
            about.learned_from(card),
            c.num_steps,
            c.dec_size,
            c.z_size,
            c.read_size if c.read_attention else None,
            c.write_size if c.write_attention else None,
        )
        rows.append(OurSizes(name, row, of_card(card), card.notes))
    return rows


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
