"""Figure 4: a patch, and the picture written back from it."""

from ui.paper import window


def show() -> dict[str, str]:
    """One window in the hand."""
    return window.show("4", "zoom")
