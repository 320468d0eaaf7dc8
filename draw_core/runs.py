"""A training run on disk: a checkpoint folder that also holds what is needed to go on."""

import json
import platform
import shlex
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import torch
from safetensors.torch import save

from draw_core.card import Card
from draw_core.checkpoint import (
    CARD,
    CheckpointError,
    assemble,
    load_card,
    load_tensors,
    make_preview,
    save_checkpoint,
)
from draw_core.evaluate import Bound
from draw_core.files import write_atomic
from draw_core.train import Metrics, TrainState

TRAINING, METRICS = "training.safetensors", "metrics.jsonl"


class RunFolder:
    """Saves a run while it trains, and picks it up again.

    Beside the files of a checkpoint it holds ``training.safetensors`` (weights, Adam's moments,
    step) and ``metrics.jsonl`` (one line per saved step).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started = time.monotonic()
        self._earlier_s = 0.0
        self._card: Card | None = None

    @property
    def exists(self) -> bool:
        """Whether a run was begun here."""
        return (self.folder / CARD).exists()

    def begin(
        self, state: TrainState, data: str, train_images: int, binarisation: str, command: list[str]
    ) -> None:
        """Claims the folder for a new run and writes its untrained model."""
        self._card = Card(
            config=state.model.config,
            training=state.config,
            data=data,
            train_images=train_images,
            binarisation=binarisation,
            command=shlex.join(command),
            steps=0,
            wall_time_s=0.0,
            hardware=describe_hardware(),
            torch_version=torch.__version__,
        )
        (self.folder / METRICS).unlink(missing_ok=True)
        self.save(state)

    def resume(self) -> TrainState:
        """The state that was saved last.

        Raises:
            CheckpointError: if the folder holds no run or its files are damaged.
        """
        card = load_card(self.folder)
        path = self.folder / TRAINING
        saved = load_tensors(path)
        prefix = "model."
        weights = {k.removeprefix(prefix): v for k, v in saved.items() if k.startswith(prefix)}
        state = TrainState(assemble(card.config, weights, path), card.training)
        try:
            state.load_tensors(saved)
        except ValueError as error:
            raise CheckpointError(
                f"{path.name} is damaged, so this run cannot go on: {error}."
            ) from error
        self._card, self._earlier_s = card, card.wall_time_s
        self._started = time.monotonic()
        self._forget_metrics_after(state.step)
        return state

    def _forget_metrics_after(self, step: int) -> None:
        """Steps that were made but not saved will be made again."""
        path = self.folder / METRICS
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["step"] <= step]
            write_atomic(path, "".join(kept).encode())

    def save(self, state: TrainState, metrics: Metrics | None = None) -> None:
        """Writes the weights and everything that a resumed run needs."""
        card = self._update_card(state)
        write_atomic(self.folder / TRAINING, save(state.tensors()))
        save_checkpoint(self.folder, state.model, card, preview=None)
        if metrics is not None:
            with (self.folder / METRICS).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(metrics)) + "\n")

    def finish(self, state: TrainState, test: Bound | None) -> Card:
        """Writes the preview, and the card with the test bound, of a run that was saved."""
        card = replace(self._current_card, test=test.to_dict() if test else None)
        self._card = card
        save_checkpoint(self.folder, state.model, card, make_preview(state.model))
        return card

    @property
    def _current_card(self) -> Card:
        if self._card is None:
            raise RuntimeError("begin() or resume() the run first")
        return self._card

    def _update_card(self, state: TrainState) -> Card:
        elapsed = self._earlier_s + time.monotonic() - self._started
        self._card = replace(self._current_card, steps=state.step, wall_time_s=round(elapsed, 1))
        return self._card


def describe_hardware() -> str:
    """Processor and threads, for the card."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if sys.platform == "linux" and cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    threads = torch.get_num_threads()
    return f"{name}, {threads} CPU thread{'s' if threads > 1 else ''}"
