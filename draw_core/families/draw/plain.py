"""A DRAW written one operation at a time, for :mod:`draw_core.measure.bench` to compare with.

An ``LSTMCell`` for each LSTM, a linear layer for each quantity, a Python loop over time, float32
and autograd: how one would write the equations down first. It computes what
:class:`draw_core.families.draw.model.DRAW` computes with both windows and a blank canvas.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.families.draw.config import DrawConfig
from draw_core.nets.canvas import BLANK_LOGIT


class PlainDRAW(nn.Module):
    """DRAW with attention on images of one channel (eqs 1-12 and 19-29)."""

    def __init__(self, config: DrawConfig) -> None:
        super().__init__()
        self.config = c = config
        self.encoder = nn.LSTMCell(2 * c.read_size**2 + c.dec_size, c.enc_size)
        self.decoder = nn.LSTMCell(c.z_size, c.dec_size)
        self.mu = nn.Linear(c.enc_size, c.z_size)
        self.log_sigma = nn.Linear(c.enc_size, c.z_size)
        self.read_window = nn.Linear(c.dec_size, 5)
        self.write_window = nn.Linear(c.dec_size, 5)
        self.write_content = nn.Linear(c.dec_size, c.write_size**2)

    def loss(self, x: Float[Tensor, "B 1 H W"], noise: Float[Tensor, "T B Z"]) -> Tensor:
        """L_x + L_z, meaned over the batch."""
        c, batch = self.config, x.shape[0]
        x = x[:, 0]
        canvas = x.new_full(x.shape, BLANK_LOGIT)
        h_enc, cell_enc = x.new_zeros(2, batch, c.enc_size)
        h_dec, cell_dec = x.new_zeros(2, batch, c.dec_size)
        latent_loss = x.new_zeros(batch)
        for eps in noise:
            x_hat = x - torch.sigmoid(canvas)
            f_x, f_y, gamma = self._window(self.read_window(h_dec), c.read_size)
            read_x = gamma * torch.bmm(torch.bmm(f_y, x), f_x.transpose(1, 2))
            read_x_hat = gamma * torch.bmm(torch.bmm(f_y, x_hat), f_x.transpose(1, 2))
            r = torch.cat([read_x.view(batch, -1), read_x_hat.view(batch, -1)], dim=1)
            h_enc, cell_enc = self.encoder(torch.cat([r, h_dec], dim=1), (h_enc, cell_enc))
            mu, log_sigma = self.mu(h_enc), self.log_sigma(h_enc)
            sigma = torch.exp(log_sigma)
            z = mu + sigma * eps
            h_dec, cell_dec = self.decoder(z, (h_dec, cell_dec))
            w = self.write_content(h_dec).view(batch, c.write_size, c.write_size)
            f_x, f_y, gamma = self._window(self.write_window(h_dec), c.write_size)
            canvas = canvas + torch.bmm(torch.bmm(f_y.transpose(1, 2), w), f_x) / gamma
            kl = 0.5 * (mu**2 + sigma**2 - 2 * log_sigma - 1).sum(dim=1)
            latent_loss = latent_loss + kl
        nll = F.binary_cross_entropy_with_logits(canvas, x, reduction="none").sum(dim=(1, 2))
        return (nll + latent_loss).mean()

    def _window(self, raw: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """F_X, F_Y and gamma."""
        c = self.config
        g_x, g_y, log_sigma2, log_delta, log_gamma = raw.split(1, dim=1)
        g_x = (c.width + 1) / 2 * (g_x + 1) - 1
        g_y = (c.height + 1) / 2 * (g_y + 1) - 1
        delta = (max(c.height, c.width) - 1) / (size - 1) * torch.exp(log_delta)
        sigma2 = torch.exp(log_sigma2)[:, :, None]
        offsets = torch.arange(size, device=raw.device) - (size - 1) / 2
        banks = []
        for centre, length in ((g_x, c.width), (g_y, c.height)):
            mu = (centre + offsets * delta)[:, :, None]
            pixels = torch.arange(length, device=raw.device)
            bank = torch.exp(-((pixels - mu) ** 2) / (2 * sigma2))
            banks.append(bank / (bank.sum(dim=2, keepdim=True) + 1e-8))
        return banks[0], banks[1], torch.exp(log_gamma)[:, :, None]
