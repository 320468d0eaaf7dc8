"""The DRAW network (eqs 1-18): one step, and that step unrolled."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.trace import DrawTrace
from draw_core.nets.affine import Affine
from draw_core.nets.attention import (
    AttentionParams,
    decode_params,
    read_patch,
    widest,
    write_patch,
)
from draw_core.nets.canvas import BLANK_LOGIT
from draw_core.nets.losses import gaussian_kl
from draw_core.nets.lstm import joined, lstm
from draw_core.nets.noise import check_request, standard_normal


class DrawState(NamedTuple):
    """What one step hands to the next, followed by what that step did.

    The fields after ``cell_dec`` are None before the first step; those of reading and of the
    posterior are also None when generating, and windows are None where attention is off.
    """

    canvas: Float[Tensor, "B C H W"]  # c_t, logits
    h_enc: Float[Tensor, "B E"]
    cell_enc: Float[Tensor, "B E"]
    h_dec: Float[Tensor, "B D"]
    cell_dec: Float[Tensor, "B D"]
    read_params: AttentionParams | None = None
    read_patch: Float[Tensor, "B 2 C N M"] | None = None  # r_t: of x, then of x_hat
    write_params: AttentionParams | None = None
    write_patch: Float[Tensor, "B C K L"] | None = None  # w_t
    z: Float[Tensor, "B Z"] | None = None
    mu: Float[Tensor, "B Z"] | None = None
    log_sigma: Float[Tensor, "B Z"] | None = None
    kl: Float[Tensor, " B"] | None = None


class Products(NamedTuple):
    """The matrix products of one step; each multiplies all that meets at its place."""

    read_window: Affine | None  # h_dec of the step before
    encoder: Affine  # r_t, h_dec of the step before, h_enc
    posterior: Affine  # h_enc -> mu, log sigma
    decoder: Affine  # z_t, h_dec
    write: Affine  # h_dec -> w_t and, with attention, its window


class DRAW(nn.Module):
    """A recurrent variational autoencoder that paints (Gregor et al. 2015, arXiv 1502.04623).

    The forward pass is pure: it returns what it computed and stores nothing on ``self``.
    """

    def __init__(self, config: DrawConfig) -> None:
        super().__init__()
        self.config = config
        c = config
        self.encoder = nn.LSTMCell(c.read_length + c.dec_size, c.enc_size)
        self.decoder = nn.LSTMCell(c.z_size, c.dec_size)
        self.posterior = nn.Linear(c.enc_size, 2 * c.z_size)
        # Reading and writing look in different places, so each has its own head.
        self.read_window = nn.Linear(c.dec_size, 5) if c.read_attention else None
        self.write_window = nn.Linear(c.dec_size, 5) if c.write_attention else None
        self.write_content = nn.Linear(c.dec_size, c.write_length)
        self._open_windows()

        canvas_shape = (
            (c.channels, 1, 1) if c.initial_canvas == "blank" else (c.channels, c.height, c.width)
        )
        self.initial_canvas = nn.Parameter(torch.full(canvas_shape, BLANK_LOGIT))
        self.initial_enc = nn.Parameter(torch.zeros(2, c.enc_size))  # h and cell
        self.initial_dec = nn.Parameter(torch.zeros(2, c.dec_size))

    @torch.no_grad()
    def _open_windows(self) -> None:
        """Lets training begin with windows through which the whole page can be seen and painted.

        As the rows of the filters sum to 1 over pixels that are delta apart, a patch of ones would
        paint a stroke of 1 / delta^2; with gamma the same, it paints ones. Without this the first
        hundreds of updates go into finding it.
        A bounded write window begins at nearly its bound, with such filters.
        """
        c = self.config
        for head, size in ((self.read_window, c.read_size), (self.write_window, c.write_size)):
            if head is not None:
                log_delta, head.bias[2] = widest(c.height, c.width, size)
                head.bias[4] = -2 * log_delta if head is self.write_window else 0.0  # log gamma
        if self.write_window is not None and c.max_write_delta is not None:
            share = 0.9  # of the largest stride
            self.write_window.bias[2] = _logit((share / 2) ** 2)
            self.write_window.bias[3] = _logit(share)
            self.write_window.bias[4] = -2 * math.log(max(1.0, share * c.max_write_delta))

    @torch.no_grad()
    def start_canvas_at(self, mean_image: Float[Tensor, "C H W"]) -> "DRAW":
        """Sets a ``"data_mean"`` canvas c_0 to the logit of a mean image with values in [0, 1].

        Does nothing to a blank canvas. Pixels that are always 0 or always 1 stay at a finite logit.
        """
        if self.config.initial_canvas == "data_mean":
            darkest = torch.tensor(BLANK_LOGIT).sigmoid().item()
            self.initial_canvas.copy_(mean_image.logit(eps=darkest))
        return self

    def products(self, dtype: torch.dtype | None = None) -> Products:
        """The weights, joined to the products of a step and rounded to ``dtype`` if it is given.

        Make them once for all steps. They stand for the weights of this moment: after an update,
        make them anew.
        """

        def heads(*linear: nn.Linear) -> Affine:
            weight = torch.cat([head.weight for head in linear])
            return Affine(weight.to(dtype), torch.cat([head.bias for head in linear]).to(dtype))

        write = [self.write_content, *([self.write_window] if self.write_window else [])]
        return Products(
            read_window=heads(self.read_window) if self.read_window else None,
            encoder=joined(self.encoder, dtype),
            posterior=heads(self.posterior),
            decoder=joined(self.decoder, dtype),
            write=heads(*write),
        )

    def initial_state(self, batch: int) -> DrawState:
        """c_0, h_0 and the LSTM cells, all learned, for a batch of images."""
        c = self.config
        h_enc, cell_enc = self.initial_enc[:, None].expand(2, batch, c.enc_size)
        h_dec, cell_dec = self.initial_dec[:, None].expand(2, batch, c.dec_size)
        canvas = self.initial_canvas.expand(batch, c.channels, c.height, c.width)
        return DrawState(canvas, h_enc, cell_enc, h_dec, cell_dec)

    def step(
        self,
        state: DrawState,
        x: Float[Tensor, "B C H W"] | None,
        noise: Float[Tensor, "B Z"],
        products: Products | None = None,
    ) -> DrawState:
        """One time step t. The same step trains, reconstructs and generates.

        Args:
            state: of step t - 1.
            x: images in [0, 1] to encode (eqs 3-8), or None to generate (eqs 13-15).
            noise: standard normal; z_t itself when generating. Draw it anew for every step.
            products: from :meth:`products`, which many steps can share.
        """
        p = products or self.products()
        if x is None:
            h_enc, cell_enc = state.h_enc, state.cell_enc
            read_params = r = mu = log_sigma = kl = None
            z = noise  # eq 13
        else:
            x_hat = x - state.canvas.sigmoid()  # eq 3
            read_params, r = self._read(p, x, x_hat, state.h_dec)  # eq 4
            gates = p.encoder(r.flatten(start_dim=1), state.h_dec, state.h_enc)
            h_enc, cell_enc = lstm(gates, state.cell_enc)  # eq 5
            mu, log_sigma = p.posterior(h_enc).chunk(2, dim=1)  # eqs 1, 2
            z = mu + log_sigma.exp() * noise  # eq 6
            kl = gaussian_kl(mu, log_sigma)  # one term of eq 10
        h_dec, cell_dec = lstm(p.decoder(z, state.h_dec), state.cell_dec)  # eqs 7, 14
        write_params, w, stroke = self._write(p, h_dec)
        return DrawState(
            canvas=state.canvas + stroke,  # eqs 8, 15
            h_enc=h_enc,
            cell_enc=cell_enc,
            h_dec=h_dec,
            cell_dec=cell_dec,
            read_params=read_params,
            read_patch=r,
            write_params=write_params,
            write_patch=w,
            z=z,
            mu=mu,
            log_sigma=log_sigma,
            kl=kl,
        )

    def _read(
        self,
        products: Products,
        x: Float[Tensor, "B C H W"],
        x_hat: Float[Tensor, "B C H W"],
        h_dec: Float[Tensor, "B D"],
    ) -> tuple[AttentionParams | None, Float[Tensor, "B 2 C N M"]]:
        c = self.config
        both = torch.stack([x, x_hat], dim=1)  # [B, 2, C, H, W]
        if products.read_window is None:
            return None, both  # eq 17
        params = decode_params(products.read_window(h_dec), c.height, c.width, c.read_size)  # eq 21
        # The filters do not depend on the channel: x and x_hat pass as 2 C channels.
        patches = read_patch(both.flatten(1, 2), params, c.read_size)  # eq 27
        return params, patches.unflatten(1, (2, c.channels))

    def _write(
        self, products: Products, h_dec: Float[Tensor, "B D"]
    ) -> tuple[AttentionParams | None, Float[Tensor, "B C N M"], Float[Tensor, "B C H W"]]:
        c = self.config
        if not c.write_attention:
            w = products.write(h_dec).unflatten(1, (c.channels, c.height, c.width))
            return None, w, w  # eq 18
        content, window = products.write(h_dec).split([c.write_length, 5], dim=1)
        w = content.unflatten(1, (c.channels, c.write_size, c.write_size))  # eq 28
        params = decode_params(window, c.height, c.width, c.write_size, c.max_write_delta)
        return params, w, write_patch(w, params, c.height, c.width)  # eq 29

    def unroll(
        self,
        x: Float[Tensor, "B C H W"],
        noise: Float[Tensor, "T B Z"],
        products: Products | None = None,
    ) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, "T B"]]:
        """All that training needs: the last canvas c_T (logits) and the KL of every step.

        ``noise[t]`` is the standard normal noise of step t; its length is the number of steps.
        """
        products = products or self.products()
        state = self.initial_state(x.shape[0])
        kl = []
        for step_noise in noise:
            state = self.step(state, x, step_noise, products)
            assert state.kl is not None  # a step that sees x has a KL
            kl.append(state.kl)
        return state.canvas, torch.stack(kl)

    def forward(
        self,
        x: Float[Tensor, "B C H W"],
        generator: torch.Generator | None = None,
        *,
        noise: Float[Tensor, "T B Z"] | None = None,
    ) -> DrawTrace:
        """Encodes and repaints images with values in [0, 1]; keeps every step.

        The same generator state on the same machine gives the same trace.

        Args:
            noise: standard normal, instead of a generator; zeros make z_t = mu_t.
        """
        noise = self.noise(x.shape[0], generator) if noise is None else noise
        return self._trace(self.initial_state(x.shape[0]), x, noise)

    def generate(
        self, n: int, generator: torch.Generator | None = None, temperature: float = 1.0
    ) -> DrawTrace:
        """Paints n images from the prior (eqs 13-16); shows means, not Bernoulli samples.

        Args:
            n: number of images, 1 or more.
            generator: source of the noise; the same state gives the same pictures.
            temperature: standard deviation of the latents; 1 is the prior, 0 its mean.

        Raises:
            ValueError: if n < 1, or the temperature is negative or not finite.
        """
        check_request(n, temperature)
        noise = temperature * self.noise(n, generator)
        return self._trace(self.initial_state(n), None, noise)

    def noise(self, batch: int, generator: torch.Generator | None = None) -> Float[Tensor, "T B Z"]:
        """Standard normal noise, independent for every step, image and latent.

        Drawn image by image, so that more images from the same seed leave the first ones alone.
        """
        noise = standard_normal(batch, self.config.num_steps, self.config.z_size, source=generator)
        return noise.transpose(0, 1).to(self.initial_canvas)

    def _trace(
        self, initial: DrawState, x: Float[Tensor, "B C H W"] | None, noise: Float[Tensor, "T B Z"]
    ) -> DrawTrace:
        products = self.products()
        states = [initial]
        for step_noise in noise:
            states.append(self.step(states[-1], x, step_noise, products))
        return DrawTrace.from_states(states)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
