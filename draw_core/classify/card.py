"""The card of a trained classifier and its baseline: how they were made, and how often they err.

Imports no torch.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from draw_core.card import is_number
from draw_core.classify.config import (
    CONFIGS,
    ClassifierTraining,
    ConvConfig,
    GlimpseConfig,
    Kind,
    ModelConfig,
)

FORMAT = "draw-classifier/1"


@dataclass(frozen=True)
class MeasuredError:
    """What was measured on test images; see :class:`draw_core.classify.evaluate.ErrorRate`.

    Attributes:
        protocol: which images these are, in one sentence.
    """

    error: float
    standard_error: float
    loss: float
    images: int
    protocol: str
    after_glimpse: tuple[float, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "MeasuredError":
        """From plain JSON values.

        Raises:
            ValueError: if they are no test result.
        """
        _require_fields(cls, values, "its test result")
        result = cls(**{**values, "after_glimpse": tuple(_list(values.get("after_glimpse", ())))})
        numbers = (result.error, result.standard_error, *result.after_glimpse)
        if not all(is_number(n) and 0 <= n <= 100 for n in numbers):
            raise ValueError("its test result holds an error that is no percentage")
        if not is_number(result.loss) or not is_number(result.images):
            raise ValueError("its test result holds something that is not a number")
        _require_text(result.protocol, "protocol")
        return result


@dataclass(frozen=True)
class Network:
    """One trained network.

    Attributes:
        config: its sizes.
        parameters: how many numbers were trained.
        training: how; ``training.steps`` were planned, ``steps`` were made.
        wall_time_s: seconds spent on updates.
        validation_error: in percent, on the digits that were held back, when training ended.
        test: None before the evaluation.
    """

    config: ModelConfig
    parameters: int
    training: ClassifierTraining
    steps: int
    wall_time_s: float
    hardware: str
    torch_version: str
    command: str
    validation_error: float | None = None
    test: MeasuredError | None = None

    @classmethod
    def from_dict(cls, kind: Kind, values: Mapping[str, Any]) -> "Network":
        """From plain JSON values.

        Raises:
            ValueError: with what is wrong, if they describe no network of this kind.
        """
        _require_fields(cls, values, "its network")
        network = cls(
            **{
                **values,
                "config": CONFIGS[kind].from_dict(values["config"]),
                "training": ClassifierTraining.from_dict(values["training"]),
                "test": MeasuredError.from_dict(values["test"]) if values.get("test") else None,
            }
        )
        for name in ("hardware", "torch_version", "command"):
            _require_text(getattr(network, name), name)
        for name in ("parameters", "steps", "wall_time_s"):
            if not is_number(getattr(network, name)):
                raise ValueError(f"its {name} must be a number")
        if network.validation_error is not None and not is_number(network.validation_error):
            raise ValueError("its validation_error must be a number")
        return network


@dataclass(frozen=True)
class ClassifierCard:
    """Everything about a published classifier but its weights.

    Attributes:
        data: pinned name of the data set, as ``"cluttered:mnist"``.
        model: the network that looks through a window.
        baseline: the convolutional one, or None if there is none.
    """

    data: str
    model: Network
    baseline: Network | None = None

    def to_json(self) -> str:
        """The card as JSON text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ClassifierCard":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: with what is wrong, if the text is no card of this version.
        """
        try:
            values = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"it is not valid JSON ({error})") from error
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise ValueError(f'it is no classifier card: its "format" is not "{FORMAT}"')
        _require_fields(cls, values, "it")
        _require_text(values["data"], "data")
        baseline = values.get("baseline")
        return cls(
            data=values["data"],
            model=Network.from_dict("draw", values["model"]),
            baseline=None if baseline is None else Network.from_dict("conv", baseline),
        )

    @property
    def glimpse_config(self) -> GlimpseConfig:
        """The sizes of the attention classifier."""
        assert isinstance(self.model.config, GlimpseConfig)
        return self.model.config

    @property
    def conv_config(self) -> ConvConfig | None:
        """The sizes of the baseline, if there is one."""
        config = self.baseline.config if self.baseline else None
        assert config is None or isinstance(config, ConvConfig)
        return config


def _require_fields(cls: type, values: object, what: str) -> None:
    if not isinstance(values, Mapping):
        raise ValueError(f"{what} must be a JSON object")
    known = {field.name: field for field in fields(cls)}
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"{what} has an unknown field {unknown[0]!r}")
    needed = [name for name, field in known.items() if field.default is MISSING]
    if missing := [name for name in needed if name not in values]:
        raise ValueError(f"{what} lacks {missing[0]!r}")


def _require_text(value: object, name: str) -> None:
    if not isinstance(value, str):
        raise ValueError(f"its {name} must be text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"its {name} holds characters that cannot be shown") from error


def _list(value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("its test result holds something that is not a list")
    return list(value)
