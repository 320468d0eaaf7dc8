"""Products of weights and vectors."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class Affine(NamedTuple):
    """W [v_1, v_2, ...] + b of vectors that are laid end to end."""

    weight: Float[Tensor, "K L"]
    bias: Float[Tensor, " K"]

    def __call__(self, *vectors: Float[Tensor, "B _"]) -> Float[Tensor, "B K"]:
        """The product; its factors are rounded to the precision of the weight."""
        v = torch.cat(vectors, dim=1) if len(vectors) > 1 else vectors[0]
        return F.linear(v.to(self.weight.dtype), self.weight, self.bias).to(v.dtype)
