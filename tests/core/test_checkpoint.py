"""Checkpoints: bit-exact round trip, and one exception for every fault, naming file and fault."""

import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from draw_core.families.draw.film import film_of
from draw_core.store.card import Card
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    PREVIEW_SAMPLES,
    PREVIEW_SEED,
    WEIGHTS,
    CheckpointError,
    list_checkpoints,
    load_card,
    load_checkpoint,
    load_preview,
    make_preview,
    round_weights,
    save_checkpoint,
)
from tests.support import films, process, small


@pytest.fixture
def folder(tmp_path):
    model = small.model()
    save_checkpoint(tmp_path / "good", model, small.card(), make_preview(model))
    return tmp_path / "good"


def _refused(load, folder, file, message):
    with pytest.raises(CheckpointError, match=message) as caught:
        load(folder)
    assert f"{folder.name}/{file}" in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"read_attention": False},
        {"write_attention": False, "initial_canvas": "data_mean"},
    ],
)
def test_round_trip_is_bit_exact(tmp_path, changes):
    model = small.model(**changes)
    card = small.card(config=model.config)
    save_checkpoint(tmp_path, model, card, None)
    loaded, loaded_card = load_checkpoint(tmp_path)
    assert loaded_card == card
    assert loaded.config == model.config
    assert loaded.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(v, model.state_dict()[k]) for k, v in loaded.state_dict().items())
    x = small.pixels(2, model)
    assert torch.equal(loaded(x, small.seeded(0)).canvases, model(x, small.seeded(0)).canvases)
    assert not loaded.training
    assert not any(p.requires_grad for p in loaded.parameters())


def test_the_preview_holds_the_samples_of_its_seed(folder):
    preview, (model, _) = load_preview(folder), load_checkpoint(folder)
    expected = film_of(model.generate(PREVIEW_SAMPLES, small.seeded(PREVIEW_SEED)))
    stored, painted = films.arrays(preview), films.arrays(expected)
    assert stored.keys() == painted.keys()
    for name, array in stored.items():
        np.testing.assert_array_equal(array, painted[name])


def test_new_weights_take_away_the_old_preview(folder):
    save_checkpoint(folder, small.model(), small.card(), None)
    assert not (folder / PREVIEW).exists()


@pytest.mark.parametrize("kept", [0.0, 1e-3, 0.02, 0.1, 0.5, 0.9, 0.999])
def test_truncated_weights(folder, kept):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: int(kept * len(content))])
    _refused(load_checkpoint, folder, WEIGHTS, "truncated or is no safetensors file")
    (entry,) = list_checkpoints(folder.parent)
    assert f"{folder.name}/{WEIGHTS}" in entry.fault


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
def test_truncated_card_and_preview(folder, kept):
    for file, load in ((PREVIEW, load_preview), (CARD, load_card), (CARD, load_checkpoint)):
        content = (folder / file).read_bytes()
        (folder / file).write_bytes(content[: int(kept * len(content))])
        _refused(load, folder, file, "damaged|not valid JSON")
        (folder / file).write_bytes(content)


@pytest.mark.parametrize(
    ("file", "load"),
    [(WEIGHTS, load_checkpoint), (CARD, load_checkpoint), (CARD, load_preview), (CARD, load_card),
     (PREVIEW, load_preview)],
)  # fmt: skip
def test_missing_files(folder, file, load):
    (folder / file).unlink()
    _refused(load, folder, file, "missing")


def test_a_card_that_is_a_folder_or_not_text_or_too_long(folder):
    (folder / CARD).write_bytes(b"\xff\xfe\x00")
    _refused(load_card, folder, CARD, "cannot be read")
    (folder / CARD).write_text(" " * (2 << 20))
    _refused(load_card, folder, CARD, "larger than 1 MiB")
    (folder / CARD).unlink()
    (folder / CARD).mkdir()
    _refused(load_card, folder, CARD, "cannot be read")


@pytest.mark.parametrize(
    "changes",
    [
        {"z_size": 5},
        {"enc_size": 7},
        {"channels": 1},
        {"write_size": 4},
        {"write_attention": False},
        {"initial_canvas": "data_mean"},
        # As large as a card may ask for: 6 GB that must not be allocated.
        {"enc_size": 16384, "dec_size": 16384},
    ],
)
def test_weights_of_another_network(folder, changes):
    save_checkpoint(folder, small.model(), small.card(config=small.config(**changes)), None)
    _refused(
        load_checkpoint, folder, WEIGHTS, f"does not fit {CARD}: .* the card's network expects"
    )


@pytest.mark.parametrize("size", [10**6, 10**30])
@pytest.mark.parametrize("field", ["num_steps", "z_size", "height", "write_size"])
def test_sizes_beyond_any_machine(folder, field, size):
    save_checkpoint(folder, small.model(), small.card(), None)
    card = json.loads((folder / CARD).read_text())
    card["config"][field] = size
    (folder / CARD).write_text(json.dumps(card))
    _refused(load_checkpoint, folder, CARD, f"{field} is {size}; set it to .* or less")


def _change_weights(folder, change):
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


def test_a_missing_and_an_unknown_tensor_are_named(folder):
    _change_weights(folder, lambda t: t.pop("posterior.bias"))
    _refused(load_checkpoint, folder, WEIGHTS, r"posterior.bias is absent in the file")
    _change_weights(folder, lambda t: t.update({"posterior.bias": torch.zeros(8)}))
    load_checkpoint(folder)
    _change_weights(folder, lambda t: t.update(extra=torch.zeros(1)))
    _refused(load_checkpoint, folder, WEIGHTS, r"extra is .* expects no such tensor")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1])
