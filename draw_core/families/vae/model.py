"""The one-shot variational autoencoder (Kingma and Welling 2014, arXiv 1312.6114)."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from draw_core.families.vae.config import VaeConfig
from draw_core.nets.affine import Affine
from draw_core.nets.losses import gaussian_kl


class Posterior(NamedTuple):
    """What the encoder says of an image, and the latents that noise makes of it."""

    mu: Float[Tensor, "B Z"]
    log_sigma: Float[Tensor, "B Z"]
    z: Float[Tensor, "B Z"]
    kl: Float[Tensor, " B"]  # nats


class VAE(nn.Module):
    """Two tanh layers on either side of one layer of latents (Burda et al. 2016, section 5).

    The forward pass is pure: it returns what it computed and stores nothing on ``self``.
    """

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = c = config
        h = c.hidden_size
        self.encoder = nn.ModuleList([nn.Linear(c.pixels, h), nn.Linear(h, h)])
        self.posterior = nn.Linear(h, 2 * c.z_size)
        self.decoder = nn.ModuleList([nn.Linear(c.z_size, h), nn.Linear(h, h)])
        self.canvas = nn.Linear(h, c.pixels)

    @torch.no_grad()
    def start_canvas_at(self, mean_image: Float[Tensor, "C H W"]) -> None:
        """Lets fresh weights paint a mean image with values in [0, 1]."""
        self.canvas.bias.copy_(mean_image.flatten().logit(eps=1e-3))

    def encode(
        self,
        x: Float[Tensor, "B C H W"],
        noise: Float[Tensor, "B Z"],
        dtype: torch.dtype | None = None,
    ) -> Posterior:
        """The latents of images with values in [0, 1]: z = mu + sigma noise."""
        hidden = _layers(self.encoder, x.flatten(start_dim=1), dtype)
        mu, log_sigma = _product(self.posterior, hidden, dtype).chunk(2, dim=1)
        return Posterior(mu, log_sigma, mu + log_sigma.exp() * noise, gaussian_kl(mu, log_sigma))

    def decode(
        self, z: Float[Tensor, "B Z"], dtype: torch.dtype | None = None
    ) -> Float[Tensor, "B C H W"]:
        """The canvas, as logits."""
        canvas = _product(self.canvas, _layers(self.decoder, z, dtype), dtype)
        return canvas.view(-1, *self.config.shape)


def _layers(
    layers: nn.ModuleList, values: Float[Tensor, "B _"], dtype: torch.dtype | None
) -> Float[Tensor, "B H"]:
    for layer in layers:
        assert isinstance(layer, nn.Linear)
        values = _product(layer, values, dtype).tanh()
    return values


def _product(
    layer: nn.Linear, values: Float[Tensor, "B _"], dtype: torch.dtype | None
) -> Float[Tensor, "B _"]:
    return Affine(layer.weight.to(dtype), layer.bias.to(dtype))(values)
