"""DRAW behind the interface that all families share."""

import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from draw_core.base.settings import TrainConfig
from draw_core.data.datasets import mean_image
from draw_core.families.draw.backprop import Backprop
from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW, DrawState
from draw_core.families.engine import Carried, Engine, Gradients, Terms
from draw_core.film.film import Film
from draw_core.nets.losses import bernoulli_nll, gaussian_kl, log_ratio


class DrawEngine(Engine[DRAW]):
    """See :class:`draw_core.families.engine.Engine`."""

    network = DRAW

    def start(self, model: DRAW, images: UInt8[Tensor, "N C H W"]) -> None:
        """A ``"data_mean"`` canvas starts at the mean image."""
        model.start_canvas_at(mean_image(images) / 255)

    def noise(
        self, model: DRAW, batch: int, source: torch.Generator | None = None
    ) -> Float[Tensor, "T B Z"]:
        """Standard normal noise of every step."""
        return model.noise(batch, source)

    def terms(
        self,
        model: DRAW,
        x: Float[Tensor, "B C H W"],
        given: Float[Tensor, "T B Z"],
        dtype: torch.dtype | None = None,
    ) -> Terms:
        """L_x and the T terms of L_z (eqs 9, 10)."""
        canvas, kl = model.unroll(x, given, model.products(dtype))
        return Terms(bernoulli_nll(canvas, x), kl)

    def gradients(
        self,
        model: DRAW,
        batch: int,
        dtype: torch.dtype | None,
        training: TrainConfig | None = None,  # noqa: ARG002
    ) -> Gradients:
        """The backward pass that is written by hand."""
        return Backprop(model, batch, dtype).add_gradients

    def log_weights(
        self, model: DRAW, x: Float[Tensor, "B C H W"], noise: Float[Tensor, "T B Z"]
    ) -> tuple[Terms, Float64[Tensor, " B"]]:
        """The terms, and the log importance weight of the sampled latents."""
        products, state = model.products(), model.initial_state(len(x))
        kls, ratios = [], []
        for eps in noise:
            state = model.step(state, x, eps, products)
            assert state.kl is not None
            assert state.z is not None
            assert state.log_sigma is not None
            kls.append(state.kl)
            # of p(z_t) and q(z_t | x, z_1 .. z_(t-1))
            ratios.append(log_ratio(eps, state.z, state.log_sigma))
        nll = bernoulli_nll(state.canvas, x)
        log_weights = torch.stack(ratios).cpu().double().sum(dim=0) - nll.cpu().double()
        return Terms(nll, torch.stack(kls)), log_weights

    @torch.inference_mode()
    def carried(
        self, model: DRAW, x: Float[Tensor, "B C H W"], noise: Float[Tensor, "T B Z"]
    ) -> Carried:
        """T rollouts, each of which leaves the latents of one step to the prior."""
        products = model.products()
        states = [model.initial_state(len(x))]
        for eps in noise:
            states.append(model.step(states[-1], x, eps, products))
        kl = torch.stack([_kl_of_latents(state) for state in states[1:]])
        steps = kl.sum(dim=2)
        without = []
        for t, eps in enumerate(noise):
            painted = model.step(states[t], None, eps, products)  # eq 13: z_t is the prior's
            seen = states[t + 1]
            state = painted._replace(h_enc=seen.h_enc, cell_enc=seen.cell_enc)
            cost = steps[:t].sum(dim=0)
            for later in noise[t + 1 :]:
                state = model.step(state, x, later, products)
                assert state.kl is not None
                cost = cost + state.kl
            without.append(cost + bernoulli_nll(state.canvas, x))
        return Carried(bernoulli_nll(states[-1].canvas, x), kl, torch.stack(without))

    @torch.inference_mode()
    def generate(self, model: DRAW, n: int, seed: int, temperature: float = 1.0) -> Film:
        """Paints n samples from the prior (eqs 13-16)."""
        return film_of(model.generate(n, torch.Generator().manual_seed(seed), temperature))

    @torch.inference_mode()
    def repaint(
        self, model: DRAW, x: Float[Tensor, "B C H W"], given: Float[Tensor, "T B Z"]
    ) -> Film:
        """Encodes and repaints images, step by step."""
        return film_of(model(x, noise=given))

    def inside(
        self, model: DRAW, x: Float[Tensor, "B C H W"], noise: Float[Tensor, "T B Z"]
    ) -> tuple[Terms, Film]:
        """Both in one pass."""
        trace = model(x, noise=noise)
        return Terms(bernoulli_nll(trace.canvases[-1], x), trace.kl), film_of(trace, whole=True)


def _kl_of_latents(state: DrawState) -> Float[Tensor, "B Z"]:
    """The term of eq 10 of a step that saw an image, latent by latent."""
    assert state.mu is not None
    assert state.log_sigma is not None
    return gaussian_kl(state.mu[..., None], state.log_sigma[..., None])


ENGINE = DrawEngine()
