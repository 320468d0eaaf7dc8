"""A classifier of MNIST digits that slides over a page and tells which digits it shows.

It judges what a network painted that learned from single digits, from ``two_digits`` or from
``two_digits_apart``, so that no person needs to count which samples are readable. It sees 28 x 28
pixels at a time and answers with a digit, or that no digit stands just there. It learns from places
with a digit, from places beside one, and from chimeras: digits put together from the quarters of
four others, which have all the strokes of digits and none of their shapes. How far it can be
trusted is measured on pages of test digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.seeds import Stream
from draw_core.data.composed.composites import DIGIT, RECIPES, Composer, Recipe
from draw_core.data.registry import Split
from draw_core.learning.optimise import Schedule, learning_rate

SIDE = RECIPES["two_digits"].side  # pixels, of every page
NONE = 10  # the answer that no digit stands there

# It is asked at every second pixel, so it must bear a pixel beside. A place is beside a digit from
# _FAR pixels on; what is nearer is left out of training.
_STEP, _NEAR, _FAR = 2, 1, 4
# Of answers at most so many pixels apart only the surest counts, if it is as sure as this.
_APART, _SURE = 6, 0.5
_AT_A_TIME = 500  # pages
_ANYWHERE = 3  # places of a page to learn from, beside those of its digits


class Judge(nn.Module):
    """Two convolutions with pooling and two layers more, as convolutions over a whole page."""

    def __init__(self, answers: int = NONE + 1) -> None:
        """``answers``: the digits, and what else there is to say."""
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 128, 4), nn.ReLU()),
            nn.Conv2d(128, answers, 1),
        )

    def forward(self, pages: UInt8[Tensor, "B 1 H W"]) -> Float[Tensor, "B K Y X"]:
        """The answers before the softmax at every fourth pixel; one place for 28 x 28 pixels."""
        logits: Float[Tensor, "B K Y X"] = self.layers(pages.float().div(255))
        return logits

    def everywhere(self, pages: UInt8[Tensor, "B 1 S S"]) -> Float[Tensor, "B 10 R R"]:
        """How probable each digit is at every second pixel of a page of 28 pixels or more."""
        room = (pages.shape[-1] - DIGIT) // _STEP + 1
        odds = torch.zeros(len(pages), NONE, room, room)
        for y in range(min(2, room)):  # the poolings leave out every other place
            for x in range(min(2, room)):
                part = self(pages[..., _STEP * y :, _STEP * x :]).softmax(dim=1)
                odds[:, :, y::2, x::2] = part[:, :NONE]
        return odds

    @torch.inference_mode()
    def read(self, pages: UInt8[Tensor, "B 1 S S"]) -> list[tuple[int, ...]]:
        """The digits that it finds on each page, in rising order."""
        found, apart = [], _APART // _STEP
        for odds in self.everywhere(pages):
            best, digits = odds.max(dim=0)
            read = []
            while best.max() >= _SURE:
                y, x = divmod(int(best.argmax()), best.shape[1])
                read.append(int(digits[y, x]))
                rows = slice(max(0, y - apart), y + apart + 1)
                best[rows, max(0, x - apart) : x + apart + 1] = 0
            found.append(tuple(sorted(read)))
        return found


Digits = tuple[int, ...]  # of a page, in rising order
# Squares to learn from, and what they are.
Batch = tuple[UInt8[np.ndarray, "P 1 28 28"], Int64[np.ndarray, " P"]]


@dataclass(frozen=True)
class JudgeTraining:
    """How the judge learns: Adam, linear warm-up, then cosine decay to zero.

    Attributes:
        batch_size: pages per update, each seen at about five places.
    """

    steps: int = 3000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    seed: int = 0


@dataclass(frozen=True)
class Trust:
    """How far a judge can be trusted, in percent of pages of test digits.

    Attributes:
        two: real pages on which it reads as many digits as they show (two, or one), whichever.
            What a network paints can hardly be read more often.
        right: real pages on which it reads the very digits.
        fooled: spoilt pages on which it reads as many digits all the same.
    """

    two: float
    right: float
    fooled: float


class Pages:
    """Real and spoilt pages with two digits of one split, each a function of its number."""

    shown = 2  # digits on a page

    def __init__(
        self,
        recipe: Recipe,
        digits: UInt8[np.ndarray, "N 1 28 28"],
        labels: Int64[np.ndarray, " N"],
        split: Split,
    ) -> None:
        """``recipe`` is one with two digits; see :mod:`draw_core.data.composed.composites`."""
        self._count = count = len(digits)
        self._labels = np.concatenate([labels, np.full(count, NONE)])
        both, twice = np.concatenate([digits, chimeras(digits, split)]), np.tile(labels, 2)
        self._real = Composer(recipe, digits, labels, split)
        self._mixed = Composer(recipe, both, twice, split)
        self._wrong = [
            Composer(replace(recipe, digits=number), digits, labels, split) for number in (1, 3)
        ]

    def real(
        self, numbers: Int64[np.ndarray, " B"]
    ) -> tuple[UInt8[np.ndarray, "B 1 60 60"], list[tuple[int, ...]]]:
        """Pages with two digits, and which these are, in rising order."""
        labels = [divmod(int(label), 10) for label in self._real.labels(numbers)]
        return self._real.images(numbers), [tuple(sorted(pair)) for pair in labels]

    def spoilt(self, numbers: Int64[np.ndarray, " B"]) -> UInt8[np.ndarray, "B 1 60 60"]:
        """Pages that do not show two digits: of four, two with chimeras, one with one, with 3."""
        # Of the mixed pages, those whose first digit is a chimera.
        chimera = numbers // self._count * 2 * self._count + self._count + numbers % self._count
        makers = (self._mixed, self._mixed, *self._wrong)
        pages = np.empty((len(numbers), 1, SIDE, SIDE), np.uint8)
        for kind, maker in enumerate(makers):
            these = numbers % len(makers) == kind
            pages[these] = maker.images((chimera if maker is self._mixed else numbers)[these])
        return pages

    def places(
        self, numbers: Int64[np.ndarray, " B"], random: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "P 1 28 28"], Int64[np.ndarray, " P"]]:
        """What is seen at places of pages with two digits or chimeras, and what stands there.

        Of each page the places of both, up to a pixel beside, and places at random, unless they
        are nearly where something stands.
        """
        parts, pages = self._mixed.digits(numbers), self._mixed.images(numbers)
        room = SIDE - DIGIT
        nearly = random.integers(-_NEAR, _NEAR + 1, (2, *parts.x.shape))
        at = np.stack([parts.x, parts.y]) + nearly
        anywhere = random.integers(0, room + 1, (2, len(numbers), _ANYWHERE))
        x, y = np.clip(np.concatenate([at, anywhere], axis=2), 0, room)
        answers = np.concatenate([self._labels[parts.source], np.full_like(x[:, 2:], NONE)], axis=1)
        beside = np.maximum(
            np.abs(x[:, 2:, None] - parts.x[:, None]), np.abs(y[:, 2:, None] - parts.y[:, None])
        ).min(axis=2)
        use = np.concatenate([np.ones_like(parts.x, bool), beside >= _FAR], axis=1)
        squares = np.lib.stride_tricks.sliding_window_view(pages[:, 0], (DIGIT, DIGIT), (1, 2))
        page = np.broadcast_to(np.arange(len(numbers))[:, None], x.shape)
        return squares[page[use], y[use], x[use]][:, None], answers[use]


class Singles:
    """Real digits of one split, each a page of its own, and chimeras, which are the spoilt ones."""

    shown = 1

    def __init__(
        self, digits: UInt8[np.ndarray, "N 1 28 28"], labels: Int64[np.ndarray, " N"], split: Split
    ) -> None:
        self._digits, self._labels = digits, labels
        self._chimeras = chimeras(digits, split)

    def real(
        self, numbers: Int64[np.ndarray, " B"]
    ) -> tuple[UInt8[np.ndarray, "B 1 28 28"], list[tuple[int, ...]]]:
        """Digits, and which they are."""
        at = numbers % len(self._digits)
        return self._digits[at], [(int(label),) for label in self._labels[at]]

    def spoilt(self, numbers: Int64[np.ndarray, " B"]) -> UInt8[np.ndarray, "B 1 28 28"]:
        """Chimeras."""
        chosen: UInt8[np.ndarray, "B 1 28 28"] = self._chimeras[numbers % len(self._chimeras)]
        return chosen

    def places(
        self, numbers: Int64[np.ndarray, " B"], random: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "P 1 28 28"], Int64[np.ndarray, " P"]]:
        """Digits and chimeras, moved by a pixel at most, and what they are."""
        at = random.permutation(numbers) % len(self._digits)
        squares = np.concatenate([self._digits[at], self._chimeras[at]])
        down, across = random.integers(-_NEAR, _NEAR + 1, 2)
        squares = np.roll(squares, (down, across), axis=(2, 3))
        return squares, np.concatenate([self._labels[at], np.full(len(at), NONE)])


def train(
    pages: Pages | Singles, config: JudgeTraining, on_step: Callable[[int], None] | None = None
) -> Judge:
    """A judge that has learned from places on real and spoilt pages.

    Args:
        pages: of the training digits.
        on_step: is told how many updates are made.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(config.seed, Stream.WEIGHTS))
        judge = Judge()

    def batch(step: int) -> Batch:
        numbers = np.arange(step * config.batch_size, (step + 1) * config.batch_size)
        return pages.places(numbers, np.random.default_rng([config.seed, step]))

    return fit(judge, batch, config, on_step)


