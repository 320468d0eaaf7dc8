"""Table 2: the cost of binarised MNIST digits."""

from draw_core.families.draw import published
from ui.models.catalogue import DEFAULT_MODEL
from ui.paper import ours, tables


def show() -> None:
    """The paper's nats and those of our models of MNIST."""
    tables.compare(
        published.TABLE_2,
        ours.nats(),
        "nats per digit (less is better)",
        f"No model of MNIST with a test result is on this server: {DEFAULT_MODEL} is missing.",
        ours.not_comparable(),
    )
