"""The convolutional classifier behind the interface that all families share."""

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.base.settings import TrainConfig
from draw_core.families.classifier import Namer, of_belief
from draw_core.families.conv.model import ConvClassifier
from draw_core.film.codecs import encode_values
from draw_core.film.film import Film
from draw_core.film.segments import Still


class ConvEngine(Namer[ConvClassifier]):
    """See :class:`draw_core.families.classifier.Namer`."""

    network = ConvClassifier

    def logits(
        self,
        model: ConvClassifier,
        x: Float[Tensor, "B C H W"],
        dtype: torch.dtype | None = None,
        training: TrainConfig | None = None,  # noqa: ARG002 - it limits no gradient of its own
    ) -> Float[Tensor, "B K"]:
        """The answer before the softmax."""
        return model.logits(x, dtype)

    def answers(self, model: ConvClassifier, x: Float[Tensor, "B C H W"]) -> Tensor:
        """Its one answer."""
        return model.logits(x)[None]

    @torch.inference_mode()
    def look(self, model: ConvClassifier, x: Float[Tensor, "B C H W"]) -> Film:
        """The image, and with what probability it is what."""
        still = Still(encode_values(x.cpu().numpy()), 1)
        return Film((still,), of_belief(self.answers(model, x)))


ENGINE = ConvEngine()
