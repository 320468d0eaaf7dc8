"""From what the classifier saw to a film of its glimpses. No torch at import."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.film.codecs import encode_values
from draw_core.film.film import Film
from draw_core.film.rules import RULES
from draw_core.film.segments import Still
from draw_core.film.tracks import Patches, Track, Windows

if TYPE_CHECKING:
    from torch import Tensor

    from draw_core.families.glimpse.model import GlimpseTrace


def film_of(x: "Tensor", trace: "GlimpseTrace", belief: Iterable[Track]) -> Film:
    """The images, which no step changes, under the window that moves over them.

    Its tracks are the windows and patches ``read``, and those of what it believes after a glimpse,
    of which only the last is trained.

    Args:
        x: values in [0, 1], ``[B, C, H, W]``.
        belief: tracks of its answers.
    """
    params, patches = trace.params.cpu(), trace.patches.cpu()
    labels, points = RULES["gaussian"].labels, patches.shape[-1]
    return Film(
        (Still(encode_values(x.cpu().numpy()), len(params)),),
        (
            Windows("read", points, params.numpy(), labels, "gaussian"),
            Patches("read", patches.numpy()),
            *belief,
        ),
    )


def fitted(film: Film, config: GlimpseConfig) -> Film | None:
    """The film, if it can be of the glimpses of a network of this configuration."""
    windows, belief = film.windows("read"), film.vectors("belief")
    ok = (
        [type(segment) for segment in film.segments] == [Still]
        and film.num_steps == config.num_steps
        and film.shape == config.shape
        and {track.name for track in film.tracks} <= {"read", "belief", "sure"}
        and (windows is None or (windows.points, windows.rule) == (config.read_size, "gaussian"))
        and (windows is None or bool((windows.parameters[..., 2:] > 0).all()))
        and (belief is None or belief.values.shape[2] == config.classes)
    )
    return film if ok else None
