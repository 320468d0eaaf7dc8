"""The card of a checkpoint: what was trained, how, and how well. Imports no torch."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from draw_core.base.fields import Binarisation, is_number
from draw_core.base.settings import TrainConfig
from draw_core.data.registry import DATASETS
from draw_core.families.family import Family, NetworkConfig, Objective
from draw_core.families.registry import DEFAULT, family_of, find

FORMAT = "draw-explorer/2"
_BEFORE_FAMILIES = "draw-explorer/1"  # cards of DRAW alone
_OF_CLASSIFIERS = "draw-classifier/1"  # cards of a classifier with glimpses and its baseline

Weights = Literal["float32", "float16"]

_LONGEST_TEXT, _MOST_NOTES = 600, 30


@dataclass(frozen=True)
class Readable:
    """On how many samples a classifier read as many digits as belong there, two or one.

    See :mod:`draw_core.measure.judge`.

    Attributes:
        samples: how many it looked at.
        seed: of the samples.
        readable: on how many it read so many.
        two: percent of real test pages on which it reads so many, the most to be expected.
        right: percent of real test pages on which it reads the very digits.
        fooled: percent of spoilt test pages on which it reads so many all the same.
        steps: updates by which it has learned.
    """

    samples: int
    seed: int
    readable: int
    two: float
    right: float
    fooled: float
    steps: int


@dataclass(frozen=True)
class Card:
    """Everything about a checkpoint but its weights.

    Attributes:
        config: the network.
        training: how it is trained; ``training.steps`` were planned, ``steps`` were made.
        data: name of the data set that it learned from, the last if there were several;
            ``train_images`` of it were used.
        binarisation: how grey pixels became black and white, in words.
        command: the command line that trains it.
        wall_time_s: seconds spent training, over all its parts.
        hardware: every machine that it was trained on.
        test: what the evaluation found (``to_dict`` of a result of
            :mod:`draw_core.measure.evaluate`), or None before it. The number of images is always
            there, with nll_bound, L_x and L_z, or nll, in nats, or error in percent, as the
            objective of the family is; standard_error, first_1000, protocol and others are where
            they were measured.
        weights: the precision in which the weights are stored.
        notes: what makes it train well, a sentence or two each.
        data_title: what the data set is called, for where it is not; "" if nobody said.
        readable: the verdict on its samples, of a network that paints digits of MNIST.
    """

    config: NetworkConfig
    training: TrainConfig
    data: str
    train_images: int
    binarisation: str
    command: str
    steps: int
    wall_time_s: float
    hardware: str
    torch_version: str
    test: dict[str, Any] | None = None
    weights: Weights = "float32"
    notes: tuple[str, ...] = ()
    data_title: str = ""
    readable: Readable | None = None

    @property
    def family(self) -> Family:
        """The kind of its network."""
        return family_of(self.config)

    @property
    def objective(self) -> Objective:
        """What its training lowers, and its test measures."""
        return self.family.objective

    @property
    def value(self) -> float | None:
        """What the test found of the objective, in its unit; None before it."""
        return None if self.test is None else self.objective.of(self.test)

    def protocol(self) -> str:
        """How the test images of :attr:`test` were made; say it beside its value."""
        stored: str | None = (self.test or {}).get("protocol")
        return stored or self.protocol_of(self.data, int((self.test or {}).get("seed", 0)))

    def protocol_of(self, data: str, seed: int = 0) -> str:
        """What belongs beside a result of a test with images of this data set."""
        if self.family.classifies:
            return f"Test images of {data}, named in float32. No part of them was seen in training."
        return protocol(self.training.binarisation, seed, data)

    def to_json(self) -> str:
        """The card as JSON text."""
        about = {"format": FORMAT, "family": self.family.name}
        return json.dumps(about | asdict(self), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """The inverse of :meth:`to_json`; cards of before the optional fields are read too.

        Raises:
            ValueError: with what is wrong, if the text is no card of this version.
        """
        try:
            values: dict[str, Any] = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"it is not valid JSON ({error})") from error
        found = values.pop("format", None) if isinstance(values, dict) else None
        if found not in (FORMAT, _BEFORE_FAMILIES, _OF_CLASSIFIERS):
            raise ValueError(f'it is no card of this program: its "format" is not "{FORMAT}"')
        try:
            if found == _BEFORE_FAMILIES:
                values["family"] = DEFAULT
            elif found == _OF_CLASSIFIERS:
                values = _of_classifier(values)
            family = find(values.pop("family"))
            config = family.config.from_dict(values.pop("config"))
            training = family.training.from_dict(values.pop("training"))
            if isinstance(values.get("notes"), list):
                values["notes"] = tuple(values["notes"])
            if isinstance(values.get("readable"), dict):
                values["readable"] = Readable(**values["readable"])
            card = cls(config=config, training=training, **values)
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from error
        except TypeError as error:
            raise ValueError(f"its fields are not those of a card ({error})") from error
        card.check()
        return card

    def check(self) -> None:
        """Makes sure that every value can be shown and used.

        Raises:
            ValueError: with the first that cannot.
        """
        for name in ("data", "binarisation", "command", "hardware", "torch_version", "data_title"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"its {name} must be text")
            try:
                getattr(self, name).encode()
            except UnicodeEncodeError as error:
                raise ValueError(f"its {name} holds characters that cannot be shown") from error
        for name in ("train_images", "steps", "wall_time_s"):
            if not is_number(getattr(self, name)):
                raise ValueError(f"its {name} must be a number")
        if self.weights not in get_args(Weights):
            raise ValueError(f"its weights must be one of {', '.join(get_args(Weights))}")
        if not isinstance(self.notes, tuple) or len(self.notes) > _MOST_NOTES:
            raise ValueError(f"its notes must be a list of at most {_MOST_NOTES} sentences")
        for note in self.notes:
            check_sentence("note", note)
        if self.test is not None:
            _check_test(self.test, self.config, self.objective)
        if self.data_title:
            check_sentence("data_title", self.data_title)
        if self.readable is not None:
            _check_readable(self.readable)


def _of_classifier(values: dict[str, Any]) -> dict[str, Any]:
    """What a card of before says of its network with glimpses.

    The baseline that lay beside it is a network of its own now.
    """
    network: dict[str, Any] = {**values["model"]}
    training: dict[str, Any] = {**network["training"]}
    held_back, data = training.pop("validation"), values["data"]
    if str(data).endswith(":mnist"):
        training["digits"] = DATASETS["mnist"].sizes.train - held_back
    for name in ("validation_error", "parameters"):
        network.pop(name, None)
    if network.get("test"):
        network["test"] = {k: v for k, v in network["test"].items() if v is not None}
    return {
        **network,
        "family": "glimpse",
        "training": training,
        "data": data,
        "train_images": training.get("digits", 0),
        "binarisation": AS_THEY_ARE,
        "notes": values.get("notes", []),
    }


_COUNTS = ("samples", "iwae_samples")
_ERRORS = ("standard_error", "iwae_standard_error")
_LISTS = ("kl", "after_glimpse")
_TOGETHER = frozenset({"iwae", "iwae_samples"})


def _check_test(test: object, config: NetworkConfig, objective: Objective) -> None:
    """Makes sure that a test result from a file is one of such a network."""
    if not isinstance(test, dict) or not test.keys() >= objective.needed:
        raise ValueError(f"its test result must hold {', '.join(sorted(objective.needed))}")
    unknown = sorted(test.keys() - objective.known - {"protocol"})
    if unknown:
        raise ValueError(f"its test result holds {unknown[0][:80]!r}, which is unknown")
    numbers = [v for name, v in test.items() if name not in (*_LISTS, "protocol")]
    kl, after = (test.get(name, []) for name in _LISTS)
    lists = isinstance(kl, list) and isinstance(after, list)
    if not lists or not all(is_number(v) for v in [*numbers, *kl, *after]):
        raise ValueError("its test result holds something that is not a number")
    if "kl" in test and len(kl) != config.latent_steps:
        raise ValueError(f"its test result has {len(kl)} KLs for {config.latent_steps} steps")
    if "error" in objective.needed:
        _check_errors(test, after, config.film_steps)
    for name in _COUNTS:
        if name in test and not (isinstance(test[name], int) and test[name] >= 1):
            raise ValueError(f"its test result's {name} must be a whole number of 1 or more")
    if not isinstance(test.get("seed", 0), int) or test.get("seed", 0) < 0:
        raise ValueError("its test result's seed must be a whole number of 0 or more")
    if any(test.get(name, 0) < 0 for name in _ERRORS):
        raise ValueError("its test result has a standard error below 0")
    if 0 < len(test.keys() & _TOGETHER) < len(_TOGETHER):
        raise ValueError("its test result must hold iwae and iwae_samples together")
    if "protocol" in test:
        check_sentence("protocol", test["protocol"])


def _check_errors(test: dict[str, Any], after: list[float], glimpses: int) -> None:
    """Makes sure that the errors of a classifier are percentages, of all its glimpses if of any."""
    if after and len(after) != glimpses:
        raise ValueError(f"its test result has {len(after)} errors for {glimpses} glimpses")
    shares = [test["error"], test.get("first_1000", 0), test.get("standard_error", 0), *after]
    if not all(0 <= share <= 100 for share in shares) or test.get("loss", 0) < 0:
        raise ValueError("its test result holds an error that is no percentage")


def _check_readable(found: object) -> None:
    """Makes sure that a verdict from a file is one."""
    if not isinstance(found, Readable):
        raise ValueError("its readable must hold a verdict, or nothing")
    counts = (found.samples, found.seed, found.readable, found.steps)
    if not all(isinstance(v, int) and is_number(v, 2**63) for v in counts):
        raise ValueError("its readable holds a count that is no whole number")
    if not 0 <= found.readable <= found.samples or found.samples < 1 or found.seed < 0:
        raise ValueError("its readable counts more samples than there are")
    if found.steps < 1:
        raise ValueError("its readable is of a judge that has not learned")
    if not all(is_number(v) and 0 <= v <= 100 for v in (found.two, found.right, found.fooled)):
        raise ValueError("its readable holds a percentage that is not 0 to 100")


def check_sentence(name: str, text: object) -> None:
    """Makes sure that a text out of a file can be shown in one line, and is no book.

    Raises:
        ValueError: with what is wrong with it.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"its {name} must be text")
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"its {name} is longer than {_LONGEST_TEXT} characters")
    if not text.isprintable():  # also none that hide or turn the text around them
        raise ValueError(f"its {name} holds characters that cannot be shown")


