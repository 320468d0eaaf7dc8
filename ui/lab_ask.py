"""Asks a trained model where it would look in a picture."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.lab import MAX_N, MAX_SIDE, Asked, Choice, Question
from ui.picture import Picture

if TYPE_CHECKING:
    from draw_core.checkpoint import CheckpointEntry

SEED = 0


def choices(
    usable: "Mapping[str, CheckpointEntry]", labels: Mapping[str, str] | None = None
) -> list[Choice]:
    """The models that read through a window and whose pictures the lab can show."""
    found = []
    for name, entry in usable.items():
        config = entry.card.config if entry.card else None
        if not config or not config.read_attention or config.read_size > MAX_N:
            continue
        shape = (config.channels, config.height, config.width)
        if shape[0] in (1, 3) and max(shape) <= MAX_SIDE:
            found.append(Choice(name, (labels or {}).get(name, name), shape))
    return found


def ask(
    usable: "Mapping[str, CheckpointEntry]", question: Question, picture: Picture
) -> tuple[Asked | None, str]:
    """The model's windows on this picture, or why there are none, in a sentence."""
    from draw_core.checkpoint import CheckpointError
    from ui import cache

    entry = usable.get(question.model)
    if entry is None or entry.card is None:
        return None, f"The model “{question.model[:60]}” is no longer on this server."
    config = entry.card.config
    if picture.pixels.shape != (config.channels, config.height, config.width):
        return None, ""  # the browser offers to scale it
    try:
        rollout = cache.reconstruction(entry, picture.pixels, SEED).rollout
    except CheckpointError as error:
        return None, str(error)
    if rollout.read_params is None:
        return None, "This model reads the whole picture at once and has no window."
    return Asked(
        question.model,
        config.read_size,
        rollout.read_params[:, 0],
        config.write_size if rollout.write_params is not None else None,
        None if rollout.write_params is None else rollout.write_params[:, 0],
    ), ""
