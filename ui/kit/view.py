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

    @classmethod
    def of(cls, report: object) -> "View | None":
        """What a player reports, which may be anything; None where it is no view."""
        if not isinstance(report, dict):
            return None
        step, sample = report.get("step"), report.get("sample", 0)
        is_view = (step is None or isinstance(step, int)) and isinstance(sample, int)
        return cls(step, sample) if is_view else None
