"""Two families that the project does not ship: an exact likelihood, and a reward. No torch.

``DOTS`` draws each pixel by itself, white with a learned probability, so that its likelihood is
known and it has no latents. ``GUESSES`` names pictures and learns from whether its guess was
right, by REINFORCE (Williams 1992): what is differentiated is not what is reported.
"""

from dataclasses import dataclass

import pytest

from draw_core.base.settings import TrainConfig
from draw_core.families.classifier_config import ClassifierConfig, ClassifierTraining
from draw_core.families.family import ERROR, EXACT, Family, NetworkConfig, Preset, named
from draw_core.families.registry import FAMILIES


@dataclass(frozen=True)
class DotsConfig(NetworkConfig):
    """Nothing but the size of the images."""

    latent_steps = latents_per_step = 0
    pace = "one step for each pixel"
    summary = (("p", "one probability for each pixel"),)

    @property
    def film_steps(self) -> int:
        """One pixel after the other."""
        return self.height * self.width

    def count_parameters(self) -> dict[str, int]:
        """One logit for each pixel."""
        return {"logits": self.pixels}

    def flops_per_image(self) -> float:
        """As many as it has pixels, or so."""
        return 6.0 * self.pixels

    def memory_per_image(self) -> int:
        """Of its costs."""
        return 8 * self.pixels

    def bytes_per_sample(self) -> int:
        """The picture, and the order of its pixels."""
        return 5 * self.pixels

    def facts(self) -> tuple[tuple[str, str], ...]:
        """One."""
        return (("Writes", "one pixel after the other"),)

    def ideas(self) -> tuple[str, ...]:
        """One."""
        return ("let DRAW learn from the same images",)


@dataclass(frozen=True)
class GuessesConfig(ClassifierConfig):
    """Nothing but the size of the images and the number of kinds."""

    film_steps = 1
    pace = "one look"
    summary = (("K", "one score for each kind"),)

    def count_parameters(self) -> dict[str, int]:
        """Of one layer."""
        return {"scores": (self.pixels + 1) * self.classes}

    def _flops_forward(self) -> float:
        return 2.0 * self.pixels * self.classes

    def memory_per_image(self) -> int:
        """Of the pixels and the scores."""
        return 8 * (self.pixels + self.classes)

    def bytes_per_sample(self) -> int:
        """The picture, and what it believes."""
        return self.pixels + 4 * (self.classes + 1)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """One."""
        return (("Looks", "once, at everything"),)


_HOW = {"steps": 20, "batch_size": 8, "learning_rate": 0.02, "warmup_steps": 2, "seed": 1}
DOTS = Family(
    name="dots",
    title="Dots",
    about="It throws a biased coin for each pixel.",
    symbols="It has one probability for each pixel, *p*.",
    config=DotsConfig,
    objective=EXACT,
    presets=named(Preset("quick", "Quick", "A fog.", DotsConfig(), TrainConfig(**_HOW))),
    abilities=frozenset({"generate"}),
    parts={"logits": "one for each pixel"},
    engine="tests.support.toy_engines.dots",
    film="tests.support.toy_engines.dots",
)
GUESSES = Family(
    name="guesses",
    title="Guesses",
    about="It guesses what is on a picture.",
    symbols="It has a score for each kind.",
    config=GuessesConfig,
    objective=ERROR,
    presets=named(
        Preset("quick", "Quick", "Half right.", GuessesConfig(), ClassifierTraining(**_HOW))
    ),
    abilities=frozenset({"classify"}),
    parts={"scores": "to the answers"},
    engine="tests.support.toy_engines.guesses",
    film="tests.support.toy_engines.guesses",
    training=ClassifierTraining,
    measures={"reward": "the share of guesses that were right, which every update raises"},
)
TOYS = {family.name: family for family in (DOTS, GUESSES)}
# The toys are of kinds that none of those has yet.
ALL = {**FAMILIES, **TOYS}
families = pytest.mark.parametrize("family", ALL.values(), ids=ALL)


def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the toys known for one test."""
    for name, family in TOYS.items():
        monkeypatch.setitem(FAMILIES, name, family)
