"""What a network made of one image. No torch."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from draw_core.film.film import Film


@dataclass(frozen=True)
class Seen:
    """One image as a network saw it.

    Attributes:
        x: the image that the network saw, in [0, 1].
        film: of this one sample.
        seed: of the noise; None for z_t = mu_t, whose L_x + L_z estimates no bound.
    """

    x: Float32[np.ndarray, "C H W"]
    film: Film
    seed: int | None


@dataclass(frozen=True)
class Rebuilt(Seen):
    """One image as a network saw and rebuilt it.

    Attributes:
        nll: L_x, nats that the pixels still need given the last canvas (eq 9); for grey values a
            cross-entropy, no likelihood in the strict sense.
        latent_loss: L_z, nats in the latents of all steps (eqs 10, 11).
    """

    nll: float
    latent_loss: float

    @property
    def bound(self) -> float:
        """L_x + L_z in nats; its mean over the noise is an upper bound on -log p(x) (eq 12)."""
        return self.nll + self.latent_loss
