"""What a training of a classifier is told: kind, sizes, schedule and data. Imports no torch."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from draw_core.base.command_line import command
from draw_core.data.composed.composites import Composer
from draw_core.families.glimpse.config import CONFIGS, ClassifierTraining, Kind, ModelConfig

FORMAT = "draw-classifier-run/1"
_OF_DATA = ("height", "width", "channels", "classes")  # sizes that the images decide


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
        options: dict[str, Any] = {"kind": self.kind, "data": self.data}
        usual_model, usual = CONFIGS[self.kind](), ClassifierTraining()
        for mine, default in ((self.model, usual_model), (self.training, usual)):
            for name, value in asdict(mine).items():
                if name in _OF_DATA:
                    continue
                if value != getattr(default, name) or name == "precision":
                    options[name] = value
        return command("classify train", options=options)

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
