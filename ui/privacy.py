"""Whose eyes images are for: what somebody imported is offered to nobody else.

As everywhere in the application, whoever has the link of a picture sees that picture.
"""

from draw_core.checkpoint import CheckpointEntry
from draw_core.data.registry import FOLDER_PREFIX, is_available
from ui import models, run_cache, train_upload


def data_of(entry: CheckpointEntry) -> str:
    """The data set that a model learned from."""
    assert entry.card
    return entry.card.data


def may_see(data: str) -> bool:
    """Whether this visitor may see the images of a data set: an imported one is its owner's."""
    return not data.startswith(FOLDER_PREFIX) or data in train_upload.mine()


def title_of(entry: CheckpointEntry) -> str:
    """What the images are called that a model learned from, as far as this visitor may know."""
    assert entry.card
    if _is_run(entry) and not may_see(entry.card.data) and is_available(entry.card.data):
        return "images that somebody else imported"
    return models.learned_from(entry.card)


def withheld(entry: CheckpointEntry) -> str:
    """Why the images that a model learned from are not shown.

    A model that is shipped says what it learned from, and how to see it; one that a visitor
    trained does not.
    """
    assert entry.card
    if _is_run(entry):
        return f"This model learned from {title_of(entry)}."
    title = models.learned_from(entry.card, "")
    what = f"images called “{title}”" if title else "images that are not shipped with it"
    return (
        f"This model learned from {entry.card.train_images:,} {what}. Images are not shipped with "
        "a model; whoever has the same files sees them here after python -m draw_core images or an "
        "upload on the page Train."
    )


def _is_run(entry: CheckpointEntry) -> bool:
    return entry.name.startswith(run_cache.MODEL_PREFIX)
