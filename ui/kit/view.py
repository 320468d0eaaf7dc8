"""What a visitor looks at in a player: the step and the sample."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """What the visitor looks at.

    Attributes:
        step: 0..T, or None while it plays.
        sample: 0..B-1.
    """

    step: int | None
    sample: int
