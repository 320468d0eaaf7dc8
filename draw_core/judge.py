"""A classifier that reads the two digits of a page, or says that there are not two.

It judges what a network painted that learned from ``two_digits``: no person needs to count which
samples are readable. It learns from real pages and from spoilt ones: one or three digits instead of
two, or digits put together from the quarters of four others, which have all the strokes of digits
and none of their shapes. How far it can be trusted is measured on the test digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from draw_core import seeds
from draw_core.data.composites import DIGIT, RECIPES, Composer
from draw_core.data.registry import Split
from draw_core.optimise import learning_rate
from draw_core.seeds import Stream

RECIPE = RECIPES["two_digits"]
PAIRS: tuple[tuple[int, int], ...] = tuple(combinations_with_replacement(range(10), 2))
NEITHER = len(PAIRS)  # the answer that these are not two digits

_PAIR_OF = np.zeros((10, 10), np.int64)
for _number, (_a, _b) in enumerate(PAIRS):
    _PAIR_OF[_a, _b] = _PAIR_OF[_b, _a] = _number


class Judge(nn.Module):
    """Three convolutions that halve the page, and two linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 16, 5, 2, 2), nn.ReLU()),
            *(nn.Conv2d(16, 48, 3, 2, 1), nn.ReLU()),
            *(nn.Conv2d(48, 64, 3, 2, 1), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(64 * 8 * 8, 192), nn.ReLU()),
            nn.Linear(192, NEITHER + 1),
        )

    def forward(self, pages: UInt8[Tensor, "B 1 60 60"]) -> Float[Tensor, "B 56"]:
        """The answers before the softmax: one for each of :data:`PAIRS`, and :data:`NEITHER`."""
        logits: Float[Tensor, "B 56"] = self.layers(pages.float().div(255))
        return logits

    @torch.inference_mode()
    def read(self, pages: UInt8[Tensor, "B 1 60 60"]) -> Int64[Tensor, " B"]:
        """The most probable answer for each page."""
        answers: Int64[Tensor, " B"] = self(pages).argmax(dim=1)
        return answers


@dataclass(frozen=True)
class JudgeTraining:
    """How the judge learns: Adam, linear warm-up, then cosine decay to zero."""

    steps: int = 4000
    batch_size: int = 128
    learning_rate: float = 2e-3
    warmup_steps: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Trust:
    """How far a judge can be trusted, in percent of pages of test digits.

    Attributes:
        right: real pages on which it reads the very two digits.
        fooled: spoilt pages on which it reads two digits all the same.
    """

    right: float
    fooled: float


class Pages:
    """Real and spoilt pages of one split, each a function of its number."""

    def __init__(
        self, digits: UInt8[np.ndarray, "N 1 28 28"], labels: Int64[np.ndarray, " N"], split: Split
    ) -> None:
        count = len(digits)
        both = np.concatenate([digits, _chimeras(digits, split)])
        twice = np.concatenate([labels, labels])
        self._count = count
        self._real = Composer(RECIPE, digits, labels, split)
        self._mixed = Composer(RECIPE, both, twice, split)
        self._wrong = [
            Composer(replace(RECIPE, digits=number), digits, labels, split) for number in (1, 3)
        ]

    def real(
        self, numbers: Int64[np.ndarray, " B"]
    ) -> tuple[UInt8[np.ndarray, "B 1 60 60"], Int64[np.ndarray, " B"]]:
        """Pages with two digits, and which of :data:`PAIRS` they show."""
        labels = self._real.labels(numbers)
        return self._real.images(numbers), _PAIR_OF[labels // 10, labels % 10]

    def spoilt(self, numbers: Int64[np.ndarray, " B"]) -> UInt8[np.ndarray, "B 1 60 60"]:
        """Pages that do not show two digits: of four, two with chimeras, one with one, with 3."""
        # Of the mixed pages, those whose first digit is a chimera.
        chimera = numbers // self._count * 2 * self._count + self._count + numbers % self._count
        makers = (self._mixed, self._mixed, *self._wrong)
        pages = np.empty((len(numbers), 1, RECIPE.side, RECIPE.side), np.uint8)
        for kind, maker in enumerate(makers):
            these = numbers % len(makers) == kind
            pages[these] = maker.images((chimera if maker is self._mixed else numbers)[these])
        return pages


def train(
    pages: Pages, config: JudgeTraining, on_step: Callable[[int], None] | None = None
) -> Judge:
    """A judge that has learned from as many real as spoilt pages.

    Args:
        pages: of the training digits.
        on_step: is told how many updates are made.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(config.seed, Stream.WEIGHTS))
        judge = Judge()
    optimizer = torch.optim.Adam(judge.parameters(), fused=True)
    half = config.batch_size // 2
    for step in range(config.steps):
        numbers = np.arange(step * half, (step + 1) * half)
        images, pairs = pages.real(numbers)
        answers = np.concatenate([pairs, np.full(half, NEITHER)])
        batch = torch.from_numpy(np.concatenate([images, pages.spoilt(numbers)]))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        optimizer.zero_grad()
        F.cross_entropy(judge(batch), torch.from_numpy(answers)).backward()
        optimizer.step()
        if on_step:
            on_step(step + 1)
    return judge.eval().requires_grad_(False)


def trust(judge: Judge, pages: Pages, count: int) -> Trust:
    """What the judge makes of so many real and so many spoilt pages of test digits."""
    right = fooled = 0
    for start in range(0, count, 500):
        numbers = np.arange(start, min(start + 500, count))
        images, pairs = pages.real(numbers)
        right += int((judge.read(torch.from_numpy(images)).numpy() == pairs).sum())
        fooled += int((judge.read(torch.from_numpy(pages.spoilt(numbers))) != NEITHER).sum())
    return Trust(right=100 * right / count, fooled=100 * fooled / count)


def _chimeras(
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
