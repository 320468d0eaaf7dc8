"""A frozen description of the convolutional classifier. Standard library only."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from draw_core.base.fields import NETWORK, setting
from draw_core.families.classifier_config import LARGEST_TRACE, ClassifierConfig


@dataclass(frozen=True)
class ConvConfig(ClassifierConfig):
    """Sizes of the baseline: convolution, pooling, convolution, pooling, one linear layer.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    filters_1: int = setting(
        16,
        "first filters",
        "So many small patterns are looked for all over the image.",
        group=NETWORK,
        limits=(1, 1024),
    )
    filters_2: int = setting(
        32,
        "second filters",
        "So many patterns of the first ones are looked for.",
        group=NETWORK,
        limits=(1, 1024),
    )
    kernel: int = setting(
        5, "filter side", "Pixels per side of every filter.", group=NETWORK, limits=(1, 64)
    )
    stride: int = setting(
        2,
        "stride",
        "Pixels from one place of a first filter to the next. A larger one is faster and coarser.",
        group=NETWORK,
        limits=(1, 64),
    )
    pool_1: int = setting(
        2,
        "first pooling",
        "Of squares of so many places per side only the strongest answer goes on.",
        group=NETWORK,
        limits=(1, 64),
    )
    pool_2: int = setting(
        2, "second pooling", "The same after the second filters.", group=NETWORK, limits=(1, 64)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if min(self.grid) < 1:
            raise ValueError("kernel, stride, pool_1 or pool_2 leaves nothing of the image.")
        if sum(self._values) > LARGEST_TRACE:
            raise ValueError(
                f"The convolutions make {sum(self._values):,} numbers of one image, "
                f"{LARGEST_TRACE:,} are the most. Lower filters_1 or filters_2, or raise stride."
            )

    def for_images(self, channels: int, height: int, width: int) -> Self:
        """The same network for images of another shape; small ones are looked at more closely."""
        side = min(height, width)
        return dataclasses.replace(
            self,
            channels=channels,
            height=height,
            width=width,
            kernel=min(self.kernel, max(2, side // 5)),
            stride=2 if side > 64 else 1,
        )

    @property
    def film_steps(self) -> int:
        """It sees the whole image at once."""
        return 1

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

    @property
    def _values(self) -> tuple[int, int]:
        """Numbers that the two convolutions make of an image."""
        (rows_1, columns_1), (rows_2, columns_2) = self._maps
        return self.filters_1 * rows_1 * columns_1, self.filters_2 * rows_2 * columns_2

    @property
    def _weights(self) -> tuple[int, int]:
        """Numbers of one place's filters, of both layers."""
        area = self.kernel**2
        return self.channels * area, self.filters_1 * area

    @property
    def pace(self) -> str:
        """In how many steps it names an image."""
        return "one look"

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Its most telling numbers."""
        return (("filters", f"{self.filters_1} and {self.filters_2}"),)

    def count_parameters(self) -> dict[str, int]:
        """Trained numbers of each part of the network, by the names of its modules."""
        first, second = self._weights
        rows, columns = self.grid
        return {
            "first": (first + 1) * self.filters_1,
            "second": (second + 1) * self.filters_2,
            "answer": (self.filters_2 * rows * columns + 1) * self.classes,
        }

    def _flops_forward(self) -> float:
        layers = sum(2.0 * n * w for n, w in zip(self._values, self._weights, strict=True))
        return layers + 2 * self.count_parameters()["answer"]

    def memory_per_image(self) -> int:
        """Bytes that one image of a batch leaves behind for its gradient, roughly."""
        return 2 * 4 * (self.pixels + 2 * sum(self._values))

    def bytes_per_sample(self) -> int:
        """The most bytes that the film of its look at an image takes, unpacked."""
        return self.pixels + 4 * (self.classes + 1)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a table says of the network."""
        return (
            ("Looks", "1: the whole picture at once"),
            ("Filters", f"{self.filters_1} and {self.filters_2} of {self.kernel}×{self.kernel}"),
            ("Stride in pixels", f"{self.stride}, then 1"),
            ("Pooling", f"{self.pool_1}×{self.pool_1}, then {self.pool_2}×{self.pool_2}"),
            ("Answers, K", str(self.classes)),
        )

    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next."""
        more = f"give it {2 * self.filters_1} and {2 * self.filters_2} filters"
        return (more, *super().ideas(), "let a network with glimpses learn from the same images")
