"""What the commands write on the card of a checkpoint."""

import dataclasses
from pathlib import Path
from typing import Any

from draw_core.base.files import write_atomic
from draw_core.measure.evaluate import Bound, Result
from draw_core.store.card import Card
from draw_core.store.checkpoint import CARD, load_card


def test_result(result: Result, card: Card, data: str) -> dict[str, Any]:
    """What a card keeps of an evaluation: the numbers, and how the images were made."""
    seed = result.seed if isinstance(result, Bound) else 0
    return {**result.to_dict(card.objective), "protocol": card.protocol_of(data, seed)}


def update_card(folder: Path, before: Card, **changes: Any) -> None:
    """Writes what was found about a checkpoint on its card.

    Args:
        before: the card as it was when the weights were read, perhaps hours ago.

    Raises:
        ValueError: if the card is of another checkpoint by now, or would hold what no card may.
        OSError: if it cannot be written.
    """
    card = load_card(folder)
    kept = {name: getattr(before, name) for name in ("test", "readable", "notes")}
    if dataclasses.replace(card, **kept) != before:
        raise ValueError(f"{folder.name} has changed meanwhile, so nothing was saved.")
    card = dataclasses.replace(card, **changes)
    card.check()
    write_atomic(folder / CARD, card.to_json().encode())
