"""From what the VAE made to a film of one step. No torch at import."""

from typing import TYPE_CHECKING

import numpy as np

from draw_core.families.vae.config import VaeConfig
from draw_core.film.codecs import encode_logits
from draw_core.film.film import Film
from draw_core.film.segments import Frames
from draw_core.film.tracks import Track, Vectors, information
from draw_core.nets.canvas import BLANK_LOGIT

if TYPE_CHECKING:
    from torch import Tensor


def film_of(canvas: "Tensor", z: "Tensor", kl: "Tensor | None" = None) -> Film:
    """An empty page, then the whole picture.

    Its tracks are the vectors ``z``, and the bars ``kl`` in nats when it rebuilds pictures.

    Args:
        canvas: logits [B, C, H, W].
        z: [B, Z].
        kl: [B], nats.
    """
    logits = canvas.detach().cpu().numpy()
    frames = encode_logits(np.stack([np.full_like(logits, BLANK_LOGIT), logits]))
    tracks: list[Track] = [Vectors("z", z.detach().cpu().numpy()[None])]
    if kl is not None:
        tracks.append(information(kl.detach().cpu().numpy()[None]))
    return Film((Frames(frames),), tuple(tracks))


def fitted(film: Film, config: VaeConfig) -> Film | None:
    """The film, if a network of this configuration can have painted it."""
    z = film.vectors("z")
    ok = (
        film.num_steps == 1
        and [type(segment) for segment in film.segments] == [Frames]
        and film.shape == config.shape
        and {track.name for track in film.tracks} <= {"z", "kl"}
        and (z is None or z.values.shape == (1, film.num_samples, config.z_size))
    )
    return film if ok else None
