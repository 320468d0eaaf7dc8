"""Checkpoints: a folder of safetensors weights, a JSON card and a preview film.

Nothing is unpickled. Cards and previews are read without importing torch; only
:func:`load_checkpoint` and :func:`save_checkpoint` need it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from draw_core.base import environment
from draw_core.base.files import stamp, write_atomic
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import engine_of, family_of
from draw_core.film.arrays import FilmError
from draw_core.film.files import load_film, to_npz
from draw_core.film.film import Film
from draw_core.store.card import Card, Weights

if TYPE_CHECKING:
    from torch import Tensor, nn

WEIGHTS, CARD, PREVIEW = "model.safetensors", "card.json", "preview.npz"
# The preview holds the samples that `generate` paints with this seed at temperature 1.
PREVIEW_SAMPLES, PREVIEW_SEED = 64, 0
MAX_CARD_BYTES = 1 << 20
# Weights are stored in half precision where this moves the test bound, or a classifier's
# cross-entropy, by less, in nats.
LARGEST_MOVE = 0.05


class CheckpointError(Exception):
    """A checkpoint cannot be used; the message names the file and the fault."""


@dataclass(frozen=True)
class CheckpointEntry:
    """One checkpoint folder: its card, or the fault that keeps it from being used."""

    name: str
    folder: Path
    card: Card | None
    fault: str | None


def checkpoint_root() -> Path:
    """Where checkpoints are: ``DRAW_CHECKPOINTS``, else the project's own folder.

    Raises:
        SettingError: if the variable cannot be used.
    """
    own = Path(__file__).resolve().parents[2] / "checkpoints"
    return environment.path_variable("DRAW_CHECKPOINTS") or own


def shipped_folder(name: str) -> Path:
    """The folder of a shipped checkpoint.

    Raises:
        CheckpointError: if there is none of that name.
    """
    entries = list_checkpoints(checkpoint_root())
    for entry in entries:
        if entry.name == name:
            return entry.folder
    known = ", ".join(entry.name for entry in entries) or "none"
    raise CheckpointError(f"There is no checkpoint {name!r}; the checkpoints are: {known}.")


def checkpoint_folder(name_or_folder: str) -> Path:
    """A folder as it is given, or that of the shipped checkpoint of this name.

    Raises:
        CheckpointError: if there is neither.
    """
    folder = environment.path(name_or_folder)
    if folder is not None and folder.is_dir():
        return folder
    root, name = checkpoint_root(), environment.cleaned(name_or_folder)
    if name and (root / name).is_dir() and os.sep not in name:
        return root / name
    known = ", ".join(entry.name for entry in list_checkpoints(root)) or "none"
    raise CheckpointError(
        f"There is no checkpoint or run folder {name_or_folder!r}; the checkpoints are: {known}."
    )


def load_card(folder: Path) -> Card:
    """Reads ``card.json`` of a checkpoint.

    Raises:
        CheckpointError: if it is missing, unreadable, or no card.
    """
    label = file_label(folder / CARD)
    try:
        if (folder / CARD).stat().st_size > MAX_CARD_BYTES:
            raise CheckpointError(f"{label}: the card is larger than 1 MiB, so it is none.")
        return Card.from_json((folder / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{label} is missing.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{label} cannot be read ({error}).") from error
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{label} cannot be used: {str(error).rstrip('.')}.") from error


def load_preview(folder: Path) -> Film:
    """Reads ``preview.npz`` of a checkpoint and checks it against the card.

    Raises:
        CheckpointError: if it is missing, damaged or of another model.
    """
    card = load_card(folder)
    try:
        film = family_of(card.config).fitted(load_film(folder / PREVIEW), card.config)
    except FilmError as error:
        raise CheckpointError(f"{folder.name}/{error}") from error
    if film is None:
        raise CheckpointError(
            f"{file_label(folder / PREVIEW)} does not fit the model that {CARD} describes."
        )
    return film


def list_checkpoints(root: Path) -> list[CheckpointEntry]:
    """Every folder below ``root``, by name, the faulty ones with their fault.

    Only the card and the presence and header of the weights are looked at, so this is fast.
    """
    if not root.is_dir():
        return []
    folders = (f for f in root.iterdir() if f.is_dir() and not f.name.startswith("."))
    return [
        _entry(folder, (stamp(folder / CARD), stamp(folder / WEIGHTS)))
        for folder in sorted(folders)
    ]


# Every visitor's every action lists them; an entry never changes, so all may share it.
@lru_cache(maxsize=512)
def _entry(folder: Path, _stamps: tuple[tuple[int, ...], ...]) -> CheckpointEntry:
    """The entry of a folder whose files have these stamps."""
    try:
        card = load_card(folder)
        _check_header(folder / WEIGHTS)
    except CheckpointError as error:
        return CheckpointEntry(folder.name, folder, None, str(error))
    return CheckpointEntry(folder.name, folder, card, None)


def _check_header(path: Path) -> None:
    """Finds a missing, truncated or foreign weights file by its header alone."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise CheckpointError(f"{file_label(path)} is missing.")
    try:
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{file_label(path)} is truncated or is no safetensors file ({error})."
        ) from error


