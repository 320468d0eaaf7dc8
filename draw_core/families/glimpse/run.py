"""A training of a classifier: one folder that holds all that is needed to go on with it.

``classifier.json`` says what is trained, ``training.safetensors`` holds weights, moments and the
step, ``metrics.jsonl`` the losses and errors so far, and where each part of it was made.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save

from draw_core.base.files import write_atomic
from draw_core.data.composed.composites import Composer
from draw_core.families.glimpse.card import Network
from draw_core.families.glimpse.checkpoint import assemble
from draw_core.families.glimpse.evaluate import error_rate
from draw_core.families.glimpse.settings import RunSettings
from draw_core.families.glimpse.train import (
    ClassifierMetrics,
    ClassifierState,
    new_classifier,
    train,
)
from draw_core.learning.device import CPU, describe_hardware, one_after_the_other
from draw_core.learning.optimise import TrainingDiverged
from draw_core.runs.files import Claimed, append_line, claim
from draw_core.store.checkpoint import CheckpointError, load_tensors

SETTINGS, TRAINING, METRICS = "classifier.json", "training.safetensors", "metrics.jsonl"
_LINE_EVERY = 100  # updates, whose losses are averaged


class Part(NamedTuple):
    """Where a training was made from the update after ``start`` on; None where nobody wrote it."""

    start: int
    hardware: str | None
    torch_version: str | None


class ClassifierRun:
    """A run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, settings: RunSettings) -> "ClassifierRun":
        """Begins a folder.

        Raises:
            ValueError: if it already holds a run.
        """
        if (folder / SETTINGS).exists():
            raise ValueError(
                f"{folder} already holds a run. Add --resume to go on with it, or choose another "
                "--run-dir."
            )
        write_atomic(folder / SETTINGS, settings.to_json().encode())
        return cls(folder)

    def settings(self) -> RunSettings:
        """What is trained.

        Raises:
            CheckpointError: if the folder holds no run or a damaged one.
        """
        path = self.folder / SETTINGS
        try:
            return RunSettings.from_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CheckpointError(
                f"There is no training of a classifier in {self.folder}."
            ) from error
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise CheckpointError(f"{path} cannot be used: {str(error).rstrip('.')}.") from error

    def state(self, device: torch.device = CPU) -> ClassifierState:
        """The network and its moments on that device, as they were saved last, or fresh ones.

        Raises:
            CheckpointError: if the files are damaged.
        """
        settings, path = self.settings(), self.folder / TRAINING
        if not path.exists():
            model = new_classifier(settings.model, settings.training.seed)
            return ClassifierState(model.to(device), settings.training)
        saved = load_tensors(path)
        prefix = "model."
        weights = {k.removeprefix(prefix): v for k, v in saved.items() if k.startswith(prefix)}
        model = assemble(settings.model, weights, path)
        state = ClassifierState(model.to(device).requires_grad_(), settings.training)
        try:
            state.load_tensors(saved)
        except ValueError as error:
            raise CheckpointError(
                f"{path.name} is damaged, so this run cannot go on: {error}."
            ) from error
        return state

    def train(
        self, state: ClassifierState, composer: Composer, stopped: Callable[[], bool]
    ) -> Iterator[ClassifierMetrics | float]:
        """Trains to the end or until stopped, and saves; yields metrics and validation errors.

        Args:
            composer: of the training split.

        Raises:
            ValueError: if validation leaves no digits, or another program trains this run.
            TrainingDiverged: at the first loss or gradient that is not finite. The last weights,
                moments and step that gave a finite loss are saved.
        """
        settings = self.settings()
        digits = settings.digits(composer)
        try:
            with claim(self.folder):
                try:
                    yield from self._train(state, composer, digits, settings.save_every, stopped)
                except TrainingDiverged:
                    self.save(state)  # which was put back to the last good one
                    raise
        except Claimed as error:
            raise ValueError(f"Another program is at work on {self.folder}.") from error

    def _train(
        self,
        state: ClassifierState,
        composer: Composer,
        digits: int,
        save_every: int,
        stopped: Callable[[], bool],
    ) -> Iterator[ClassifierMetrics | float]:
        hardware = describe_hardware(state.device)
        where = {"hardware": hardware, "torch_version": torch.__version__}
        self._log({"resumed_from": state.step, **({} if state.done else where)})
        sums, count = 0.0, 0
        for metrics in train(state, composer, digits):
            sums, count = sums + metrics.loss, count + 1
            if metrics.step % _LINE_EVERY == 0 or state.done:
                self._log({**asdict(metrics), "loss": sums / count})
                sums, count = 0.0, 0
            yield metrics
            due = state.done or metrics.step % save_every == 0
            leave = stopped() and not state.done
            if due or leave:
                state.check(composer)
                self.save(state)
            if leave:
                return
            if due:
                yield self.validate(state, composer)

    def validate(self, state: ClassifierState, composer: Composer) -> float:
        """The error in percent on the digits that were held back, in their first arrangement."""
        held_back = range(composer.count - state.config.validation, composer.count)
        result = error_rate(state.model, composer, held_back)
        self._log(
            {
                "step": state.step,
                "seconds": state.seconds,
                "validation": {
                    "error": result.error,
                    "loss": result.loss,
                    "images": result.images,
                    "after_glimpse": result.after_glimpse,
                },
            }
        )
        return result.error

    def save(self, state: ClassifierState) -> None:
        """Writes everything that a resumed run needs."""
        write_atomic(self.folder / TRAINING, save(state.tensors()))

    def history(self) -> list[dict[str, Any]]:
        """The lines of ``metrics.jsonl``, without what was made and lost before a resumption."""
        lines: list[dict[str, Any]] = []
        for values in self._lines():
            if isinstance(step := values.get("resumed_from"), int):
                lines = [kept for kept in lines if kept["step"] <= step]
            elif isinstance(values.get("step"), int):
                lines.append(values)
        return lines

    def parts(self, state: ClassifierState) -> list[Part]:
        """Where the updates that led to this state were made, without those that were lost."""
        parts: list[Part] = []
        for values in self._lines():
            if isinstance(step := values.get("resumed_from"), int):
                found = values.get("hardware"), values.get("torch_version")
                hardware, version = (v if isinstance(v, str) else None for v in found)
                parts = [part for part in parts if part.start < step]
                parts.append(Part(step, hardware, version))
        return [part for part in parts if part.start < state.step]

    def network(self, state: ClassifierState) -> Network:
        """What a card says of this training."""
        settings = self.settings()
        errors = [v["validation"]["error"] for v in self.history() if "validation" in v]
        parts = self.parts(state)
        return Network(
            config=settings.model,
            parameters=sum(p.numel() for p in state.model.parameters()),
            training=settings.training,
            steps=state.step,
            wall_time_s=round(state.seconds, 1),
            hardware=_all_of(part.hardware for part in parts),
            torch_version=_all_of(part.torch_version for part in parts),
            command=settings.command,
            validation_error=errors[-1] if errors else None,
        )

    def _lines(self) -> Iterator[dict[str, Any]]:
        """The lines of ``metrics.jsonl`` as they were written, without torn ones."""
        try:
            text = (self.folder / METRICS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                values = json.loads(line)
            except json.JSONDecodeError:
                continue  # torn by a power failure
            if isinstance(values, dict):
                yield values

    def _log(self, values: dict[str, Any]) -> None:
        append_line(self.folder / METRICS, json.dumps({**values, "time": round(time.time(), 1)}))


def _all_of(values: Iterable[str | None]) -> str:
    """Each different one, in their order; folders of before they were written down lack some."""
    return one_after_the_other(filter(None, values)) or "not recorded"
