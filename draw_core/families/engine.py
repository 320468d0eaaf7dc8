"""What computes with the networks of a family: all that the rest of the core asks of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64, UInt8
from torch import Tensor, nn

from draw_core.base.fields import Binarisation
from draw_core.base.settings import TrainConfig
from draw_core.data.datasets import require_shape
from draw_core.data.seen import as_seen
from draw_core.families.family import NetworkConfig
from draw_core.families.rebuilt import Rebuilt, Seen
from draw_core.film.film import Film

M = TypeVar("M", bound=nn.Module)

# The kind of each image, from 0; None where nobody knows them.
Labels = Int64[Tensor, " N"] | None
# Takes pixels and what is given beside them; returns L_x, the KL of every step
# [T], and what else is measured, meaned over the batch.
Gradients = Callable[[Tensor, Tensor], tuple[Tensor, ...]]


class Terms(NamedTuple):
    """What a batch of images costs, in nats each; their sum is what training lowers.

    A network without latents has T = 0 rows of ``kl``, and ``nll`` is all that an image costs.
    Where the gradient of this sum is not the one to follow, as where a reward depends on what was
    drawn at random, ``surrogate`` has the gradient that is; its value is told to nobody.
    """

    nll: Float[Tensor, " B"]  # L_x
    kl: Float[Tensor, "T B"]  # the terms of L_z
    surrogate: Float[Tensor, " B"] | None = None
    measures: tuple[Float[Tensor, " B"], ...] = ()  # as the family names them


class Carried(NamedTuple):
    """What the latents of each step carry of some images, in nats.

    In ``without[t]`` the latents z_t are drawn from the prior P(z) = N(0, I) instead of Q. They
    need not be sent then, so that their KL is left out of L_z. The encoder looks at the image in
    step t as before; later steps are encoded anew, because they see the error and may mend it.
    """

    nll: Float[Tensor, " B"]  # L_x
    kl: Float[Tensor, "T B Z"]  # the terms of L_z (eq 10), of each latent
    without: Float[Tensor, "T B"]  # L_x + L_z without the latents of a step


class Engine(ABC, Generic[M]):
    """Builds networks of a family and asks them. It holds no state; randomness is an argument.

    What a family's abilities leave out, it need not be able to compute.
    """

    network: type[M]  # made of a configuration alone

    def build(self, config: NetworkConfig) -> M:
        """A network with fresh weights, from PyTorch's own random numbers."""
        return self.network(config)

    def start(self, model: M, images: UInt8[Tensor, "N C H W"]) -> None:
        """Lets fresh weights begin at what is known of the images, as their mean."""

    def groups(self, model: M, training: TrainConfig) -> list[dict[str, Any]]:  # noqa: ARG002
        """All ``params`` of a network, each with its ``share`` of the learning rate."""
        return [{"params": list(model.parameters()), "share": 1.0}]

    def count(
        self,
        images: UInt8[Tensor, "N C H W"],
        training: TrainConfig,  # noqa: ARG002
    ) -> int:
        """How many images a pass over the training set shows."""
        return len(images)

    def take(
        self,
        images: UInt8[Tensor, "N C H W"],
        labels: Labels,
        turn: int,  # noqa: ARG002 - most see the same images in every pass
        numbers: Int64[Tensor, " B"],
    ) -> tuple[UInt8[Tensor, "B C H W"], Int64[Tensor, " B"] | None]:
        """The images with these numbers, below :meth:`count`, in a pass, and their kinds."""
        return images[numbers], None if labels is None else labels[numbers]

    def noise(self, model: M, batch: int, source: torch.Generator | None = None) -> Tensor:
        """All random numbers that so many images need, drawn image by image: none without latents.

        More images from the same source leave those of the first ones alone.
        """
        if config_of(model).latent_steps:
            return _not_asked(model, batch, source)
        return torch.zeros(0, batch, device=device_of(model))

    def given(
        self,
        model: M,
        x: Float[Tensor, "B C H W"],
        labels: Labels,  # noqa: ARG002 - of which most know nothing
        source: torch.Generator | None = None,
    ) -> Tensor:
        """What the terms need beside the pixels, images in its second place: noise, mostly."""
        return self.noise(model, len(x), source)

    @abstractmethod
    def terms(
        self, model: M, x: Float[Tensor, "B C H W"], given: Tensor, dtype: torch.dtype | None = None
    ) -> Terms:
        """What images with values in [0, 1] cost; autograd can follow it.

        Args:
            given: from :meth:`given`.
            dtype: to which the factors of matrix products are rounded; None leaves them.
        """

    def gradients(
        self,
        model: M,
        batch: int,  # noqa: ARG002 - one by hand keeps buffers of this size
        dtype: torch.dtype | None,
        training: TrainConfig | None = None,
    ) -> Gradients:
        """What adds the gradients of the mean cost of a batch to those of the parameters.

        By autograd here; a family that is faster by hand says so, and is held against this.

        Args:
            training: whose limits the gradients keep, if it has any; None for none.
        """
        return by_autograd(lambda x, given: self.means(model, x, given, dtype, training))

    def means(
        self,
        model: M,
        x: Tensor,
        given: Tensor,
        dtype: torch.dtype | None,
        training: TrainConfig | None = None,  # noqa: ARG002 - some limit their gradients
    ) -> tuple[Tensor, ...]:
        """What is differentiated, and then what :data:`Gradients` return, meaned over the batch."""
        nll, kl, surrogate, measures = self.terms(model, x, given, dtype)
        told = nll.mean(), kl.mean(dim=1), *(measure.mean() for measure in measures)
        return told[0] + told[1].sum() if surrogate is None else surrogate.mean(), *told

    def log_weights(
        self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor
    ) -> tuple[Terms, Float64[Tensor, " B"]]:
        """The terms, and log p(x, z) - log q(z | x) of the latents that the noise gives.

        Of a network without latents this is log p(x) (Burda et al. 2016, arXiv 1509.00519).
        """
        if config_of(model).latent_steps:
            return _not_asked(model, x, noise)
        terms = self.terms(model, x, noise)
        return terms, -terms.nll.cpu().double()

    def carried(self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor) -> Carried:
        """What the latents of each step carry. The prior's z_t are the noise of Q: z_t = eps_t."""
        return _not_asked(model, x, noise)

    def generate(self, model: M, n: int, seed: int, temperature: float = 1.0) -> Film:
        """Makes n samples: the same arguments on the same machine give the same ones.

        Raises:
            ValueError: if n < 1, or the temperature is negative or not finite.
        """
        return _not_asked(model, n, seed, temperature)

    @abstractmethod
    def repaint(self, model: M, x: Float[Tensor, "B C H W"], given: Tensor) -> Film:
        """How the network sees images with values in [0, 1], and rebuilds them if it can."""

    def look_at(
        self,
        model: M,
        image: UInt8[np.ndarray, "C H W"],
        binarisation: Binarisation,
        seed: int | None = 0,
    ) -> Seen:
        """What a network makes of an image: it rebuilds it here; a classifier only looks."""
        return self.reconstruct(model, image, binarisation, seed)

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
        seen = shown_to(model, image, binarisation)
        x = torch.from_numpy(seen[None])
        noise = self.noise(model, 1, torch.Generator().manual_seed(seed or 0))
        terms, film = self.inside(model, x, noise if seed is not None else torch.zeros_like(noise))
        return Rebuilt(seen, film, seed, terms.nll.item(), terms.kl.sum().item())

    def inside(self, model: M, x: Float[Tensor, "B C H W"], noise: Tensor) -> tuple[Terms, Film]:
        """What images cost, and their film with all that a network computes on the way."""
        return self.terms(model, x, noise), self.repaint(model, x, noise)


def by_autograd(means: Callable[[Tensor, Tensor], tuple[Tensor, ...]]) -> Gradients:
    """The gradients of what these means begin with."""

    def add(x: Tensor, given: Tensor) -> tuple[Tensor, ...]:
        trained, *told = means(x, given)
        trained.backward()
        return tuple(part.detach() for part in told)

    return add


def _not_asked(*_: object) -> NoReturn:
    raise NotImplementedError("The abilities of this family leave this out.")


def shown_to(
    model: nn.Module, image: UInt8[np.ndarray, "C H W"], binarisation: Binarisation
) -> Float32[np.ndarray, "C H W"]:
    """An image with values in 0..255 as a network sees it, in [0, 1].

    Raises:
        ValueError: if it has another shape than the network is for.
    """
    require_shape(torch.from_numpy(image[None]), config_of(model).shape)
    return as_seen(image, binarisation)


def device_of(model: nn.Module) -> torch.device:
    """Where its weights are."""
    return next(model.parameters()).device


def config_of(model: nn.Module) -> NetworkConfig:
    """What it was built from."""
    config = model.config
    assert isinstance(config, NetworkConfig)
    return config
