"""The checkpoint in a run folder: how a run is begun, saved, taken up again and finished."""

from dataclasses import replace
from pathlib import Path

import torch
from jaxtyping import UInt8
from safetensors.torch import save
from torch import Tensor

from draw_core.base.fields import Binarisation
from draw_core.base.files import write_atomic
from draw_core.film.files import to_npz
from draw_core.learning.device import CPU, describe_hardware, one_after_the_other
from draw_core.learning.train import TrainState, new_model
from draw_core.measure.evaluate import Result
from draw_core.runs.commands import train_command
from draw_core.runs.config import RunConfig
from draw_core.runs.run import TRAINING
from draw_core.store.card import AS_THEY_ARE, Card
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    CheckpointError,
    assemble,
    load_card,
    load_checkpoint,
    load_tensors,
    make_preview,
    save_checkpoint,
    shipped_folder,
)

_BINARISATION: dict[Binarisation, str] = {
    "bernoulli": "Bernoulli, drawn anew each time an image is seen",
    "threshold": "Threshold: grey values of 128 and more are 1, the rest 0",
    "grey": AS_THEY_ARE,
}


def begin(
    config: RunConfig, images: UInt8[Tensor, "N C H W"], device: torch.device = CPU
) -> tuple[TrainState, Card]:
    """A network that this run has not trained yet on that device, and its card.

    Raises:
        CheckpointError: if the weights it starts from cannot be used or do not fit the network.
        ValueError: if the images have another shape than the network is for.
    """
    model = new_model(config.model, images, config.training.seed)
    notes: tuple[str, ...] = ()
    if config.start_from:
        start, before = load_checkpoint(shipped_folder(config.start_from))
        try:
            model.load_state_dict(start.state_dict())
        except RuntimeError as error:
            raise ValueError(
                f"The weights of {config.start_from} do not fit this network; give it the same "
                "settings but for the number of steps."
            ) from error
        notes = (
            f"It began with the weights of {config.start_from}, which had been trained for "
            f"{before.steps:,} updates; its own updates come on top.",
        )
    card = Card(
        config=config.model,
        training=config.training,
        data=config.data,
        train_images=len(images),
        binarisation=_BINARISATION[config.training.binarisation],
        command=train_command(config),
        steps=0,
        wall_time_s=0.0,
        hardware=describe_hardware(device),
        torch_version=torch.__version__,
        notes=notes,
    )
    return TrainState(model.to(device), config.training), card


def take_up(folder: Path, device: torch.device = CPU) -> tuple[TrainState, Card]:
    """What was saved last in a run folder, to go on with on that device.

    The card names every machine that the run was trained on.

    Raises:
        CheckpointError: if the folder holds no run or its files are damaged.
    """
    card = load_card(folder)
    path = folder / TRAINING
    saved = load_tensors(path)
    prefix = "model."
    weights = {k.removeprefix(prefix): v for k, v in saved.items() if k.startswith(prefix)}
    state = TrainState(assemble(card.config, weights, path).to(device), card.training)
    try:
        state.load_tensors(saved)
    except ValueError as error:
        raise CheckpointError(
            f"{path.name} is damaged, so this run cannot go on: {error}."
        ) from error
    state.keep()  # what it would be put back to
    if not state.done:
        places = card.hardware, describe_hardware(device)
        card = replace(card, hardware=one_after_the_other(places))
    return state, card


def save_run(folder: Path, state: TrainState, card: Card, elapsed_s: float) -> Card:
    """Writes the weights and everything that a resumed run needs; returns the card as written.

    A preview that other weights have painted is removed.

    Raises:
        OSError: if the disk is full; the files are the old or the new ones, each whole.
    """
    card = replace(card, steps=state.step, wall_time_s=round(elapsed_s, 1))
    write_atomic(folder / TRAINING, save(state.tensors()))
    save_checkpoint(folder, state.model, card, preview=None)
    return card


def save_preview(folder: Path, state: TrainState) -> None:
    """Paints the samples that other pages show first, if it is a network that paints."""
    if film := make_preview(state.model):
        write_atomic(folder / PREVIEW, to_npz(film))


def save_result(folder: Path, card: Card, test: Result) -> Card:
    """Writes the result on the test set onto the card; returns the card as written."""
    card = replace(card, test=test.to_dict(card.objective))
    write_atomic(folder / CARD, card.to_json().encode())
    return card
