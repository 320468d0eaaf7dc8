"""Frozen descriptions of the classifier with glimpses and of its training. Standard library."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from draw_core.base.fields import LEARNING, NETWORK, WINDOWS, setting
from draw_core.families.classifier_config import LARGEST_TRACE, ClassifierConfig, ClassifierTraining


@dataclass(frozen=True)
class GlimpseConfig(ClassifierConfig):
    """Sizes of the attention classifier; the defaults are the paper's.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    num_steps: int = setting(
        8,
        "glimpses",
        "How often it looks through its window before it answers. Time and memory grow with it.",
        group=NETWORK,
        symbol="T",
        limits=(1, 1024),
    )
    hidden_size: int = setting(
        256,
        "units",
        "Of the recurrent network (LSTM) that remembers what it saw and aims the next glimpse.",
        group=NETWORK,
        symbol="h",
        limits=(1, 8192),
        step=16,
    )
    read_size: int = setting(
        12,
        "points of the window",
        "The window is a grid of so many points per side.",
        group=WINDOWS,
        symbol="N",
        limits=(2, 1024),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        longest = max(self.height, self.width)
        if self.read_size > longest:
            raise ValueError(
                f"read_size is {self.read_size}, larger than the image's {longest} pixels. Set it "
                f"to {longest} or less."
            )
        filters = self.read_size * (self.height + self.width)
        trace = self.num_steps * (self._patch + self.hidden_size + self.classes) + filters
        if trace > LARGEST_TRACE:
            raise ValueError(
                f"A look at one image takes {trace:,} numbers, {LARGEST_TRACE:,} are the most. "
                "Lower num_steps, read_size or hidden_size."
            )

    def for_images(self, channels: int, height: int, width: int) -> Self:
        """The same network for images of another shape; a window is no larger than they are."""
        size = min(self.read_size, max(height, width))
        return dataclasses.replace(
            self, channels=channels, height=height, width=width, read_size=size
        )

    @property
    def film_steps(self) -> int:
        """T."""
        return self.num_steps

    @property
    def _patch(self) -> int:
        """Numbers of a glimpse."""
        return self.channels * self.read_size**2

    @property
    def pace(self) -> str:
        """In how many steps it names an image."""
        return "1 glimpse" if self.num_steps == 1 else f"{self.num_steps} glimpses"

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Its most telling numbers."""
        return (("T", self.pace), ("h", f"{self.hidden_size} units"), ("N", f"{self.read_size}"))

    def count_parameters(self) -> dict[str, int]:
        """Trained numbers of each part of the network, by the names of its modules."""
        h = self.hidden_size
        return {
            "lstm": 4 * h * (self._patch + h + 2),
            "window": (h + 1) * 5,
            "answer": (h + 1) * self.classes,
            "initial": 2 * h,
        }

    def _flops_forward(self) -> float:
        products = 2.0 * sum(self.count_parameters().values())
        n, width, height = self.read_size, self.width, self.height
        reading = 2.0 * self.channels * n * width * (height + n)
        return self.num_steps * (products + reading)

    def memory_per_image(self) -> int:
        """Bytes that one image of a batch leaves behind for its gradient, roughly."""
        filters = self.read_size * (self.height + self.width) * (1 + self.channels)
        step = 2 * self._patch + 10 * self.hidden_size + filters
        return 2 * 4 * (self.pixels + self.num_steps * step)

    def bytes_per_sample(self) -> int:
        """The most bytes that the film of its look at an image takes, unpacked."""
        return self.pixels + 4 * self.num_steps * (self._patch + self.classes + 6)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a table says of the network."""
        return (
            ("Looks", f"T = {self.pace}"),
            ("Reads", f"{self.read_size}×{self.read_size} points, by a window"),
            ("Units, h", str(self.hidden_size)),
            ("Answers, K", str(self.classes)),
        )

    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next."""
        fewer = f"give it {max(1, self.num_steps // 2)} glimpses instead of {self.num_steps}"
        return (fewer, *super().ideas(), "let a convolutional network learn from the same images")


@dataclass(frozen=True)
class GlimpseTraining(ClassifierTraining):
    """How the classifier with glimpses is trained.

    All weights of the window's head together move a window by many pixels in one update, and one
    that has left its digit is a blow to all that follows: so the head has a rate of its own. Most
    gradients of a window are below 1, but one at the edge of a digit can have hundreds, which would
    drown all others: so they are limited.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    window_rate: float = setting(
        0.1,
        "rate of the window",
        "The part that aims the window learns at this share of the learning rate.",
        group=LEARNING,
        limits=(1e-4, 10.0),
        step=0.05,
    )
    window_clip: float = setting(
        10.0,
        "limit of a window's gradient",
        "The gradient of one window of one image is shortened to this length.",
        group=LEARNING,
        limits=(1e-3, 1e6),
    )
