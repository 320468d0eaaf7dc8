"""The card of a checkpoint: what was trained, how, and how well. Imports no torch."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from draw_core.config import DrawConfig, TrainConfig


@dataclass(frozen=True)
class Card:
    """Everything about a checkpoint but its weights.

    Attributes:
        config: the network.
        training: how it is trained; ``training.steps`` were planned, ``steps`` were made.
        data: name of the data set; ``train_images`` of it were used.
        binarisation: how grey pixels became black and white, in words.
        command: the command line that trains it.
        wall_time_s: seconds spent training, over all its parts.
        hardware: processor and threads.
        test: nll_bound, L_x, L_z in nats and the number of images, or None before the evaluation.
    """

    config: DrawConfig
    training: TrainConfig
    data: str
    train_images: int
    binarisation: str
    command: str
    steps: int
    wall_time_s: float
    hardware: str
    torch_version: str
    test: dict[str, float] | None = None

    def to_json(self) -> str:
        """The card as JSON text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: with what is wrong, if the text is no card of this version.
        """
        try:
            values: dict[str, Any] = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"it is not valid JSON ({error})") from error
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise ValueError(f'it is not a DRAW card: its "format" is not "{FORMAT}"')
        try:
            config = DrawConfig.from_dict(values.pop("config"))
            training = TrainConfig.from_dict(values.pop("training"))
            card = cls(config=config, training=training, **values)
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from error
        except TypeError as error:
            raise ValueError(f"its fields are not those of a card ({error})") from error
        card._check()
        return card

    def _check(self) -> None:
        for name in ("data", "binarisation", "command", "hardware", "torch_version"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"its {name} must be text")
            try:
                getattr(self, name).encode()
            except UnicodeEncodeError as error:
                raise ValueError(f"its {name} holds characters that cannot be shown") from error
        if self.test is not None:
            keys = {"nll_bound", "L_x", "L_z", "images"}
            if not isinstance(self.test, dict) or set(self.test) != keys:
                raise ValueError(f"its test result must hold {', '.join(sorted(keys))}")
            if not all(is_number(v) for v in self.test.values()):
                raise ValueError("its test result holds something that is not a number")
        for name in ("train_images", "steps", "wall_time_s"):
            if not is_number(getattr(self, name)):
                raise ValueError(f"its {name} must be a number")


FORMAT = "draw-explorer/1"


def is_number(value: object, below: float = 1e15) -> bool:
    """Whether a value out of a file is a number, and none that overflows where it is used."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < below  # False for NaN
