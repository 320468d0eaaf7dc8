"""The VAE behind the interface that all families share."""

import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from draw_core.data.datasets import mean_image
from draw_core.families.engine import Engine, Terms
from draw_core.families.vae.film import film_of
from draw_core.families.vae.model import VAE
from draw_core.film.film import Film
from draw_core.nets.losses import bernoulli_nll, log_ratio
from draw_core.nets.noise import check_request, standard_normal


class VaeEngine(Engine[VAE]):
    """See :class:`draw_core.families.engine.Engine`."""

    network = VAE

    def start(self, model: VAE, images: UInt8[Tensor, "N C H W"]) -> None:
        """Fresh weights paint the mean image."""
        model.start_canvas_at(mean_image(images) / 255)

    def noise(
        self, model: VAE, batch: int, source: torch.Generator | None = None
    ) -> Float[Tensor, "1 B Z"]:
        """Standard normal noise of all latents."""
        noise = standard_normal(batch, model.config.z_size, source=source)
        return noise[None].to(model.canvas.weight)

    def terms(
        self,
        model: VAE,
        x: Float[Tensor, "B C H W"],
        given: Float[Tensor, "1 B Z"],
        dtype: torch.dtype | None = None,
    ) -> Terms:
        """L_x, and L_z as one row."""
        seen = model.encode(x, given[0], dtype)
        return Terms(bernoulli_nll(model.decode(seen.z, dtype), x), seen.kl[None])

    def log_weights(
        self, model: VAE, x: Float[Tensor, "B C H W"], noise: Float[Tensor, "1 B Z"]
    ) -> tuple[Terms, Float64[Tensor, " B"]]:
        """The terms, and the log importance weight of the sampled latents."""
        seen = model.encode(x, noise[0])
        nll = bernoulli_nll(model.decode(seen.z), x)
        ratio = log_ratio(noise[0], seen.z, seen.log_sigma)
        return Terms(nll, seen.kl[None]), (ratio.cpu().double() - nll.cpu().double())

    @torch.inference_mode()
    def generate(self, model: VAE, n: int, seed: int, temperature: float = 1.0) -> Film:
        """Makes n samples, each at once."""
        check_request(n, temperature)
        z = temperature * self.noise(model, n, torch.Generator().manual_seed(seed))[0]
        return film_of(model.decode(z), z)

    @torch.inference_mode()
    def repaint(
        self, model: VAE, x: Float[Tensor, "B C H W"], given: Float[Tensor, "1 B Z"]
    ) -> Film:
        """Encodes images and paints them anew."""
        seen = model.encode(x, given[0])
        return film_of(model.decode(seen.z), seen.z, seen.kl)


ENGINE = VaeEngine()
