"""What is said of a model's window, computed from the film that is shown."""

from draw_core.film.pen import PenMeasure


def paints(measure: PenMeasure | None) -> str:
    """How the network paints: ends a sentence that begins "it paints"; in Markdown."""
    if measure is None:
        return "bit by bit, **on the whole page at every step**, for this network has no window"
    if measure.small and measure.travels:
        return "bit by bit: **through a small window that moves over the page** (orange)"
    if measure.small:
        return "bit by bit: **through a small window** (orange) that moves little"
    first, last = measure.sides[0], measure.sides[-1]
    if last < 0.7 * first:
        return (
            f"bit by bit: **through a window** (orange) {_width(first)} at first and "
            f"**{_width(last)} at the end**"
        )
    return f"bit by bit: **through a window** (orange) {_width(measure.side)} most of the time"


def measured(measure: PenMeasure | None, samples: int) -> str:
    """The two figures behind :func:`paints`, as one sentence; empty without a window."""
    if measure is None:
        return ""
    return (
        f"In these {samples} samples the window's side is {100 * measure.side:.0f} % of the page's "
        f"(median over all steps), and its centre travels {measure.path:.0f} pixels on a page "
        f"{measure.page} pixels long (median over the samples)."
    )


def _width(side: float) -> str:
    if side > 1:
        return "wider than the page"
    return f"{100 * side:.0f} % of the page wide"
