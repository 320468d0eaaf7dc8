"""A card names the family of its network."""

import pytest

from draw_core.families.registry import engine_of, family_of
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointError, list_checkpoints, load_card
from tests.support import process
from tests.support.toy_families import families, register


@pytest.fixture(autouse=True)
def _with_toys(monkeypatch) -> None:
    register(monkeypatch)


def test_cards_of_before_are_of_draw():
    card = load_card(process.ROOT / "checkpoints" / "mnist-attention-32")  # "draw-explorer/1"
    assert family_of(card.config).name == "draw"


@families
def test_a_card_names_its_family(family):
    preset = next(iter(family.presets.values()))
    card = Card(
        config=preset.model,
        training=preset.training,
        data="strokes",
        train_images=10,
        binarisation="none",
        command="none",
        steps=0,
        wall_time_s=0.0,
        hardware="none",
        torch_version="0",
    )
    text = card.to_json()
    assert f'"family": "{family.name}"' in text
    assert Card.from_json(text) == card
    assert engine_of(card.config) is family.load_engine()


def test_a_card_of_an_unknown_family_is_listed_with_one_sentence(tmp_path):
    shipped = process.ROOT / "checkpoints" / "mnist-attention-32" / "card.json"
    text = shipped.read_text().replace(
        '"format": "draw-explorer/1"', '"format": "draw-explorer/2", "family": "gan"'
    )
    folder = tmp_path / "from-tomorrow"
    folder.mkdir()
    (folder / "card.json").write_text(text)
    (entry,) = list_checkpoints(tmp_path)
    assert entry.card is None
    assert "of the kind 'gan', which this version does not know" in entry.fault
    with pytest.raises(CheckpointError):
        load_card(folder)
