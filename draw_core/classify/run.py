"""A training of a classifier: one folder that holds all that is needed to go on with it.

``classifier.json`` says what is trained, ``training.safetensors`` holds weights, moments and the
step, ``metrics.jsonl`` the losses and errors so far.
"""

import json
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from draw_core.checkpoint import CheckpointError, load_tensors
from draw_core.classify.card import Network
from draw_core.classify.checkpoint import assemble
from draw_core.classify.config import CONFIGS, ClassifierTraining, Kind, ModelConfig
from draw_core.classify.evaluate import error_rate
from draw_core.classify.train import ClassifierMetrics, ClassifierState, new_classifier, train
from draw_core.data.composites import Composer
from draw_core.files import write_atomic
from draw_core.hardware import processor
from draw_core.runs.files import Claimed, append_line, claim

SETTINGS, TRAINING, METRICS = "classifier.json", "training.safetensors", "metrics.jsonl"
FORMAT = "draw-classifier-run/1"
_OF_DATA = ("height", "width", "channels", "classes")  # sizes that the images decide
_LINE_EVERY = 100  # updates, whose losses are averaged


@dataclass(frozen=True)
class RunSettings:
    """What is trained, how, and on which images.

    Attributes:
        data: pinned name of the composite data set.
        save_every: updates after which the run is saved and the validation error is measured.
    """

    kind: Kind
    model: ModelConfig
    training: ClassifierTraining
    data: str
    save_every: int = 1000

    def digits(self, composer: Composer) -> int:
        """How many digits of the training split are trained on.

        Raises:
            ValueError: if validation leaves none.
        """
        digits = composer.count - self.training.validation
        if digits < 1:
            raise ValueError(
                f"validation holds back {self.training.validation:,} of {composer.count:,} digits "
                "and leaves none to train on."
            )
        return digits

    @property
    def command(self) -> str:
        """The command line that trains it, without the folders of this machine."""
        words = ["python", "-m", "draw_core", "classify", "train", "--kind", self.kind]
        words += ["--data", self.data]
        usual_model, usual = CONFIGS[self.kind](), ClassifierTraining()
        for mine, default in ((self.model, usual_model), (self.training, usual)):
            for name, value in asdict(mine).items():
                if name in _OF_DATA:
                    continue
                if value != getattr(default, name) or name == "precision":
                    words += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join(words)

    def to_json(self) -> str:
        """As JSON text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RunSettings":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: with what is wrong, if the text is none.
        """
        try:
            values: dict[str, Any] = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"it is not valid JSON ({error})") from error
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise ValueError(f'its "format" is not "{FORMAT}"')
        if values.get("kind") not in CONFIGS:
            raise ValueError(f"its kind must be one of {', '.join(CONFIGS)}")
        try:
            model = CONFIGS[values["kind"]].from_dict(values.pop("model"))
            training = ClassifierTraining.from_dict(values.pop("training"))
            settings = cls(model=model, training=training, **values)
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from error
        except TypeError as error:
            raise ValueError(f"its fields are not those of a run ({error})") from error
        if not isinstance(settings.data, str):
            raise ValueError("its data must be text")
        if not isinstance(settings.save_every, int) or settings.save_every < 1:
            raise ValueError("its save_every must be a whole number above 0")
        return settings


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

    def state(self) -> ClassifierState:
        """The network and its moments as they were saved last, or fresh ones.

        Raises:
            CheckpointError: if the files are damaged.
        """
        settings, path = self.settings(), self.folder / TRAINING
        if not path.exists():
            model = new_classifier(settings.model, settings.training.seed)
            return ClassifierState(model, settings.training)
        saved = load_tensors(path)
        prefix = "model."
        weights = {k.removeprefix(prefix): v for k, v in saved.items() if k.startswith(prefix)}
        model = assemble(settings.model, weights, path)
        state = ClassifierState(model.requires_grad_(), settings.training)
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
            TrainingDiverged: before an update with a loss or gradient that is not finite.
        """
        settings = self.settings()
        digits = settings.digits(composer)
        try:
            with claim(self.folder):
                yield from self._train(state, composer, digits, settings.save_every, stopped)
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
        self._log({"resumed_from": state.step})
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
        try:
            text = (self.folder / METRICS).read_text(encoding="utf-8")
        except OSError:
            return lines
        for line in text.splitlines():
            try:
                values = json.loads(line)
            except json.JSONDecodeError:
                continue  # torn by a power failure
            if not isinstance(values, dict):
                continue
            if isinstance(step := values.get("resumed_from"), int):
                lines = [kept for kept in lines if kept["step"] <= step]
            elif isinstance(values.get("step"), int):
                lines.append(values)
        return lines

    def network(self, state: ClassifierState) -> Network:
        """What a card says of this training."""
        settings = self.settings()
        errors = [v["validation"]["error"] for v in self.history() if "validation" in v]
        threads = torch.get_num_threads()
        return Network(
            config=settings.model,
            parameters=sum(p.numel() for p in state.model.parameters()),
            training=settings.training,
            steps=state.step,
            wall_time_s=round(state.seconds, 1),
            hardware=f"{processor()}, {threads} CPU thread{'s' if threads > 1 else ''}",
            torch_version=torch.__version__,
            command=settings.command,
            validation_error=errors[-1] if errors else None,
        )

    def _log(self, values: dict[str, Any]) -> None:
        append_line(self.folder / METRICS, json.dumps({**values, "time": round(time.time(), 1)}))
