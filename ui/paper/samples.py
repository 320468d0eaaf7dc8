"""The samples of a model as one large picture beside all of them, without anything to compare."""

from ui.kit import names
from ui.kit.view import View
from ui.models.catalogue import Model
from ui.paper import choice, shell
from ui.stage.stage import pack, stage

SAMPLES = 64


def montage(key: str, entry: Model, seed: int, said: dict[str, str]) -> None:
    """The Stage with the samples of one model."""
    painted = choice.paint(entry, SAMPLES, seed)
    if painted is None:
        return
    view = shell.linked_view(key, painted.config.num_steps, SAMPLES)
    data = pack(
        painted.film,
        view=view or View(painted.config.num_steps, 0),
        link={"figure": key} | said,
        looks=names.of_samples(painted.film, entry.data),
    )
    stage(data, key=f"paper_stage_{key}")
