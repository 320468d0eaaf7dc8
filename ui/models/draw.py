"""Models that are DRAW networks, for the pages and figures that show what only these have."""

from draw_core.families.draw.config import DrawConfig
from ui.models.catalogue import Model, Models


def of_draw(models: Models) -> dict[str, Model]:
    """Those that are DRAW networks."""
    return {name: m for name, m in models.items() if isinstance(m.config, DrawConfig)}


def network(model: Model) -> DrawConfig:
    """The network of one of them.

    Raises:
        TypeError: if it is of another kind.
    """
    if not isinstance(model.config, DrawConfig):
        raise TypeError(f"{model.name} is no DRAW network.")
    return model.config
