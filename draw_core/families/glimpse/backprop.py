"""The gradient of the classifier's loss, by hand as in :mod:`draw_core.families.draw.backprop`.

The same matrices, LSTM and window as there; the image needs no gradient here, and only the last
glimpse has a loss. Tests hold values and gradients against autograd. ``g_v`` is the gradient of the
loss with respect to ``v``.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor

from draw_core.families.glimpse.model import GlimpseClassifier, shortened
from draw_core.nets.backprop.cells import LSTM, Matrix
from draw_core.nets.backprop.window import Frame, Reading, Window


class GlimpseBackprop:
    """Loss and gradients of one batch after another.

    Args:
        model: its configuration must not change, its weights may.
        batch: images at once.
        dtype: to which the factors of the large products are rounded: those of images and filters,
            and those of the LSTM's weights. Windows, states, answers and the loss are not.
        window_clip: see :class:`draw_core.families.glimpse.config.GlimpseTraining`.
    """

    def __init__(
        self,
        model: GlimpseClassifier,
        batch: int,
        dtype: torch.dtype | None,
        window_clip: float = math.inf,
    ) -> None:
        self.model, self.config, self.dtype = model, model.config, dtype
        self.longest = window_clip / batch  # the loss is a mean over the batch
        c, like = model.config, model.initial.detach()
        self.length = c.channels * c.read_size**2
        rounded = like.new_empty(0, dtype=dtype)
        steps, units = c.num_steps, c.hidden_size
        self.gates = Matrix(4 * units, self.length + units, steps, batch, rounded)
        self.window = Matrix(5, units, steps, batch, like)
        self.lstm = LSTM(steps, batch, units, like)
        self.frame = Frame(c.height, c.width, c.read_size, like)
        self.classes = torch.arange(c.classes, device=like.device)

    def add_gradients(
        self, x: Float[Tensor, "B C H W"], labels: Int64[Tensor, " B"]
    ) -> Float[Tensor, ""]:
        """The cross-entropy in nats, meaned over the batch; adds its gradient to ``grad``."""
        model = self.model
        p = model.products()
        joined = [(self.gates, p.lstm), (self.window, p.window)]
        with torch.no_grad():
            for matrix, affine in joined:
                matrix.load(affine)
            h = self._forward(x)
            logits = p.answer(h)
            right = (labels[:, None] == self.classes).to(logits.dtype)
            g_logits = logits.softmax(dim=1).sub_(right).div_(len(x))
            pairs = self._backward(g_logits @ p.answer.weight)
            pairs += [(p.answer.weight, g_logits.mT @ h), (p.answer.bias, g_logits.sum(dim=0))]
            for matrix, affine in joined:
                pairs += zip(affine, matrix.gradients(), strict=True)
        # On to the parameters that were joined.
        torch.autograd.backward([s for s, _ in pairs], [g.to(s.dtype) for s, g in pairs])
        return F.cross_entropy(logits, labels)

    def _forward(self, x: Tensor) -> Tensor:
        """Returns h after the last glimpse."""
        c = self.config
        images = x.to(self.dtype).transpose(1, 2)  # [B, H, C, W]
        state = self.model.initial_state(len(x))
        h = state.h.contiguous()
        self.lstm.start(state.cell)
        self.readings: list[Reading] = []
        for t in range(c.num_steps):
            reading = Reading(Window(self.frame, self.window.forward(t, h)), images)
            self.readings.append(reading)
            patch = reading.patch.transpose(1, 2).flatten(1)
            h = self.lstm.forward(t, self.gates.forward(t, patch, h))
        return h

    def _backward(self, g_h: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Goes back to the first glimpse; returns the initial state and its gradient."""
        c = self.config
        for t in reversed(range(c.num_steps)):
            g_v = self.gates.backward(t, self.lstm.backward(t, g_h))
            g_patch = g_v[:, : self.length].view(-1, c.channels, c.read_size, c.read_size)
            g_raw = g_patch.new_empty(len(g_patch), 5)
            self.readings[t].backward(g_patch.transpose(1, 2), g_raw)
            g_raw = shortened(g_raw, self.longest)
            g_h = g_v[:, self.length :] + self.window.backward(t, g_raw)
        g_initial = torch.stack([g_h.sum(dim=0), self.lstm.g_cell.sum(dim=0)])
        return [(self.model.initial, g_initial)]
