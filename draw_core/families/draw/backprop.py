"""The gradient of the DRAW loss, derived by hand and without autograd.

On matrices this small a training step spends most of its time in calls, not in arithmetic. Here it
takes a third of the calls that autograd needs, and the weight gradients of all T steps are one
product for each matrix. The forward equations are those of
:meth:`draw_core.families.draw.model.DRAW.step`; tests hold values and gradients against it.

``g_v`` is the gradient of the loss with respect to ``v``.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.families.draw.model import DRAW
from draw_core.nets.affine import Affine
from draw_core.nets.backprop.cells import LSTM, Matrix
from draw_core.nets.backprop.window import Frame, Reading, Window, Writing
from draw_core.nets.losses import bernoulli_nll, gaussian_kl

_sigmoid_backward = torch.ops.aten.sigmoid_backward


class Backprop:
    """Losses and gradients of one batch after another.

    Images and patches have their rows before their channels here (see :class:`Reading`). Buffers
    are kept from batch to batch: fresh memory costs more than the arithmetic on it.

    Args:
        model: its configuration must not change, its weights may.
        batch: images at once.
        dtype: to which the matrix products of weights are rounded: their factors, results and
            weight gradients. None leaves them as they are.
    """

    def __init__(self, model: DRAW, batch: int, dtype: torch.dtype | None = None) -> None:
        self.model, self.config = model, model.config
        c, like = model.config, model.initial_canvas
        steps = c.num_steps
        # Without a window the encoder reads x at every step: one product for all of them.
        self.constant = 0 if c.read_attention else c.read_length // 2
        self.read_length = c.read_length - self.constant
        lengths = self.read_length + c.dec_size + c.enc_size, c.z_size + c.dec_size
        heads = c.write_length + 5 * (c.read_attention + c.write_attention)

        def matrix(outputs: int, inputs: int, uses: int = steps) -> Matrix:
            return Matrix(outputs, inputs, uses, batch, like.new_empty(0, dtype=dtype))

        self.encoder = matrix(4 * c.enc_size, lengths[0])
        self.lstm_enc = LSTM(steps, batch, c.enc_size, like)
        self.sight = matrix(4 * c.enc_size, self.constant, 1) if self.constant else None
        self.posterior = matrix(2 * c.z_size, c.enc_size)
        self.decoder = matrix(4 * c.dec_size, lengths[1])
        self.lstm_dec = LSTM(steps, batch, c.dec_size, like)
        # All that h_dec decides: w_t, its window, and the window of the next reading. Before the
        # first step it decides the last of these only.
        self.heads = matrix(heads, c.dec_size, steps + 1)
        self.read_frame = Frame(c.height, c.width, c.read_size, like) if c.read_attention else None
        self.write_frame = (
            Frame(c.height, c.width, c.write_size, like, c.max_write_delta)
            if c.write_attention
            else None
        )
        shape = (batch, c.height, c.channels, c.width)
        self.both = like.new_empty(steps, batch, c.height, 2 * c.channels, c.width)  # x, x_hat
        self.canvas_means = like.new_empty(steps, *shape)  # sigmoid(c_{t-1})
        self.latents = like.new_empty(2, steps, batch, c.z_size)  # mu, log sigma
        self.sigmas = like.new_empty(steps, batch, c.z_size)
        self.g_heads = like.new_empty(batch, heads)

    def add_gradients(
        self, x: Float[Tensor, "B C H W"], noise: Float[Tensor, "T B Z"]
    ) -> tuple[Float[Tensor, ""], Float[Tensor, " T"]]:
        """L_x and the KL of every step, meaned over the batch (eqs 9-12).

        Adds the gradient of their sum to ``grad`` of the parameters.

        Args:
            x: images in [0, 1].
            noise: standard normal.
        """
        p = self.model.products()
        heads = [p.write, *([p.read_window] if p.read_window else [])]
        of_x, of_others = _split(p.encoder, self.constant)
        joined = [
            (self.encoder, of_others),
            (self.posterior, p.posterior),
            (self.decoder, p.decoder),
            (self.heads, Affine(*(torch.cat(parts) for parts in zip(*heads, strict=True)))),
        ]
        with torch.no_grad():
            for matrix, affine in joined:
                matrix.load(affine)
            if self.sight:
                self.sight.load(of_x)
            nll, kl = self._forward(x, noise)
            pairs = self._backward(noise)
            for matrix, affine in joined:
                pairs += zip(affine, matrix.gradients(), strict=True)
            if self.sight:
                torch.sum(self.encoder.g_outputs, dim=0, out=self.sight.g_outputs[0])
                pairs.append((of_x.weight, self.sight.gradients()[0]))
        # On to the parameters that were joined.
        torch.autograd.backward([s for s, _ in pairs], [g.to(s.dtype) for s, g in pairs])
        return nll, kl

    def _forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        c = self.config
        self.x = x.transpose(1, 2).contiguous()
        self.both[..., : c.channels, :].copy_(self.x)
        self.readings: list[Reading] = []
        self.writings: list[Writing] = []
        state = self.model.initial_state(len(x))
        self.lstm_enc.start(state.cell_enc)
        self.lstm_dec.start(state.cell_dec)
        canvas, h_enc, h_dec = state.canvas.transpose(1, 2), state.h_enc, state.h_dec
        heads = self.heads.forward(0, h_dec)
        from_x = self.sight.forward(0, x.flatten(1)) if self.sight else 0.0
        for t in range(c.num_steps):
            r = self._read(t, canvas, heads)
            sums = self.encoder.forward(t, r, h_dec, h_enc) + from_x
            h_enc = self.lstm_enc.forward(t, sums)  # eq 5
            posterior = self.posterior.forward(t, h_enc)  # eqs 1, 2
            mu = self.latents[0, t].copy_(posterior[:, : c.z_size])
            log_sigma = self.latents[1, t].copy_(posterior[:, c.z_size :])
            sigma = torch.exp(log_sigma, out=self.sigmas[t])
            z = torch.addcmul(mu, sigma, noise[t])  # eq 6
            h_dec = self.lstm_dec.forward(t, self.decoder.forward(t, z, h_dec))  # eq 7
            heads = self.heads.forward(t + 1, h_dec)
            canvas = canvas + self._write(heads)  # eq 8
        self.canvas = canvas
        kl = gaussian_kl(*self.latents).mean(dim=1)  # eq 10
        return bernoulli_nll(canvas, self.x).mean(), kl

    def _read(self, t: int, canvas: Tensor, heads: Tensor) -> Tensor:
        c = self.config
        mean, both = torch.sigmoid(canvas, out=self.canvas_means[t]), self.both[t]
        torch.sub(self.x, mean, out=both[:, :, c.channels :])  # eq 3
        if self.read_frame is None:
            return both[:, :, c.channels :].transpose(1, 2).flatten(1)  # the varying half of eq 17
        reading = Reading(Window(self.read_frame, heads[:, -5:]), both)
        self.readings.append(reading)
        return reading.patch.transpose(1, 2).flatten(1)

    def _write(self, heads: Tensor) -> Tensor:
        c = self.config
        length = c.write_length
        if self.write_frame is None:  # eq 18
            return heads[:, :length].view(-1, c.channels, c.height, c.width).transpose(1, 2)
        window = Window(self.write_frame, heads[:, length : length + 5])
        w = heads[:, :length].view(-1, c.channels, c.write_size, c.write_size)
        writing = Writing(window, w.transpose(1, 2))
        self.writings.append(writing)
        return writing.stroke

    def _backward(self, noise: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Goes back to the first step; returns the initial state and its gradients."""
        c, batch = self.config, len(self.x)
        g_canvas = (self.canvas.sigmoid() - self.x) / batch
        g_heads = self.g_heads.zero_()
        g_h_dec, g_h_enc = (self.x.new_zeros(batch, n) for n in (c.dec_size, c.enc_size))
        mu, log_sigma = self.latents
        g_mu_kl, g_log_sigma_kl = mu / batch, (2 * log_sigma).exp().sub_(1).div_(batch)
        for t in reversed(range(c.num_steps)):
            self._write_backward(t, g_canvas, g_heads)
            g_h_dec = g_h_dec + self.heads.backward(t + 1, g_heads)
            g_v = self.decoder.backward(t, self.lstm_dec.backward(t, g_h_dec))
            g_z, g_h_dec = g_v[:, : c.z_size], g_v[:, c.z_size :]
            g_log_sigma = torch.addcmul(g_log_sigma_kl[t], g_z * noise[t], self.sigmas[t])
            g_posterior = torch.cat([g_z + g_mu_kl[t], g_log_sigma], dim=1)
            g_h_enc = g_h_enc + self.posterior.backward(t, g_posterior)
            g_v = self.encoder.backward(t, self.lstm_enc.backward(t, g_h_enc))
            g_r, g_h, g_h_enc = g_v.split([self.read_length, c.dec_size, c.enc_size], dim=1)
            g_h_dec = g_h_dec + g_h
            g_x_hat = self._read_backward(t, g_r, g_heads)
            g_canvas = g_canvas - _sigmoid_backward(g_x_hat, self.canvas_means[t])
        g_heads[:, : g_heads.shape[1] - 5 * c.read_attention] = 0  # before the first step
        g_h_dec = g_h_dec + self.heads.backward(0, g_heads)
        canvas = self.model.initial_canvas
        return [
            (canvas, g_canvas.transpose(1, 2).sum_to_size(1, *canvas.shape)[0]),
            (
                self.model.initial_enc,
                torch.stack([g_h_enc.sum(dim=0), self.lstm_enc.g_cell.sum(dim=0)]),
            ),
            (
                self.model.initial_dec,
                torch.stack([g_h_dec.sum(dim=0), self.lstm_dec.g_cell.sum(dim=0)]),
            ),
        ]

    def _write_backward(self, t: int, g_canvas: Tensor, g_heads: Tensor) -> None:
        length = self.config.write_length
        g_w = g_canvas
        if self.write_frame is not None:
            g_w = self.writings[t].backward(g_canvas, g_heads[:, length : length + 5])
        g_heads[:, :length] = g_w.transpose(1, 2).flatten(1)

    def _read_backward(self, t: int, g_r: Tensor, g_heads: Tensor) -> Tensor:
        """The gradient of x_hat; that of the window goes to the heads of the step before."""
        c = self.config
        if self.read_frame is None:
            return g_r.reshape(-1, c.channels, c.height, c.width).transpose(1, 2)
        g_patch = g_r.view(-1, 2 * c.channels, c.read_size, c.read_size).transpose(1, 2)
        reading = self.readings[t]
        return reading.images_backward(reading.backward(g_patch, g_heads[:, -5:]), c.channels)


def _split(affine: Affine, columns: int) -> tuple[Affine, Affine]:
    """The first columns without the bias, and the others with it."""
    first, others = affine.weight[:, :columns], affine.weight[:, columns:]
    return Affine(first, torch.zeros_like(affine.bias)), Affine(others, affine.bias)
