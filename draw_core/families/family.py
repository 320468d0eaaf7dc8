"""What a family of networks says of itself. No torch: lists, forms and tables need none."""

import dataclasses
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from draw_core.base.fields import Configuration, Precision, check, setting
from draw_core.base.settings import TrainConfig
from draw_core.families.objective import BOUND, ERROR, EXACT, Objective

if TYPE_CHECKING:
    from draw_core.families.engine import Engine
    from draw_core.film.film import Film

__all__ = ["BOUND", "ERROR", "EXACT", "Ability", "Family", "NetworkConfig", "Objective", "Preset"]
__all__ += ["UNTIL_THE_TIME_IS_UP", "named"]

Ability = Literal["generate", "reconstruct", "complete", "caption", "classify", "carry"]


@dataclass(frozen=True)
class NetworkConfig(Configuration, ABC):
    """Sizes and switches of a network.

    Attributes:
        height, width, channels: of the images, in pixels (the paper's B, A) and colours.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    height: int = setting(28, "height of the images", limits=(1, 1024))
    width: int = setting(28, "width of the images", limits=(1, 1024))
    channels: int = setting(1, "colour channels", limits=(1, 16))

    def __post_init__(self) -> None:
        check(self)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an image: channels, height, width."""
        return self.channels, self.height, self.width

    @property
    def pixels(self) -> int:
        """Numbers of an image."""
        return self.channels * self.height * self.width

    @property
    @abstractmethod
    def latent_steps(self) -> int:
        """T, in how many steps latents are drawn; 0 for a network without latents."""

    @property
    def film_steps(self) -> int:
        """T, in how many steps its films show a picture coming about."""
        return self.latent_steps

    @property
    @abstractmethod
    def latents_per_step(self) -> int:
        """Latents that are drawn in each of :attr:`latent_steps`; 0 if there are none."""

    @property
    @abstractmethod
    def pace(self) -> str:
        """In how many steps it makes a picture, as "16 steps"."""

    @property
    @abstractmethod
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Its most telling numbers: symbols with their values in words, as ("T", "8 steps")."""

    @abstractmethod
    def count_parameters(self) -> dict[str, int]:
        """Trained numbers of each part of the network, by the names of its modules."""

    @abstractmethod
    def flops_per_image(self) -> float:
        """Arithmetic of one image in one update, roughly: forward once, backward twice that."""

    @abstractmethod
    def memory_per_image(self) -> int:
        """Bytes that one image of a batch leaves behind for its gradient, roughly."""

    @abstractmethod
    def bytes_per_sample(self) -> int:
        """The most bytes that the film of one of its samples takes, unpacked."""

    @abstractmethod
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a table says of the network: pairs of what it is and its value, as plain text."""

    @abstractmethod
    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next, each the end of a sentence, in Markdown."""

    @property
    def drawn(self) -> str:
        """What is drawn at random for a sample, as "50 random numbers were drawn"."""
        latents = self.latent_steps * self.latents_per_step
        return f"{latents or self.pixels:,} {'random' if latents else 'pixel'} numbers were drawn"

    @property
    def in_short(self) -> str:
        """What it is in a few words, without a subject; empty if its family and pace say it."""
        return ""

    @property
    def own(self) -> str:
        """What it has that the published network has not, as one sentence, if there is anything."""
        return ""

    def answering(self, classes: int) -> Self:  # noqa: ARG002 - most answer nothing
        """The same network for images of so many kinds, if it is one that names them.

        Raises:
            ValueError: if there are too few or too many kinds for it.
        """
        return self

    def for_images(self, channels: int, height: int, width: int) -> Self:
        """The same network for images of another shape.

        Raises:
            ValueError: if a size is not positive or is too large.
        """
        return dataclasses.replace(self, channels=channels, height=height, width=width)


@dataclass(frozen=True)
class Preset:
    """A network and how to train it.

    Attributes:
        name: on the command line and in addresses.
        title: as a person reads it.
        about: one sentence: what it is for.
        model: the network for 28 x 28 images with one channel.
        training: how it is trained, for black and white images and in float32.
    """

    name: str
    title: str
    about: str
    model: NetworkConfig
    training: TrainConfig

    def model_for(self, channels: int, height: int, width: int) -> NetworkConfig:
        """The network for images of another shape.

        Raises:
            ValueError: if a size is not positive or is too large.
        """
        return self.model.for_images(channels, height, width)

    def training_for(self, channels: int, precision: Precision) -> TrainConfig:
        """How the preset trains with images of so many channels.

        Colour images keep their values: a colour in black and white is a rare one.
        """
        binarisation = self.training.binarisation if channels == 1 else "grey"
        return dataclasses.replace(self.training, binarisation=binarisation, precision=precision)


@dataclass(frozen=True)
class Family:
    """One kind of network.

    Attributes:
        name: in files, addresses and on the command line.
        title: as a person reads it.
        about: one sentence: how such a network makes a picture.
        symbols: what the symbols of its presets mean, in Markdown.
        config: describes one of its networks; its fields carry symbol, label, meaning and limits.
        objective: what its training lowers.
        presets: to train with, by name, the quickest first.
        abilities: what its networks can be asked; "carry": what the latents of each step carry.
        parts: what the names of :meth:`NetworkConfig.count_parameters` mean.
        engine: the module whose ``ENGINE`` computes with its networks; it needs torch.
        film: the module whose ``fitted`` tells whether a film can be of one of its networks.
        training: describes how one is trained, as ``config`` describes a network.
        measures: what else its training tells, in the order of ``Terms.measures``: by name, what
            it is.
        advice: what is unwise about a network, though it works: sentences with their reasons, in
            Markdown.
    """

    name: str
    title: str
    about: str
    symbols: str
    config: type[NetworkConfig]
    objective: Objective
    presets: Mapping[str, Preset]
    abilities: frozenset[Ability]
    parts: Mapping[str, str]
    engine: str
    film: str
    training: type[TrainConfig] = TrainConfig
    measures: Mapping[str, str] = field(default_factory=dict)
    advice: Callable[[Any], Iterable[str]] = lambda _: ()

    @property
    def classifies(self) -> bool:
        """Whether its networks say what is on a picture: they learn from kinds, and paint none."""
        return "classify" in self.abilities

    def fitted(self, film: "Film", config: NetworkConfig) -> "Film | None":
        """The film, if a network of this configuration can have made it. No torch."""
        fitted: Film | None = importlib.import_module(self.film).fitted(film, config)
        return fitted

    def load_engine(self) -> "Engine[Any]":
        """What computes with its networks. Imports torch."""
        engine: Engine[Any] = importlib.import_module(self.engine).ENGINE
        return engine


# More updates than any machine makes within a limit of time.
UNTIL_THE_TIME_IS_UP = 1_000_000


def named(*presets: Preset) -> dict[str, Preset]:
    """By their names."""
    return {preset.name: preset for preset in presets}
