"""What the page Compare says of a pair: what "the same seed" means, and what to look for.

Every number in a sentence is computed from what is shown; a sentence states what differs between
the two cards, and only what the numbers bear out.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from draw_core.base.fields import WINDOWS, Field, differing
from draw_core.families.draw.config import DrawConfig
from draw_core.families.registry import family_of
from draw_core.film.codecs import Codec
from draw_core.film.film import Film
from draw_core.film.pen import PenMeasure, measure_pen
from ui.compare.models import Side, updates
from ui.kit import pen_words
from ui.kit.text import plain
from ui.models import about
from ui.picture.data import Target

# How many samples are looked at, enough for a mean, and how many pixels in all at the most.
_ENOUGH, _MOST_PIXELS = 16, 2_000_000
# From this ratio on, one is said to change clearly fewer pixels than the other.
_CLEARLY = 1.25
_HALF = 50  # %
_OF_DIGITS = {"mnist", "two_digits:mnist", "two_digits_apart:mnist"}


@dataclass(frozen=True)
class Seen:
    """One side and what it paints.

    Attributes:
        side: the model.
        ink: ``[T]``, pixels of ink that each step moves, mean over samples and channels.
        half: pixels that hold half of a step's change, mean over steps and samples.
        pen: of its write window; None without one.
    """

    side: Side
    ink: NDArray[np.float64]
    half: float
    pen: PenMeasure | None = None

    @classmethod
    def of(cls, side: Side, film: Film) -> "Seen":
        """Measures a film of that side."""
        _, height, width = film.shape
        pixels = (film.num_steps + 1) * height * width
        canvases = np.ascontiguousarray(film.frames(max(1, min(_ENOUGH, _MOST_PIXELS // pixels))))
        digest = hashlib.blake2b(canvases.data, digest_size=16).hexdigest()
        ink, half = _measured(digest, canvases.shape, canvases, film.codec)
        return cls(side, ink, half, measure_pen(film))

    @property
    def letter(self) -> str:
        """Of the side."""
        return self.side.letter


@st.cache_resource(max_entries=256, show_spinner=False)
def _measured(
    digest: str,  # noqa: ARG001 - what is cached goes by it and by the shape
    shape: tuple[int, ...],  # noqa: ARG001
    _canvases: NDArray[np.uint8],
    _codec: Codec,
) -> tuple[NDArray[np.float64], float]:
    """The ink of each step, and the pixels that hold half of a step's change."""
    change = np.abs(np.diff(_codec.values[_canvases], axis=0)).mean(axis=2)  # [T, B, H, W]
    ink = change.sum(axis=(2, 3), dtype=np.float64).mean(axis=1)
    return ink, float(half_of_change(change).mean())


def half_of_change(change: NDArray[np.floating]) -> NDArray[np.int64]:
    """The fewest pixels on which half of a change falls.

    Args:
        change: ``[..., H, W]``, not negative.

    Returns:
        ``[...]``, 0 where nothing changes.
    """
    flat = change.reshape(*change.shape[:-2], -1)
    reached = np.cumsum(np.sort(flat, axis=-1)[..., ::-1], axis=-1, dtype=np.float64)
    total = reached[..., -1:]
    fewest = (reached < total / 2).sum(axis=-1) + 1
    return np.where(total[..., 0] > 0, fewest, 0)


def same_noise(a: Side, b: Side) -> str:
    """What "the same seed" means for the two, in a few sentences."""
    ours, theirs = a.config, b.config
    digits = {a.card.data, b.card.data} <= _OF_DIGITS
    how = f"Compare how they paint. Do not compare the {'digits' if digits else 'pictures'}."
    if not (ours.latent_steps and theirs.latent_steps):
        return (
            "The same seed starts the same stream of random numbers, but the two do not use them "
            f"alike. {how}"
        )
    if (ours.latent_steps, ours.latents_per_step) == (
        theirs.latent_steps,
        theirs.latents_per_step,
    ):
        if a.same_model(b):
            return "The seed is the same, so both get the same random numbers at every step."
        return (
            "The seed is the same, so both get the same random numbers at every step. But each "
            "network learned its own meaning for them: sample 1 of A need not look like sample 1 "
            "of B."
        )
    if ours.latents_per_step != theirs.latents_per_step:
        return (
            "The same seed starts the same stream of random numbers, but A takes "
            f"{ours.latents_per_step} of them at each step and B {theirs.latents_per_step}, so "
            f"they do not mean the same. {how}"
        )
    return (
        "The same seed starts the same stream of random numbers, but A takes "
        f"{ours.latents_per_step} of them {ours.latent_steps} times for each sample and B "
        f"{theirs.latent_steps} times. Only the first "
        f"{min(ours.latent_steps, theirs.latent_steps)} steps of sample 1 get the same numbers. "
        f"{how}"
    )