def load_checkpoint(folder: Path) -> tuple["nn.Module", Card]:
    """Reads a checkpoint; the model is in evaluation mode on the CPU, in float32.

    Raises:
        CheckpointError: if a file is missing, truncated, foreign, or does not fit the card.
    """
    card = load_card(folder)
    path = folder / WEIGHTS
    model = assemble(card.config, load_tensors(path), path)
    return model.eval().requires_grad_(False), card


def load_tensors(path: Path) -> dict[str, "Tensor"]:
    """All tensors of a safetensors file.

    Raises:
        CheckpointError: if it is missing, truncated or foreign.
    """
    from safetensors.torch import load_file

    _check_header(path)
    try:
        return load_file(path)
    except Exception as error:
        raise CheckpointError(f"{file_label(path)} cannot be read ({error}).") from error


def assemble(config: NetworkConfig, tensors: Mapping[str, "Tensor"], path: Path) -> "nn.Module":
    """A float32 network with these weights, which were read from ``path``.

    Raises:
        CheckpointError: if they are not the weights of such a network, or are not numbers.
    """
    import torch

    engine = engine_of(config)
    with torch.device("meta"):  # a card that asks for a huge network must not allocate one
        model: nn.Module = engine.build(config)
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise CheckpointError(
                f"{file_label(path)} does not fit {CARD}: {name} is {found.get(name, 'absent')} in "
                f"the file, but the card's network expects {expected.get(name, 'no such tensor')}."
            )
        if not tensors[name].is_floating_point() or not bool(tensors[name].isfinite().all()):
            raise CheckpointError(
                f"{file_label(path)} is damaged: {name} holds values that are not numbers."
            )
    model.load_state_dict({name: value.float() for name, value in tensors.items()}, assign=True)
    return model


def file_label(path: Path) -> str:
    """How messages name a file: with its checkpoint, without the folders of this machine."""
    return f"{path.resolve().parent.name}/{path.name}"


def save_checkpoint(
    folder: Path, model: "nn.Module", card: Card, preview: Film | None, weights: Weights = "float32"
) -> None:
    """Writes a checkpoint, each file atomically; the card says in which precision the weights are.

    ``preview=None`` removes the one that is there, which other weights have painted.

    Raises:
        ValueError: if a weight is too large for half precision.
        OSError: if a file cannot be written.
    """
    from safetensors.torch import save

    tensors = {k: v.detach().cpu().contiguous() for k, v in model.state_dict().items()}
    if weights == "float16":
        tensors = halved(tensors)
    write_atomic(folder / WEIGHTS, save(tensors))
    write_atomic(folder / CARD, replace(card, weights=weights).to_json().encode())
    if preview is None:
        (folder / PREVIEW).unlink(missing_ok=True)
    else:
        write_atomic(folder / PREVIEW, to_npz(preview))


def round_weights(model: "nn.Module") -> "nn.Module":
    """A float32 network on the CPU, as half precision keeps this one.

    Raises:
        ValueError: if a weight is too large for half precision.
    """
    from draw_core.families.engine import config_of

    rounded = halved(model.state_dict())
    return assemble(config_of(model), rounded, Path(WEIGHTS)).eval().requires_grad_(False)


def halved(tensors: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Weights as half precision keeps them, on the CPU.

    Raises:
        ValueError: if one is too large for half precision.
    """
    rounded = {name: value.detach().cpu().half() for name, value in tensors.items()}
    for name, value in rounded.items():
        if not bool(value.isfinite().all()):
            raise ValueError(f"{name} holds weights too large for half precision.")
    return rounded


def make_preview(model: "nn.Module") -> Film | None:
    """The film that :data:`PREVIEW` holds; None of a network that paints nothing."""
    from draw_core.families.engine import config_of

    family = family_of(config_of(model))
    if "generate" not in family.abilities:
        return None
    return family.load_engine().generate(model, PREVIEW_SAMPLES, PREVIEW_SEED)
