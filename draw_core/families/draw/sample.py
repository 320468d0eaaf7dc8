"""From a seed to a film that can be stored and shown."""

import torch

from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW
from draw_core.film.film import Film


def sample_film(model: DRAW, n: int, seed: int, temperature: float = 1.0) -> Film:
    """Paints n samples: the same arguments on the same machine give the same film.

    Raises:
        ValueError: if n < 1, or the temperature is negative or not finite.
    """
    with torch.inference_mode():
        generator = torch.Generator().manual_seed(seed)
        return film_of(model.generate(n, generator, temperature))
