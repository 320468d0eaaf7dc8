"""A classifier that looks at an image through DRAW's window, one glimpse after another.

The network of the paper's section 4.1: the reading half of DRAW without its error image. The
window of glimpse t is decided by the hidden state of step t - 1.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.nets.affine import Affine
from draw_core.nets.attention import AttentionParams, decode_params, read_patch, widest
from draw_core.nets.lstm import joined, lstm

_TINY = 1e-30


class GlimpseTrace(NamedTuple):
    """Everything that a look at a batch of images computed, step by step.

    Attributes:
        params: the window of each glimpse: g_x, g_y, delta, sigma2, gamma, in pixels (see
            :class:`draw_core.nets.attention.AttentionParams`).
        patches: what was seen through it.
        hidden: the state of the LSTM after it.
        logits: what the classifier would answer after it, before the softmax. Only the last row is
            trained.
    """

    params: Float[Tensor, "T B 5"]
    patches: Float[Tensor, "T B C N N"]
    hidden: Float[Tensor, "T B U"]
    logits: Float[Tensor, "T B K"]


class GlimpseState(NamedTuple):
    """What one glimpse hands to the next; the first two fields are None before the first."""

    params: AttentionParams | None
    patch: Float[Tensor, "B C N N"] | None
    h: Float[Tensor, "B U"]
    cell: Float[Tensor, "B U"]


class GlimpseProducts(NamedTuple):
    """The matrix products of one step."""

    window: Affine  # h of the step before -> raw window
    lstm: Affine  # patch, h
    answer: Affine  # h -> logits
    longest: float = math.inf  # gradient of one window of one image


def shortened(gradient: Float[Tensor, "B 5"], longest: float) -> Float[Tensor, "B 5"]:
    """The gradients of windows, each no longer than this."""
    norms = gradient.norm(dim=1, keepdim=True).clamp_min(_TINY)
    return gradient.mul((longest / norms).clamp_max(1.0))


class GlimpseClassifier(nn.Module):
    """An LSTM that takes T glimpses of an image and names what is on it.

    The forward pass is pure: it returns what it computed and stores nothing on ``self``.
    """

    def __init__(self, config: GlimpseConfig) -> None:
        super().__init__()
        self.config = c = config
        self.lstm = nn.LSTMCell(c.channels * c.read_size**2, c.hidden_size)
        self.window = nn.Linear(c.hidden_size, 5)
        self.answer = nn.Linear(c.hidden_size, c.classes)
        self.initial = nn.Parameter(torch.zeros(2, c.hidden_size))  # h and cell
        with torch.no_grad():  # training begins with a window that sees the whole page
            self.window.bias.zero_()
            self.window.bias[2] = widest(c.height, c.width, c.read_size)[1]

    def products(
        self, dtype: torch.dtype | None = None, longest: float = math.inf
    ) -> GlimpseProducts:
        """The weights of this moment, rounded to ``dtype`` if it is given.

        The window's head is never rounded: its results are places, of which bfloat16 knows one in
        half a pixel.
        """
        return GlimpseProducts(
            window=Affine(self.window.weight, self.window.bias),
            lstm=joined(self.lstm, dtype),
            answer=Affine(self.answer.weight, self.answer.bias),
            longest=longest,
        )

    def initial_state(self, batch: int) -> GlimpseState:
        """The learned state before the first glimpse."""
        h, cell = self.initial[:, None].expand(2, batch, self.config.hidden_size)
        return GlimpseState(None, None, h, cell)

    def step(
        self,
        state: GlimpseState,
        x: Float[Tensor, "B C H W"],
        products: GlimpseProducts | None = None,
    ) -> GlimpseState:
        """One glimpse at images with values in [0, 1]."""
        c, p = self.config, products or self.products()
        raw = p.window(state.h)
        if raw.requires_grad and p.longest < math.inf:
            raw.register_hook(lambda gradient: shortened(gradient, p.longest))
        params = decode_params(raw, c.height, c.width, c.read_size)  # eqs 21-24
        patch = read_patch(x, params, c.read_size)  # eqs 25-27, of x alone
        return GlimpseState(params, patch, *lstm(p.lstm(patch.flatten(1), state.h), state.cell))

    def states(self, x: Float[Tensor, "B C H W"], products: GlimpseProducts) -> list[GlimpseState]:
        """The states after each glimpse."""
        state, states = self.initial_state(len(x)), []
        for _ in range(self.config.num_steps):
            state = self.step(state, x, products)
            states.append(state)
        return states

    def logits(
        self,
        x: Float[Tensor, "B C H W"],
        dtype: torch.dtype | None = None,
        longest: float = math.inf,
    ) -> Float[Tensor, "B K"]:
        """The answer after the last glimpse, before the softmax.

        Args:
            longest: what the gradient of each window of each image is shortened to by autograd.
        """
        products = self.products(dtype, longest)
        return products.answer(self.states(x, products)[-1].h)

    def forward(self, x: Float[Tensor, "B C H W"]) -> GlimpseTrace:
        """Looks at images with values in [0, 1]; keeps every step."""
        products = self.products()
        states = self.states(x, products)
        seen = [(s.params, s.patch) for s in states if s.params is not None and s.patch is not None]
        hidden = torch.stack([s.h for s in states])
        return GlimpseTrace(
            params=torch.stack([torch.stack(params, dim=-1) for params, _ in seen]),
            patches=torch.stack([patch for _, patch in seen]),
            hidden=hidden,
            logits=products.answer(hidden.flatten(0, 1)).unflatten(0, hidden.shape[:2]),
        )
