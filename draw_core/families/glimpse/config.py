"""Frozen descriptions of the classifiers and of their training. Standard library only."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args

from draw_core.base.fields import Precision

Kind = Literal["draw", "conv"]
_S = TypeVar("_S", bound="_Settings")

# Far above anything useful; a configuration from a file must not ask for all memory or all time.
_LARGEST = {
    "height": 1024,
    "width": 1024,
    "channels": 16,
    "classes": 1000,
    "num_steps": 1024,
    "hidden_size": 8192,
    "read_size": 1024,
    "filters_1": 1024,
    "filters_2": 1024,
    "kernel": 64,
    "stride": 64,
    "pool_1": 64,
    "pool_2": 64,
}
# Numbers that one image may leave behind: each is there two or three times, in 4 bytes, so that a
# look at 24 images takes less than 300 MB.
_LARGEST_TRACE = 1_000_000


class _Settings:
    """What the descriptions share: checks of whole numbers, and JSON."""

    def _check_whole(self, least: int, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name} must be a whole number, not {value!r}.")
            if not least <= value <= _LARGEST[name]:
                raise ValueError(f"{name} is {value}; set it to {least} to {_LARGEST[name]}.")

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return dataclasses.asdict(self)  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_dict(cls: type[_S], values: Mapping[str, Any]) -> _S:
        """The inverse of :meth:`to_dict`; a field that is absent takes its default.

        Raises:
            ValueError: if a field is unknown or its value cannot work.
        """
        if not isinstance(values, Mapping):
            raise ValueError("A configuration must be a JSON object with named fields.")
        known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(
                f"Unknown setting {', '.join(map(repr, unknown))}; the settings are "
                f"{', '.join(sorted(known))}."
            )
        return cls(**values)


@dataclasses.dataclass(frozen=True)
class GlimpseConfig(_Settings):
    """Sizes of the attention classifier; the defaults are the paper's.

    Attributes:
        height, width, channels: of the images, in pixels.
        classes: K, the number of answers.
        num_steps: T, the number of glimpses.
        hidden_size: units of the LSTM.
        read_size: N, each glimpse is N x N filters.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    height: int = 100
    width: int = 100
    channels: int = 1
    classes: int = 10
    num_steps: int = 8
    hidden_size: int = 256
    read_size: int = 12

    def __post_init__(self) -> None:
        self._check_whole(1, "height", "width", "channels", "num_steps", "hidden_size")
        self._check_whole(2, "classes", "read_size")
        longest = max(self.height, self.width)
        if self.read_size > longest:
            raise ValueError(
                f"read_size is {self.read_size}, larger than the image's {longest} pixels. Set it "
                f"to {longest} or less."
            )
        patch = self.channels * self.read_size**2
        filters = self.read_size * (self.height + self.width)
        trace = self.num_steps * (patch + self.hidden_size + self.classes) + filters
        if trace > _LARGEST_TRACE:
            raise ValueError(
                f"A look at one image takes {trace:,} numbers, {_LARGEST_TRACE:,} are the most. "
                "Lower num_steps, read_size or hidden_size."
            )


@dataclasses.dataclass(frozen=True)
class ConvConfig(_Settings):
    """Sizes of the baseline: convolution, pooling, convolution, pooling, one linear layer.

    Attributes:
        height, width, channels: of the images, in pixels.
        classes: K, the number of answers.
        filters_1, filters_2: of the two convolutions; ReLU follows each.
        kernel: pixels per side of every filter.
        stride: pixels from one place of a first filter to the next.
        pool_1, pool_2: side of the squares of which only the largest value goes on.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    height: int = 100
    width: int = 100
    channels: int = 1
    classes: int = 10
    filters_1: int = 16
    filters_2: int = 32
    kernel: int = 5
    stride: int = 2
    pool_1: int = 2
    pool_2: int = 2

    def __post_init__(self) -> None:
        self._check_whole(1, *(field.name for field in dataclasses.fields(self)))
        if min(self.grid) < 1:
            raise ValueError("kernel, stride, pool_1 or pool_2 leaves nothing of the image.")
        (rows_1, columns_1), (rows_2, columns_2) = self._maps
        maps = self.filters_1 * rows_1 * columns_1 + self.filters_2 * rows_2 * columns_2
        if maps > _LARGEST_TRACE:
            raise ValueError(
                f"The convolutions make {maps:,} numbers of one image, {_LARGEST_TRACE:,} are the "
                "most. Lower filters_1 or filters_2, or raise stride."
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of what the linear layer sees of each second filter."""
        rows, columns = self._maps[1]
        return rows // self.pool_2, columns // self.pool_2

    @property
    def _maps(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and columns of the results of the two convolutions, before their pooling."""

        def places(side: int, stride: int) -> int:
            return max(0, (side - self.kernel) // stride + 1)

        rows, columns = places(self.height, self.stride), places(self.width, self.stride)
        return (rows, columns), (places(rows // self.pool_1, 1), places(columns // self.pool_1, 1))


@dataclasses.dataclass(frozen=True)
class ClassifierTraining(_Settings):
    """How a classifier is trained: Adam, linear warm-up, then cosine decay to zero.

    Attributes:
        steps: weight updates in all.
        batch_size: images per update.
        learning_rate: the highest, reached after the warm-up.
        window_rate: the share of it at which the window's head learns. All its weights together
            move a window by many pixels in one update, and one that has left its digit is a blow
            to all that follows.
        warmup_steps: updates over which the rate rises in equal parts.
        window_clip: largest norm of the gradient of the five numbers of one window of one image;
            longer ones are shortened to it before they go further back. Most are below 1, but a
            window at the edge of a digit can have hundreds, which would drown all others.
        grad_clip: largest norm of the whole gradient; longer ones are shortened to it.
        seed: of the initial weights and of the order of the digits.
        validation: the last so many digits of the training set are measured instead of trained on:
            no page has one of them as its own digit. As clutter they stay in training, pieces of
            them like pieces of any others.
        precision: to which the factors of large matrix products are rounded.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    steps: int = 40_000
    batch_size: int = 128
    learning_rate: float = 2e-3
    window_rate: float = 0.1
    window_clip: float = 10.0
    warmup_steps: int = 200
    grad_clip: float = 1.0
    seed: int = 0
    validation: int = 2000
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "warmup_steps", "seed", "validation"):
            value = getattr(self, name)
            least = 1 if name in ("steps", "batch_size", "validation") else 0
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name} must be a whole number, not {value!r}.")
            if not least <= value <= 10**9:
                raise ValueError(f"{name} is {value}; set it to {least} to 1,000,000,000.")
        for name in ("learning_rate", "window_rate", "window_clip", "grad_clip"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < math.inf:
                raise ValueError(f"{name} is {value!r}; set it to a number above 0.")
        if self.precision not in get_args(Precision):
            options = ", ".join(get_args(Precision))
            raise ValueError(f"precision is {self.precision!r}; choose one of {options}.")


ModelConfig = GlimpseConfig | ConvConfig
CONFIGS: dict[Kind, type[GlimpseConfig] | type[ConvConfig]] = {
    "draw": GlimpseConfig,
    "conv": ConvConfig,
}
