"""What computes with the networks of a family: all that the rest of the core asks of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor, nn

from draw_core.base.fields import Binarisation
from draw_core.data.datasets import require_shape
from draw_core.data.seen import as_seen
from draw_core.families.family import NetworkConfig
from draw_core.families.rebuilt import Rebuilt
from draw_core.film.film import Film

M = TypeVar("M", bound=nn.Module)

# Takes pixels and noise; returns L_x and the KL of every step, meaned over the batch.
Gradients = Callable[[Tensor, Tensor], tuple[Float[Tensor, ""], Float[Tensor, " T"]]]


class Terms(NamedTuple):
    """What a batch of images costs, in nats each; their sum is what training lowers.

    A network without latents has T = 0 rows of ``kl``, and ``nll`` is all that an image costs.
    """

    nll: Float[Tensor, " B"]  # L_x
    kl: Float[Tensor, "T B"]  # the terms of L_z


class Engine(ABC, Generic[M]):
    """Builds networks of a family and asks them. It holds no state; randomness is an argument."""

    @abstractmethod
    def build(self, config: Any) -> M:
        """A network with fresh weights, from PyTorch's own random numbers."""

    def start(self, model: M, mean_image: Float[Tensor, "C H W"]) -> None:
        """Lets fresh weights begin at what is known of the images: their mean, in [0, 1]."""

    @abstractmethod
    def noise(self, model: M, batch: int, source: torch.Generator | None = None) -> Tensor:
        """All random numbers that so many images need, drawn image by image.

        More images from the same source leave those of the first ones alone.
        """

    @abstractmethod
    def terms(
        self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor, dtype: torch.dtype | None = None
    ) -> Terms:
        """What images with values in [0, 1] cost; autograd can follow it.

        Args:
            dtype: to which the factors of matrix products are rounded; None leaves them.
        """

    def gradients(
        self,
        model: M,
        batch: int,  # noqa: ARG002 - one by hand keeps buffers of this size
        dtype: torch.dtype | None,
    ) -> Gradients:
        """What adds the gradients of the mean cost of a batch to those of the parameters.

        By autograd here; a family that is faster by hand says so, and is held against this.
        """

        def add(x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
            nll, kl = self.means(model, x, noise, dtype)
            (nll + kl.sum()).backward()
            return nll.detach(), kl.detach()

        return add

    def means(
        self, model: M, x: Tensor, noise: Tensor, dtype: torch.dtype | None
    ) -> tuple[Float[Tensor, ""], Float[Tensor, " T"]]:
        """The terms, meaned over the batch."""
        nll, kl = self.terms(model, x, noise, dtype)
        return nll.mean(), kl.mean(dim=1)

    @abstractmethod
    def log_weights(
        self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor
    ) -> tuple[Terms, Float64[Tensor, " B"]]:
        """The terms, and log p(x, z) - log q(z | x) of the latents that the noise gives.

        Of a network without latents this is log p(x) (Burda et al. 2016, arXiv 1509.00519).
        """

    @abstractmethod
    def generate(self, model: M, n: int, seed: int, temperature: float = 1.0) -> Film:
        """Makes n samples: the same arguments on the same machine give the same ones.

        Raises:
            ValueError: if n < 1, or the temperature is negative or not finite.
        """

    @abstractmethod
    def repaint(self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor) -> Film:
        """How the network sees and rebuilds images with values in [0, 1]."""

    @torch.inference_mode()
    def reconstruct(
        self,
        model: M,
        image: UInt8[np.ndarray, "C H W"],
        binarisation: Binarisation,
        seed: int | None = 0,
    ) -> Rebuilt:
        """Shows one image to a network.

        Args:
            image: values in 0..255, of the network's shape.
            binarisation: of the network's training.
            seed: of the noise; None for none, z = mu.

        Raises:
            ValueError: if the image has another shape.
        """
        require_shape(torch.from_numpy(image[None]), config_of(model))
        seen = as_seen(image, binarisation)
        x = torch.from_numpy(seen[None])
        noise = self.noise(model, 1, torch.Generator().manual_seed(seed or 0))
        noise = noise if seed is not None else torch.zeros_like(noise)
        nll, kl = self.terms(model, x, noise)
        film = self.repaint(model, x, noise)
        return Rebuilt(seen, film, nll.item(), kl.sum().item(), seed)


def device_of(model: nn.Module) -> torch.device:
    """Where its weights are."""
    return next(model.parameters()).device


def config_of(model: nn.Module) -> NetworkConfig:
    """What it was built from."""
    config = model.config
    assert isinstance(config, NetworkConfig)
    return config
