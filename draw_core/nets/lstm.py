"""The LSTM cell, with its two products joined to one."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.nets.affine import Affine


def joined(cell: nn.LSTMCell, dtype: torch.dtype | None = None) -> Affine:
    """The product that makes the sums of all gates from an input and h, laid end to end.

    Args:
        dtype: to which its weights are rounded, if it is given.
    """
    weight = torch.cat([cell.weight_ih, cell.weight_hh], dim=1)
    return Affine(weight.to(dtype), (cell.bias_ih + cell.bias_hh).to(dtype))


def lstm(
    gates: Float[Tensor, "B G"], cell: Float[Tensor, "B U"]
) -> tuple[Float[Tensor, "B U"], Float[Tensor, "B U"]]:
    """The new h and cell from the G = 4 U sums of input, forget, candidate and output gate."""
    units = cell.shape[1]
    input_forget, candidate, output = gates.split([2 * units, units, units], dim=1)
    input_gate, forget_gate = input_forget.sigmoid().chunk(2, dim=1)
    cell = forget_gate * cell + input_gate * candidate.tanh()
    return output.sigmoid() * cell.tanh(), cell
