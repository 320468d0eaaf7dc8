"""The baseline without attention: two convolutions over the whole image."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.families.conv.config import ConvConfig


class ConvClassifier(nn.Module):
    """Convolution, ReLU, pooling; the same again; one linear layer that knows every place."""

    def __init__(self, config: ConvConfig) -> None:
        super().__init__()
        self.config = c = config
        self.first = nn.Conv2d(c.channels, c.filters_1, c.kernel, c.stride)
        self.second = nn.Conv2d(c.filters_1, c.filters_2, c.kernel)
        rows, columns = c.grid
        self.answer = nn.Linear(c.filters_2 * rows * columns, c.classes)

    def logits(
        self, x: Float[Tensor, "B C H W"], dtype: torch.dtype | None = None
    ) -> Float[Tensor, "B K"]:
        """The answer before the softmax, for images with values in [0, 1].

        Args:
            dtype: to which the factors of the convolutions are rounded, if it is given.
        """
        v = x.to(dtype)
        for layer, pool in ((self.first, self.config.pool_1), (self.second, self.config.pool_2)):
            assert layer.bias is not None
            v = F.conv2d(v, layer.weight.to(dtype), layer.bias.to(dtype), layer.stride)
            v = F.max_pool2d(v, pool).relu()  # of fewer values than the other way round
        return F.linear(v.flatten(1).to(x.dtype), self.answer.weight, self.answer.bias)

    forward = logits