# How pixels that keep their values are called on a card.
AS_THEY_ARE = "None: grey values v / 255"
_HOW: dict[Binarisation, str] = {
    "bernoulli": "Each grey test pixel v in 0..255 was drawn once, white with probability v/255 "
    "and else black (a Bernoulli draw with the fixed seed {seed}).",
    "threshold": "Grey test pixels of 128 and more are white, the rest black.",
    "grey": "Grey values v/255 stand for the means of Bernoulli pixels, so their cost is a "
    "cross-entropy and no likelihood: neither nats nor bits per dimension are a true "
    "compression cost.",
}
_PAPER = (
    "The paper used one fixed binarised MNIST (Salakhutdinov and Murray 2008, as others report)"
)
_AGAINST_THE_PAPER: dict[Binarisation, str] = {
    "bernoulli": f"{_PAPER}, so these nats are near the paper's but not strictly comparable.",
    "threshold": f"{_PAPER}, so these nats cannot be compared with the paper's.",
    "grey": f"{_PAPER}, so these nats cannot be compared with the paper's.",
}


def protocol(how: Binarisation, seed: int, data: str) -> str:
    """The sentences that belong beside a test bound: how grey pixels were made black and white.

    Args:
        seed: of the binarisation.
        data: name of the data set; for MNIST the paper's own protocol is named too.
    """
    text = _HOW[how].format(seed=seed)
    return f"{text} {_AGAINST_THE_PAPER[how]}" if data == "mnist" else text