def look_for(a: Seen, b: Seen) -> str:
    """What differs between the two and what to look for, in Markdown."""
    if a.side.same_model(b.side):
        return _same_model(a, b)
    found = {what: text for what, sentence in _SENTENCES if (text := sentence(a, b))}
    if not found and a.side.card.weights != b.side.card.weights:
        return (
            "**The two cards name the same network, data and training**, but the weights are "
            f"stored as {a.side.card.weights} in A and as {b.side.card.weights} in B. If they "
            "are the same weights, what differs is their rounding."
        )
    if not found:
        return (
            "**The two cards name the same network, data and training.** What differs came about "
            f"while they learned. {_step_by_step(a, b)}"
        )
    _, *more = found
    text = next(iter(found.values()))
    if not more:
        return text
    listed = more[0] if len(more) == 1 else f"{', '.join(more[:-1])} and {more[-1]}"
    return f"{text} They also differ in {listed}: see the table below."


def _same_model(a: Seen, b: Seen) -> str:
    if a.side.same_as(b.side):
        return (
            "**Both sides are the same model**, so every picture is the same. Choose another model "
            "on one side, or an earlier moment of a training."
        )
    return (
        f"**The same network at two moments of its training**: A {_moment(a)}, B {_moment(b)}. "
        "The random numbers are the same, so whatever differs in a sample is what it learned in "
        f"between. {_step_by_step(a, b)}"
    )


def _moment(seen: Seen) -> str:
    at = seen.side.at
    return f"after {updates(at)}" if at is not None else "as it is now"


def _kinds(a: Seen, b: Seen) -> str:
    ours, theirs = family_of(a.side.config), family_of(b.side.config)
    if ours is theirs:
        return ""
    said = " ".join(
        f"{letter} is of the kind {kind.title}: {kind.about[0].lower()}{kind.about[1:]}"
        for letter, kind in (("A", ours), ("B", theirs))
    )
    return f"**The two are networks of different kinds.** {said} {_step_by_step(a, b)}"


def _draw_configs(a: Seen, b: Seen) -> tuple[DrawConfig, DrawConfig] | None:
    """The two configurations, if both are of DRAW."""
    ours, theirs = a.side.config, b.side.config
    if isinstance(ours, DrawConfig) and isinstance(theirs, DrawConfig):
        return ours, theirs
    return None


def _attention(a: Seen, b: Seen) -> str:
    configs = _draw_configs(a, b)
    if configs is None:
        return ""
    ours, theirs = configs
    if ours.write_attention == theirs.write_attention:
        return _read_attention(a, b, ours, theirs)
    pen, page = (a, b) if ours.write_attention else (b, a)
    text = (
        f"**{pen.letter} writes through a window, {page.letter} on the whole canvas at once.** "
        + _halves(pen, page)
    )
    if _share(page) >= _CLEARLY * _share(pen):
        return (
            f"{text} {pen.letter} paints {pen_words.paints(pen.pen)}. In {page.letter}, more of "
            "the picture takes shape at once."
        )
    return (
        f"{text} So the window does not keep the changes clearly closer together here. Look at "
        "where it goes, and how large it is."
    )


def _read_attention(a: Seen, b: Seen, ours: DrawConfig, theirs: DrawConfig) -> str:
    if ours.read_attention == theirs.read_attention:
        return ""
    eye, whole = (a, b) if ours.read_attention else (b, a)
    return (
        f"**{eye.letter} reads through a window, {whole.letter} sees the whole image at every "
        f"step.** The blue dashed window shows where {eye.letter} looks when it rebuilds an image. "
        + _step_by_step(a, b)
    )


def nats_of_one_image(a: Side) -> str:
    """How the nats beside a rebuilt image come about, which are not those of the table."""
    if Target.of(a.entry).binary:
        made = "It is made black and white at half grey."
    else:
        made = "Of pixels with many values they are a cross-entropy, not a likelihood."
    return (
        f"The nats above are of this one picture and one draw of noise. {made} The table below "
        "gives means over test images, and says how those were made."
    )


def _data(a: Seen, b: Seen) -> str:
    ours, theirs = a.side.card, b.side.card
    if ours.data == theirs.data:
        if ours.train_images == theirs.train_images:
            return ""
        return (
            f"**A learned from {ours.train_images:,} images of {_title(a)}, B from "
            f"{theirs.train_images:,}.** {_step_by_step(a, b)}"
        )
    return (
        f"**A learned from {_title(a)}, B from {_title(b)}.** Each knows only the shapes that it "
        f"has seen: look for what they cannot help painting. {_step_by_step(a, b)}"
    )


