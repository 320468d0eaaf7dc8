"""Published classifiers: a folder of two safetensors files and a card.

``model.safetensors`` holds the network that looks through a window, ``baseline.safetensors`` the
convolutional one. Nothing is unpickled; listing them needs no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from draw_core.base.files import write_atomic
from draw_core.families.glimpse.card import FORMAT, ClassifierCard, Network
from draw_core.families.glimpse.config import ModelConfig
from draw_core.store.checkpoint import (
    CARD,
    MAX_CARD_BYTES,
    WEIGHTS,
    CheckpointError,
    file_label,
    fill,
    halved,
    load_tensors,
    read_card,
)

if TYPE_CHECKING:
    from torch import Tensor

    from draw_core.families.glimpse.baseline import ConvClassifier
    from draw_core.families.glimpse.model import GlimpseClassifier
    from draw_core.families.glimpse.train import Classifier

BASELINE = "baseline.safetensors"


@dataclass(frozen=True)
class ClassifierEntry:
    """One folder with a classifier: its card, or the fault that keeps it from being used."""

    name: str
    folder: Path
    card: ClassifierCard | None
    fault: str | None


@dataclass(frozen=True)
class LoadedClassifier:
    """A published classifier; its networks are on the CPU, in float32, for evaluation only."""

    card: ClassifierCard
    model: "GlimpseClassifier"
    baseline: "ConvClassifier | None"


def list_classifiers(root: Path) -> list[ClassifierEntry]:
    """The classifiers among the folders below ``root``, by name, the faulty ones with their fault.

    Folders of other networks are left out. Only cards are read and files looked for.
    """
    if not root.is_dir():
        return []
    folders = (f for f in root.iterdir() if f.is_dir() and not f.name.startswith("."))
    return [_entry(folder) for folder in sorted(folders) if _is_classifier(folder)]


def load_classifier_card(folder: Path) -> ClassifierCard:
    """Reads ``card.json`` of a classifier.

    Raises:
        CheckpointError: if it is missing, unreadable, or no card of a classifier.
    """
    return read_card(folder, ClassifierCard.from_json)


def load_classifier(folder: Path) -> LoadedClassifier:
    """Reads a classifier and, if there is one, its baseline.

    Raises:
        CheckpointError: if a file is missing, truncated, foreign, or does not fit the card.
    """
    from draw_core.families.glimpse.baseline import ConvClassifier
    from draw_core.families.glimpse.model import GlimpseClassifier

    card = load_classifier_card(folder)
    model = _load(folder / WEIGHTS, card.glimpse_config)
    baseline = _load(folder / BASELINE, card.conv_config) if card.conv_config else None
    assert isinstance(model, GlimpseClassifier)
    assert baseline is None or isinstance(baseline, ConvClassifier)
    return LoadedClassifier(card, model, baseline)


def save_classifier(
    folder: Path,
    card: ClassifierCard,
    model: Mapping[str, "Tensor"],
    baseline: Mapping[str, "Tensor"] | None,
) -> None:
    """Writes a classifier, each file atomically, in the precisions that the card names.

    Args:
        model, baseline: state dicts.

    Raises:
        ValueError: if the card could not be read again, or a weight is too large for half
            precision; nothing is written then.
    """
    from safetensors.torch import save

    text = card.to_json()
    ClassifierCard.from_json(text)
    files = [
        (WEIGHTS, _stored(model, card.model)),
        (BASELINE, _stored(baseline, card.baseline)),
    ]
    for name, weights in files:
        if weights is None:
            (folder / name).unlink(missing_ok=True)
        else:
            write_atomic(folder / name, save(weights))
    write_atomic(folder / CARD, text.encode())


def _stored(
    weights: Mapping[str, "Tensor"] | None, network: Network | None
) -> "dict[str, Tensor] | None":
    if weights is None:
        return None
    if network and network.weights == "float16":
        return halved(weights)
    return {k: v.detach().cpu().contiguous() for k, v in weights.items()}


def round_classifier(model: "Classifier") -> "Classifier":
    """A float32 network on the CPU, as half precision keeps this one.

    Raises:
        ValueError: if a weight is too large for half precision.
    """
    return assemble(model.config, halved(model.state_dict()), Path(WEIGHTS)).eval()


def assemble(config: ModelConfig, tensors: Mapping[str, "Tensor"], path: Path) -> "Classifier":
    """A float32 network with these weights, which were read from ``path``.

    Raises:
        CheckpointError: if they are not the weights of such a network, or are not numbers.
    """
    import torch

    from draw_core.families.glimpse.train import build

    with torch.device("meta"):  # a card that asks for a huge network must not allocate one
        model = build(config)
    fill(model, tensors, path)
    return model


def _load(path: Path, config: ModelConfig) -> "Classifier":
    return assemble(config, load_tensors(path), path).eval().requires_grad_(requires_grad=False)


def _entry(folder: Path) -> ClassifierEntry:
    try:
        card = load_classifier_card(folder)
        for name in (WEIGHTS, *([BASELINE] if card.baseline else [])):
            if not (folder / name).is_file():
                raise CheckpointError(f"{file_label(folder / name)} is missing.")
    except CheckpointError as error:
        return ClassifierEntry(folder.name, folder, None, str(error))
    return ClassifierEntry(folder.name, folder, card, None)


def _is_classifier(folder: Path) -> bool:
    """By its card, which may be faulty otherwise."""
    try:
        with (folder / CARD).open(encoding="utf-8", errors="replace") as file:
            return f'"{FORMAT}"' in file.read(MAX_CARD_BYTES)
    except OSError:
        return False
