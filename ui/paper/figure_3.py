"""Figure 3: the grid of filters, and three patches of one picture."""

from ui.paper import window


def show() -> dict[str, str]:
    """Three windows of 12 x 12 points, and a grid of 3 x 3."""
    return window.show("3", "patches")
