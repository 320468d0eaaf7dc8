"""From a seed to a rollout that can be stored and shown."""

import torch

from draw_core.families.draw.model import DRAW
from draw_core.film.rollout import Rollout


def sample_rollout(model: DRAW, n: int, seed: int, temperature: float = 1.0) -> Rollout:
    """Paints n samples: the same arguments on the same machine give the same rollout.

    Raises:
        ValueError: if n < 1, or the temperature is negative or not finite.
    """
    with torch.inference_mode():
        generator = torch.Generator().manual_seed(seed)
        return Rollout.from_trace(model.generate(n, generator, temperature))