def fit(
    judge: Judge,
    batch: Callable[[int], Batch],
    config: Schedule,
    on_step: Callable[[int], None] | None = None,
) -> Judge:
    """The judge after all updates, ready to be asked: Adam on the cross-entropy of its answers.

    Args:
        batch: the squares of an update, from 0 on, and what they are.
        on_step: is told how many updates are made.
    """
    optimizer = torch.optim.Adam(judge.parameters(), fused=True)
    for step in range(config.steps):
        squares, answers = map(torch.from_numpy, batch(step))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        optimizer.zero_grad()
        F.cross_entropy(judge(squares).flatten(1), answers).backward()
        optimizer.step()
        if on_step:
            on_step(step + 1)
    return judge.eval().requires_grad_(False)


def trust(judge: Judge, pages: Pages | Singles, count: int) -> Trust:
    """What the judge makes of so many real and so many spoilt pages of test digits."""
    found, shown, spoilt = read_all(lambda p: judge.read(torch.from_numpy(p)), pages, count)
    two = sum(len(digits) == pages.shown for digits in found)
    right = sum(digits == truth for digits, truth in zip(found, shown, strict=True))
    fooled = sum(len(digits) == pages.shown for digits in spoilt)
    return Trust(two=100 * two / count, right=100 * right / count, fooled=100 * fooled / count)


def read_all(
    read: Callable[[UInt8[np.ndarray, "B 1 S S"]], list[Digits]], pages: Pages | Singles, count: int
) -> tuple[list[Digits], list[Digits], list[Digits]]:
    """What is read on so many real pages, what these show, and what is read on as many spoilt."""
    found: list[Digits] = []
    shown: list[Digits] = []
    spoilt: list[Digits] = []
    for start in range(0, count, _AT_A_TIME):
        numbers = np.arange(start, min(start + _AT_A_TIME, count))
        images, truth = pages.real(numbers)
        found += read(images)
        shown += truth
        spoilt += read(pages.spoilt(numbers))
    return found, shown, spoilt


def chimeras(
    digits: UInt8[np.ndarray, "N 1 28 28"], split: Split
) -> UInt8[np.ndarray, "N 1 28 28"]:
    """As many pictures, each with its quarters from four digits."""
    random = np.random.default_rng([2015, 0 if split == "train" else 1])
    made, middle = digits.copy(), DIGIT // 2
    for rows in (slice(None, middle), slice(middle, None)):
        for columns in (slice(None, middle), slice(middle, None)):
            others = random.permutation(len(digits))
            made[:, :, rows, columns] = digits[others][:, :, rows, columns]
    return made
