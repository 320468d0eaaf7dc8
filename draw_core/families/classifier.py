"""What computes with networks that say what is on an image."""

from abc import abstractmethod
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn

from draw_core.base.fields import Binarisation
from draw_core.base.settings import TrainConfig
from draw_core.data.composed.composites_tensor import ComposedImages
from draw_core.families.classifier_config import ClassifierTraining
from draw_core.families.engine import Engine, Labels, Terms, shown_to
from draw_core.families.rebuilt import Seen
from draw_core.film.film import Film
from draw_core.film.tracks import Bars, Vectors

M = TypeVar("M", bound=nn.Module)


def of_belief(logits: Float[Tensor, "S B K"]) -> tuple[Vectors, Bars]:
    """The probability of each answer after each look, and that of the likeliest one."""
    belief = logits.softmax(dim=-1).cpu().numpy()
    meaning = "The probability that it gives to the likeliest answer after this look."
    sure = Bars("sure", belief.max(axis=-1), "", "How sure it is of its answer", meaning)
    return Vectors("belief", belief), sure


class Classifier(Engine[M]):
    """See :class:`draw_core.families.engine.Engine`.

    What is given beside the pixels are the right answers ``[1, B]``, where other networks take
    noise.
    """

    @abstractmethod
    def answers(self, model: M, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "S B K"]:
        """The answers, before the softmax, after each of S looks; the last one is trained."""

    @abstractmethod
    def look(self, model: M, x: Float[Tensor, "B C H W"]) -> Film:
        """How it looks at images; with the tracks of :func:`of_belief`."""

    def repaint(
        self,
        model: M,
        x: Float[Tensor, "B C H W"],
        given: Tensor,  # noqa: ARG002 - what it sees depends on no answer
    ) -> Film:
        """:meth:`look`."""
        return self.look(model, x)

    def given(
        self,
        model: M,  # noqa: ARG002 - the answers are known whatever the network
        x: Float[Tensor, "B C H W"],
        labels: Labels,
        source: torch.Generator | None = None,  # noqa: ARG002 - nothing is drawn at random
    ) -> Int64[Tensor, "1 B"]:
        """The right answers.

        Raises:
            ValueError: if nobody knows them.
        """
        if labels is None:
            raise ValueError("A classifier learns from images whose kinds are known.")
        return labels[None].to(x.device)

    def take(
        self, images: UInt8[Tensor, "N C H W"], labels: Labels, turn: int, numbers: Tensor
    ) -> tuple[UInt8[Tensor, "B C H W"], Int64[Tensor, " B"] | None]:
        """Images of a pass; composed ones in arrangements that no other pass has."""
        if not isinstance(images, ComposedImages):
            return super().take(images, labels, turn, numbers)
        composer = images.composer
        pages = (turn + 1) * composer.count + numbers.numpy()
        return torch.from_numpy(composer.images(pages)), torch.from_numpy(composer.labels(pages))

    def count(self, images: UInt8[Tensor, "N C H W"], training: TrainConfig) -> int:
        """How many images a pass shows; of composed ones, how many digits."""
        assert isinstance(training, ClassifierTraining)
        there = images.composer.count if isinstance(images, ComposedImages) else len(images)
        return min(there, training.digits or there)

    def look_at(
        self,
        model: M,
        image: UInt8[np.ndarray, "C H W"],
        binarisation: Binarisation,
        seed: int | None = 0,
    ) -> Seen:
        """Shows one image to a network, which looks at it and says what it is."""
        seen = shown_to(model, image, binarisation)
        return Seen(seen, self.look(model, torch.from_numpy(seen[None])), seed)


class Namer(Classifier[M]):
    """A classifier that learns from the gradient of its surprise at the right answer.

    The cost L_x is the cross-entropy, in nats, and there is no L_z.
    """

    @abstractmethod
    def logits(
        self,
        model: M,
        x: Float[Tensor, "B C H W"],
        dtype: torch.dtype | None = None,
        training: TrainConfig | None = None,
    ) -> Float[Tensor, "B K"]:
        """The answer before the softmax; the gradient of its mean keeps the training's limits."""

    def terms(
        self,
        model: M,
        x: Float[Tensor, "B C H W"],
        given: Int64[Tensor, "1 B"],
        dtype: torch.dtype | None = None,
    ) -> Terms:
        """The cross-entropy of each image."""
        nll = F.cross_entropy(self.logits(model, x, dtype), given[0], reduction="none")
        return Terms(nll, nll.new_zeros(0, len(x)))

    def means(
        self,
        model: M,
        x: Tensor,
        given: Tensor,
        dtype: torch.dtype | None,
        training: TrainConfig | None = None,
    ) -> tuple[Tensor, ...]:
        """The cross-entropy, meaned over the batch at once."""
        nll = F.cross_entropy(self.logits(model, x, dtype, training), given[0])
        return nll + 0, nll, nll.new_zeros(0)