def test_values_that_are_not_numbers(folder, value):
    damaged = torch.full((8,), value)
    _change_weights(folder, lambda t: t.update({"posterior.bias": damaged}))
    _refused(load_checkpoint, folder, WEIGHTS, "damaged: posterior.bias")


@pytest.mark.parametrize(
    "changes",
    [
        {"num_steps": 4},
        {"height": 6},
        {"channels": 1},
        {"write_size": 2},
        {"write_attention": False},
        {"z_size": 5},
    ],
)
def test_a_preview_of_another_model(folder, changes):
    card = small.card(config=small.config(**changes))
    (folder / CARD).write_text(card.to_json())
    _refused(load_preview, folder, PREVIEW, f"does not fit the model that {CARD} describes")


class _Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def test_nothing_is_unpickled(folder, tmp_path):
    marker = tmp_path / "sprung"
    pickle.loads(pickle.dumps(_Trap(marker)))
    marker.rmdir()  # the trap works

    def check(file, load):
        _refused(load, folder, file, "damaged|no safetensors file|no stored film|cannot be read")
        assert not marker.exists()

    good = {f: (folder / f).read_bytes() for f in (WEIGHTS, CARD, PREVIEW)}
    for file, load in ((WEIGHTS, load_checkpoint), (PREVIEW, load_preview), (CARD, load_card)):
        (folder / file).write_bytes(pickle.dumps(_Trap(marker)))
        check(file, load)
        torch.save(_Trap(marker), folder / file)
        check(file, load)
        (folder / file).write_bytes(good[file])
    np.savez(folder / PREVIEW, canvases=np.array([_Trap(marker)], dtype=object))
    check(PREVIEW, load_preview)
    with zipfile.ZipFile(folder / PREVIEW, "w") as archive:
        archive.writestr("canvases", pickle.dumps(_Trap(marker)))
        archive.writestr("write_patches", pickle.dumps(_Trap(marker)))
    with pytest.raises(CheckpointError):
        load_preview(folder)
    assert not marker.exists()


def test_the_list_names_faults_and_keeps_the_others(folder):
    root = folder.parent
    for name in ("cut", "empty", "foreign", ".hidden"):
        (root / name).mkdir()
    (root / "a file").write_text("no folder")
    (root / "cut" / CARD).write_bytes((folder / CARD).read_bytes())
    (root / "cut" / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1])
    (root / "foreign" / CARD).write_text("{}")
    entries = {entry.name: entry for entry in list_checkpoints(root)}
    assert list(entries) == ["cut", "empty", "foreign", "good"]
    assert entries["good"].card == small.card()
    assert entries["good"].fault is None
    assert entries["good"].folder == folder
    for name, file, message in (
        ("cut", WEIGHTS, "is truncated"),
        ("empty", CARD, "is missing"),
        ("foreign", CARD, "no card of this program"),
    ):
        assert entries[name].card is None
        assert f"{name}/{file}" in entries[name].fault
        assert message in entries[name].fault


def test_the_list_reads_a_card_again_only_when_its_file_changed(folder, monkeypatch):
    parsed = []
    parse = Card.from_json
    monkeypatch.setattr(Card, "from_json", lambda text: parsed.append(text) or parse(text))
    (first,) = list_checkpoints(folder.parent)
    assert list_checkpoints(folder.parent) == [first]
    assert len(parsed) == 1
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps({**card, "config": {**card["config"], "num_steps": 3}}))
    (second,) = list_checkpoints(folder.parent)
    assert second.card.config.num_steps == 3
    (folder / WEIGHTS).unlink()
    assert "is missing" in list_checkpoints(folder.parent)[0].fault


def test_no_folder_is_an_empty_list(tmp_path):
    assert list_checkpoints(tmp_path / "absent") == []


def test_the_module_does_not_import_torch():
    assert "torch" not in process.imported("draw_core.store.checkpoint")


def test_half_precision_halves_the_file_and_loads_as_float32(tmp_path):
    model = small.model()
    save_checkpoint(tmp_path / "full", model, small.card(), None)
    save_checkpoint(tmp_path / "half", model, small.card(), None, "float16")
    stored = load_file(tmp_path / "half" / WEIGHTS)
    assert {value.dtype for value in stored.values()} == {torch.float16}
    loaded, card = load_checkpoint(tmp_path / "half")
    assert (card.weights, load_card(tmp_path / "full").weights) == ("float16", "float32")
    rounded = round_weights(model).state_dict()
    for name, value in model.state_dict().items():
        found = loaded.state_dict()[name]
        assert found.dtype == torch.float32
        assert torch.equal(found, value.half().float())
        assert torch.equal(found, rounded[name])
    assert any(not torch.equal(v, rounded[k]) for k, v in model.state_dict().items())


def test_weights_too_large_for_half_precision_are_refused(tmp_path):
    model = small.model()
    with torch.no_grad():
        model.posterior.bias[0] = 1e6
    with pytest.raises(ValueError, match="posterior.bias holds weights too large"):
        save_checkpoint(tmp_path / "half", model, small.card(), None, "float16")
    assert not (tmp_path / "half").exists()
