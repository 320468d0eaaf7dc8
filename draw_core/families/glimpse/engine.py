"""The classifier with glimpses behind the interface that all families share."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.base.settings import TrainConfig
from draw_core.families.classifier import Namer, of_belief
from draw_core.families.engine import Gradients
from draw_core.families.glimpse.backprop import GlimpseBackprop
from draw_core.families.glimpse.config import GlimpseTraining
from draw_core.families.glimpse.film import film_of
from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.film.film import Film


class GlimpseEngine(Namer[GlimpseClassifier]):
    """See :class:`draw_core.families.classifier.Namer`."""

    network = GlimpseClassifier

    def groups(self, model: GlimpseClassifier, training: TrainConfig) -> list[dict[str, Any]]:
        """The head that aims the window learns at a rate of its own."""
        assert isinstance(training, GlimpseTraining)
        window = list(model.window.parameters())
        rest = [p for p in model.parameters() if all(p is not w for w in window)]
        return [{"params": rest, "share": 1.0}, {"params": window, "share": training.window_rate}]

    def gradients(
        self,
        model: GlimpseClassifier,
        batch: int,
        dtype: torch.dtype | None,
        training: TrainConfig | None = None,
    ) -> Gradients:
        """The backward pass that is written by hand; it limits what each window may ask for."""
        backprop = GlimpseBackprop(model, batch, dtype, _clip(training))

        def add(x: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
            loss = backprop.add_gradients(x, given[0])
            return loss, loss.new_zeros(0)

        return add

    def logits(
        self,
        model: GlimpseClassifier,
        x: Float[Tensor, "B C H W"],
        dtype: torch.dtype | None = None,
        training: TrainConfig | None = None,
    ) -> Float[Tensor, "B K"]:
        """The answer after the last glimpse, before the softmax."""
        return model.logits(x, dtype, _clip(training) / len(x))  # of a mean over the batch

    def answers(self, model: GlimpseClassifier, x: Float[Tensor, "B C H W"]) -> Tensor:
        """What it would answer after each glimpse."""
        answers: Tensor = model(x).logits
        return answers

    @torch.inference_mode()
    def look(self, model: GlimpseClassifier, x: Float[Tensor, "B C H W"]) -> Film:
        """Where it looks, what it sees there, and what it believes then."""
        trace = model(x)
        return film_of(x, trace, of_belief(trace.logits))


def _clip(training: TrainConfig | None) -> float:
    return training.window_clip if isinstance(training, GlimpseTraining) else math.inf


ENGINE = GlimpseEngine()
