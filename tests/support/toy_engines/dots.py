"""See ``DOTS`` of :mod:`tests.support.toy_families`."""

import numpy as np
import torch
from torch import nn

from draw_core.families.engine import Engine, Terms
from draw_core.film.codecs import PLAIN, encode_values
from draw_core.film.film import Film
from draw_core.film.segments import Raster
from draw_core.nets.losses import bernoulli_nll
from draw_core.nets.noise import check_request


class Dots(nn.Module):
    """One logit for each pixel."""

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config
        self.logits = nn.Parameter(torch.zeros(config.shape))


class DotsEngine(Engine[Dots]):
    """No noise, no gradient and no importance weight of its own."""

    network = Dots

    def terms(self, model, x, given, dtype=None) -> Terms:
        """The cost of each image, which is exact."""
        return Terms(bernoulli_nll(model.logits.expand(x.shape), x), x.new_zeros(0, len(x)))

    @torch.inference_mode()
    def generate(self, model, n, seed, temperature=1.0) -> Film:
        """Pixels that are black or white."""
        check_request(n, temperature)
        dice = torch.rand(n, *model.config.shape, generator=torch.Generator().manual_seed(seed))
        return _film((dice < model.logits.sigmoid()).float())

    @torch.inference_mode()
    def repaint(self, model, x, given) -> Film:
        """How likely each pixel is to be white, whatever the image."""
        return _film(model.logits.sigmoid().expand(x.shape))


def _film(pixels) -> Film:
    height, width = pixels.shape[2:]
    order = np.arange(1, height * width + 1, dtype=np.int32).reshape(1, height, width)
    return Film((Raster(encode_values(pixels.numpy()), order, PLAIN),), ())


def fitted(film, config) -> Film | None:
    """The film, if it has the shape of the images."""
    return film if film.shape == config.shape and film.num_steps == config.film_steps else None


ENGINE = DotsEngine()
