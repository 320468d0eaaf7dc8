"""The values of the paper's tables, and one of a later paper for context. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Value:
    """A published number.

    Attributes:
        name: of the model.
        value: nats, or an error in percent.
        bound: whether the true value may be lower.
        draw: whether it is the paper's own model.
        later: where it comes from, if it is not in the paper.
    """

    name: str
    value: float
    bound: bool = False
    draw: bool = False
    later: str = ""

    @property
    def text(self) -> str:
        """The number as it is printed."""
        return f"≤ {self.value:.2f}" if self.bound else f"{self.value:.2f}"


@dataclass(frozen=True)
class Sizes:
    """A row of table 3; None where the network has no such part."""

    task: str
    glimpses: int
    h: int
    z: int | None
    read: int | None
    write: int | None


# Error in percent on 100 x 100 cluttered pictures.
TABLE_1 = (
    Value("Convolutional network, 2 layers", 14.35),
    Value("RAM, 4 glimpses of 12 × 12, 4 scales", 9.41),
    Value("RAM, 8 glimpses of 12 × 12, 4 scales", 8.11),
    Value("DRAW, 4 glimpses of 12 × 12", 4.18, draw=True),
    Value("DRAW, 8 glimpses of 12 × 12", 3.36, draw=True),
)
WITHOUT_ATTENTION = Value("DRAW without attention", 87.40, bound=True, draw=True)
DRAW = Value("DRAW", 80.97, bound=True, draw=True)
# Negative log-likelihood of binarised MNIST test images, in nats.
TABLE_2 = (
    Value("DBM, 2 hidden layers", 84.62),
    Value("DBN, 2 hidden layers", 84.55),
    Value("NADE", 88.33),
    Value("EoNADE-5", 84.68),
    Value("DLGM 8", 85.51),
    Value("DARN, 1 hidden layer", 84.13),
    WITHOUT_ATTENTION,
    DRAW,
    Value("PixelRNN, 7 layers", 79.20, later="van den Oord et al., 2016"),
)
CLUTTER = Sizes("Cluttered digits (classifier)", 8, 256, None, 12, None)
MNIST = Sizes("MNIST", 64, 256, 100, 2, 5)
TABLE_3 = (
    CLUTTER,
    MNIST,
    Sizes("SVHN", 32, 800, 100, 12, 12),
    Sizes("CIFAR-10", 64, 400, 200, 5, 5),
)
