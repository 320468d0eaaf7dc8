"""Matrix products and LSTMs at every step, and their gradients."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from draw_core.nets.affine import Affine

_tanh_backward = torch.ops.aten.tanh_backward


class Matrix:
    """W v + b at every step, and the gradient of W from all steps in one product."""

    def __init__(self, outputs: int, inputs: int, uses: int, batch: int, like: Tensor) -> None:
        self.weight = like.new_empty(outputs, inputs)
        self.bias = like.new_empty(outputs)
        self.inputs = like.new_empty(uses, batch, inputs)
        self.g_outputs = like.new_empty(uses, batch, outputs)
        self.ones = like.new_ones(1, uses * batch)

    def load(self, affine: Affine) -> None:
        """Takes the weights of this moment, rounded."""
        self.weight.copy_(affine.weight)
        self.bias.copy_(affine.bias)

    def forward(self, t: int, *vectors: Float[Tensor, "B _"]) -> Float[Tensor, "B K"]:
        """The product of step t with the vectors laid end to end."""
        v, start = self.inputs[t], 0
        for vector in vectors:
            end = start + vector.shape[1]
            v[:, start:end].copy_(vector)
            start = end
        return F.linear(v, self.weight, self.bias).to(vectors[0].dtype)

    def backward(self, t: int, g_output: Float[Tensor, "B K"]) -> Float[Tensor, "B L"]:
        """The gradient of the vectors; once for each step."""
        return (self.g_outputs[t].copy_(g_output) @ self.weight).to(g_output.dtype)

    def gradients(self) -> tuple[Float[Tensor, "K L"], Float[Tensor, " K"]]:
        """Those of weight and bias, after the last call of :meth:`backward`."""
        g_outputs = self.g_outputs.flatten(0, 1)
        return g_outputs.mT @ self.inputs.flatten(0, 1), (self.ones @ g_outputs)[0]


class LSTM:
    """An LSTM at every step, after its product; gates in the order of PyTorch."""

    def __init__(self, steps: int, batch: int, units: int, like: Tensor) -> None:
        self.units = units
        self.gates = like.new_empty(steps, batch, 4 * units)
        self.cells = like.new_empty(steps + 1, batch, units)
        self.tanhs = like.new_empty(steps, batch, units)  # of the new cell
        self.g_cell = like.new_empty(batch, units)
        self.g_gates, self.slope = (like.new_empty(batch, 4 * units) for _ in range(2))

    def start(self, cell: Float[Tensor, "B U"]) -> None:
        """Begins a batch with its first cell."""
        self.cells[0].copy_(cell)
        self.g_cell.zero_()

    def forward(self, t: int, sums: Float[Tensor, "B G"]) -> Float[Tensor, "B U"]:
        """The new h."""
        gates, units = self.gates[t].copy_(sums), self.units
        gates[:, : 2 * units].sigmoid_()
        _tanh_(gates[:, 2 * units : 3 * units])
        gates[:, 3 * units :].sigmoid_()
        i, f, candidate, o = gates.chunk(4, dim=1)
        cell = torch.mul(f, self.cells[t], out=self.cells[t + 1]).addcmul_(i, candidate)
        return o * _tanh_(self.tanhs[t].copy_(cell))

    def backward(self, t: int, g_h: Float[Tensor, "B U"]) -> Float[Tensor, "B G"]:
        """The gradient of the gates' sums; ``g_cell`` becomes that of the cell before."""
        gates, units = self.gates[t], self.units
        i, f, candidate, o = gates.chunk(4, dim=1)
        self.g_cell.add_(_tanh_backward(g_h * o, self.tanhs[t]))
        g_i, g_f, g_candidate, g_o = self.g_gates.chunk(4, dim=1)
        torch.mul(self.g_cell, candidate, out=g_i)
        torch.mul(self.g_cell, self.cells[t], out=g_f)
        torch.mul(self.g_cell, i, out=g_candidate)
        torch.mul(g_h, self.tanhs[t], out=g_o)
        self.g_cell.mul_(f)
        torch.mul(gates, gates, out=self.slope)
        of_candidate = self.slope[:, 2 * units : 3 * units].neg_().add_(1).clone()
        torch.sub(gates, self.slope, out=self.slope)
        self.slope[:, 2 * units : 3 * units].copy_(of_candidate)
        return self.g_gates.mul_(self.slope)


def _tanh_(v: Tensor) -> Tensor:
    """Tanh in place. On the CPU, PyTorch's own takes several times as long as its sigmoid."""
    return v.mul_(2).sigmoid_().mul_(2).sub_(1)
