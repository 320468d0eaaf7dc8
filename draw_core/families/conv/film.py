"""A look at the whole image at once, as a film of one step. No torch."""

from draw_core.families.conv.config import ConvConfig
from draw_core.film.film import Film
from draw_core.film.segments import Still


def fitted(film: Film, config: ConvConfig) -> Film | None:
    """The film, if it can be the look of a network of this configuration."""
    belief = film.vectors("belief")
    ok = (
        [type(segment) for segment in film.segments] == [Still]
        and film.num_steps == 1
        and film.shape == config.shape
        and {track.name for track in film.tracks} <= {"belief", "sure"}
        and (belief is None or belief.values.shape[2] == config.classes)
    )
    return film if ok else None
