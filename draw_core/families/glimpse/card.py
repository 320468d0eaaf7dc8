"""The card of a trained classifier and its baseline: how they were made, and how often they err.

Imports no torch.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from draw_core.data.registry import COMPOSITES, DataError, describe
from draw_core.families.glimpse.config import (
    CONFIGS,
    ClassifierTraining,
    ConvConfig,
    GlimpseConfig,
    Kind,
    ModelConfig,
)
from draw_core.store.card import (
    CLASSIFIER_FORMAT,
    Weights,
    check_notes,
    check_sentence,
    check_weights,
    is_number,
)

FORMAT = CLASSIFIER_FORMAT


@dataclass(frozen=True)
class MeasuredError:
    """What was measured on test images; see :class:`draw_core.families.glimpse.evaluate.ErrorRate`.

    Attributes:
        protocol: which images these are, in a sentence or two.
        first_1000: the error on the first thousand of them, which is soon measured again; None if
            there were fewer.
    """

    error: float
    standard_error: float
    loss: float
    images: int
    protocol: str
    after_glimpse: tuple[float, ...] = ()
    first_1000: float | None = None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], glimpses: int = 0) -> "MeasuredError":
        """From plain JSON values.

        Args:
            glimpses: of the network, 0 if it takes none.

        Raises:
            ValueError: if they are no test result of such a network.
        """
        _require_fields(cls, values, "its test result")
        result = cls(**{**values, "after_glimpse": tuple(_list(values.get("after_glimpse", ())))})
        numbers = [result.error, result.standard_error, *result.after_glimpse]
        numbers += [] if result.first_1000 is None else [result.first_1000]
        if not all(map(_is_percentage, numbers)):
            raise ValueError("its test result holds an error that is no percentage")
        if len(result.after_glimpse) not in (0, glimpses):
            raise ValueError(
                f"its test result has {len(result.after_glimpse)} errors for {glimpses} glimpses"
            )
        if not is_number(result.loss) or result.loss < 0:
            raise ValueError("its test result's loss must be a number of 0 or more")
        _require_count("its test result's images", result.images, 1)
        check_sentence("protocol", result.protocol)
        return result


@dataclass(frozen=True)
class Network:
    """One trained network.

    Attributes:
        config: its sizes.
        parameters: how many numbers were trained.
        training: how; ``training.steps`` were planned, ``steps`` were made.
        wall_time_s: seconds spent on updates.
        hardware, torch_version: where it was trained, every place if there were several.
        validation_error: in percent, on the digits that were held back, when training ended;
            :class:`ClassifierTraining` says what training saw of them.
        test: None before the evaluation; of the weights as they are stored.
        weights: the precision in which they are stored.
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
    weights: Weights = "float32"

    @classmethod
    def from_dict(cls, kind: Kind, values: Mapping[str, Any]) -> "Network":
        """From plain JSON values.

        Raises:
            ValueError: with what is wrong, if they describe no network of this kind.
        """
        _require_fields(cls, values, "its network")
        config, test = CONFIGS[kind].from_dict(values["config"]), values.get("test")
        glimpses = config.num_steps if isinstance(config, GlimpseConfig) else 0
        network = cls(
            **{
                **values,
                "config": config,
                "training": ClassifierTraining.from_dict(values["training"]),
                "test": None if test is None else MeasuredError.from_dict(test, glimpses),
            }
        )
        for name in ("hardware", "torch_version", "command"):
            check_sentence(name, getattr(network, name))
        for name in ("parameters", "steps"):
            _require_count(f"its {name}", getattr(network, name), 0)
        check_weights(network.weights)
        if not is_number(network.wall_time_s) or network.wall_time_s < 0:
            raise ValueError("its wall_time_s must be a number of 0 or more")
        if network.validation_error is not None and not _is_percentage(network.validation_error):
            raise ValueError("its validation_error must be a percentage")
        return network


@dataclass(frozen=True)
class ClassifierCard:
    """Everything about a published classifier but its weights.

    Attributes:
        data: pinned name of the composite data set, as ``"cluttered:mnist"``; the networks are for
            its images and answer with one of its classes.
        model: the network that looks through a window.
        baseline: the convolutional one, or None if there is none.
        notes: what makes it train well, a sentence or two each.
    """

    data: str
    model: Network
    baseline: Network | None = None
    notes: tuple[str, ...] = ()

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
        baseline = values.get("baseline")
        card = cls(
            data=values["data"],
            model=Network.from_dict("draw", values["model"]),
            baseline=None if baseline is None else Network.from_dict("conv", baseline),
            notes=tuple(_list(values.get("notes", ()))),
        )
        card._check_data()
        check_notes(card.notes)
        return card

    def _check_data(self) -> None:
        """Makes sure that the networks are for the images of the data set."""
        check_sentence("data", self.data)
        try:
            dataset = describe(self.data) if self.data.partition(":")[0] in COMPOSITES else None
        except DataError:
            dataset = None
        if dataset is None:
            raise ValueError(f"its data is {self.data!r}, which is no composite data set")
        answers = len(dataset.classes)
        for network in filter(None, (self.model, self.baseline)):
            config = network.config
            shape = config.channels, config.height, config.width
            if (shape, config.classes) != (dataset.shape, answers):
                raise ValueError(
                    f"its network is for images of {shape} (channels, height, width) and "
                    f"{config.classes} answers, but {self.data} has {dataset.shape} and {answers}"
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


def _require_count(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or not is_number(value) or value < least:
        raise ValueError(f"{name} must be a whole number of {least} or more")


def _is_percentage(value: object) -> bool:
    return isinstance(value, int | float) and is_number(value) and 0 <= value <= 100


def _list(value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("it holds something else where a list belongs")
    return list(value)
