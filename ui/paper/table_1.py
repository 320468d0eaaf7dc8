"""Table 1: errors on digits in clutter."""

from ui.paper import ours, published, tables
from ui.paper.figure_5 import MODEL


def show() -> None:
    """The paper's errors and those of our classifiers."""
    tables.compare(
        published.TABLE_1,
        ours.errors(),
        "error in % (less is better)",
        f"The classifier {MODEL} is not trained yet on this server, so no number of ours is here. "
        "Figure 5 has the commands that train it.",
        ours.no_clutter(),
    )
