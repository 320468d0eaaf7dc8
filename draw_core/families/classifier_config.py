"""What all classifiers share of their descriptions. Standard library only."""

import dataclasses
from dataclasses import dataclass
from typing import Self

from draw_core.base.fields import LEARNING, Binarisation, setting
from draw_core.base.settings import TrainConfig
from draw_core.families.family import NetworkConfig

# Numbers that one image may leave behind: each is there two or three times, in 4 bytes, so that a
# look at 24 images takes less than 300 MB.
LARGEST_TRACE = 1_000_000


@dataclass(frozen=True)
class ClassifierConfig(NetworkConfig):
    """Sizes of a network that says what is on an image.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    classes: int = setting(10, "answers", symbol="K", limits=(2, 1000))

    @property
    def latent_steps(self) -> int:
        """It draws nothing at random."""
        return 0

    @property
    def latents_per_step(self) -> int:
        """It draws nothing at random."""
        return 0

    def answering(self, classes: int) -> Self:
        """The same network with so many answers.

        Raises:
            ValueError: if there is only one, or too many.
        """
        if classes < 2:
            raise ValueError("These images are all of one kind; a classifier needs two or more.")
        return dataclasses.replace(self, classes=classes)

    def flops_per_image(self) -> float:
        """Arithmetic of one image in one update, roughly: forward once, backward twice that."""
        return 3.0 * self._flops_forward()

    def _flops_forward(self) -> float:
        raise NotImplementedError

    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next."""
        return ("try the cluttered digits, where most of a picture is scraps of other digits",)


@dataclass(frozen=True)
class ClassifierTraining(TrainConfig):
    """How a classifier is trained: as all networks are, on grey or colour values.

    No composed page comes twice.
    """

    binarisation: Binarisation = setting("grey", "pixels", options={"grey": "as they are"})
    compiled: bool = setting(False, "compiled")
    digits: int = setting(
        0,
        "images to learn from",
        "Only the first so many images of the training set; 0 takes all. Of composed pages it "
        "counts the digits: each pass shows every one in a new arrangement.",
        group=LEARNING,
        limits=(0, 10_000_000),
        step=1000,
    )