def _title(seen: Seen) -> str:
    return plain(seen.side.entry.images)


def _steps(a: Seen, b: Seen) -> str:
    short, long = sorted((a, b), key=lambda seen: seen.side.config.film_steps)
    end, last = short.side.config.film_steps, long.side.config.film_steps
    if end == last:
        return ""
    matter = about.matter(short.side.config)
    made = 100 * float(long.ink[:end].sum() / max(1e-9, long.ink.sum()))
    return (
        f"**{short.letter} paints in {_count(end)}, {long.letter} in {_count(last)}.** "
        f"{short.letter} moves {short.ink.mean():.1f} pixels of {matter} in an average step, "
        f"{long.letter} {long.ink.mean():.1f}. When {short.letter} is finished, {long.letter} has "
        f"made {'only ' if made < _HALF else ''}{made:.0f} % of its changes. Watch what it still "
        "adds."
    )


def _count(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps} steps"


def _differing(a: Seen, b: Seen) -> list[Field]:
    """The settings of two networks of one kind that differ, and of which no other sentence is."""
    ours, theirs = a.side.config, b.side.config
    if type(ours) is not type(theirs):
        return []
    told = {"num_steps"} if ours.film_steps != theirs.film_steps else set()
    if isinstance(ours, DrawConfig):
        told |= {"read_attention", "write_attention"}
    return [field for field in differing(ours, theirs) if field.name not in told]


def _windows(a: Seen, b: Seen) -> str:
    differ = []
    for field in sorted(_differing(a, b), key=lambda field: field.name != "write_size"):
        ours, theirs = (getattr(seen.side.config, field.name) for seen in (a, b))
        verb = {"write_size": "writes", "read_size": "reads"}.get(field.name)
        if verb:
            differ.append(f"A {verb} with {ours}×{ours} points, B with {theirs}×{theirs}")
        elif field.group == WINDOWS:
            differ.append(f"{field.title}: {field.said(ours)} in A, {field.said(theirs)} in B")
    if not differ:
        return ""
    return f"**{'; '.join(differ)}.** {_step_by_step(a, b)}"


def _sizes(a: Seen, b: Seen) -> str:
    differ = []
    for field in _differing(a, b):
        ours, theirs = (field.said(getattr(seen.side.config, field.name)) for seen in (a, b))
        if field.name == "initial_canvas":
            differ.append("they begin with different canvases: look at step 0")
        elif field.group != WINDOWS:
            known = field.kind == "whole"
            said = f"{ours} {field.label}" if known else f"{field.label} {ours}"
            differ.append(f"{said} in A, {theirs} in B")
    if not differ:
        return ""
    return f"**The networks differ:** {'; '.join(differ)}. {_step_by_step(a, b)}"


def _training(a: Seen, b: Seen) -> str:
    if a.side.steps != b.side.steps:
        how = f"A made {updates(a.side.steps)} of its weights, B {b.side.steps:,}"
    elif a.side.card.training != b.side.card.training:
        how = "as the table below shows"
    else:
        return ""
    return f"**The same network, trained differently**: {how}. {_step_by_step(a, b)}"


# What may differ, with its sentence; the first that does is told in full.
_SENTENCES: tuple[tuple[str, Callable[[Seen, Seen], str]], ...] = (
    ("kind of network", _kinds),
    ("attention", _attention),
    ("training images", _data),
    ("number of steps", _steps),
    ("window size", _windows),
    ("network size", _sizes),
    ("training", _training),
)


def _step_by_step(a: Seen, b: Seen) -> str:
    """How far each step of the two reaches."""
    fewer, more = sorted((a, b), key=_share)
    text = _halves(a, b)
    if _share(more) < _CLEARLY * _share(fewer):
        return f"{text} Step by step, both change about as many pixels."
    return f"{text} So {fewer.letter} changes less of the picture at a time."


def _halves(a: Seen, b: Seen) -> str:
    def where(seen: Seen) -> str:
        if _pixels(a) == _pixels(b):
            return f"{seen.half:.0f}"
        return f"{100 * _share(seen):.1f} %"

    whole = f" of {_pixels(a)} pixels" if _pixels(a) == _pixels(b) else " of the pixels"
    return (
        f"In an average step, half of the change falls on {where(a)}{whole} in {a.letter} and on "
        f"{where(b)} in {b.letter}."
    )


def _pixels(seen: Seen) -> int:
    return seen.side.config.height * seen.side.config.width


def _share(seen: Seen) -> float:
    return seen.half / _pixels(seen)
