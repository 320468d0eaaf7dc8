"""Films as the bytes that players are sent: safetensors arrays, and JSON that tells of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from draw_core.film.description import describe
from draw_core.film.film import Film
from ui.kit import wire
from ui.kit.view import View


def pack(
    films: Mapping[str, Film],
    told: Mapping[str, Any],
    *,
    more: Mapping[str, NDArray[Any]] | None = None,
    named: Sequence[object] = (),
    view: View | None = None,
    link: Mapping[str, str | int] | None = None,
) -> bytes:
    """Films, and arrays beside them, as the bytes that a player is sent.

    Args:
        films: by what stands before the names of their arrays, such as "a."; the same film is sent
            once. Their descriptions are told as ``films``.
        told: what else the player is told, as JSON can hold it.
        more: arrays beside the films.
        named: what JSON can hold and makes these other pictures than the same ones without them.
        view: where to start; None as the player likes.
        link: what the address bar shall say beside what is shown, which it follows; None leaves it
            alone.

    What is told has an ``id``, which the same pictures share whatever else is told of them.
    """
    arrays: dict[str, NDArray[Any]] = {}
    described: dict[str, Any] = {}
    sent: dict[Film, str] = {}
    for prefix, film in films.items():
        if film in sent:
            described[prefix] = sent[film]
            continue
        sent[film] = prefix
        own, described[prefix] = describe(film)
        arrays |= {prefix + name: array for name, array in own.items()}
    arrays |= more or {}
    text = {
        "id": wire.digest(arrays, named),
        "films": described,
        "step": view.step if view else None,
        "sample": view.sample if view else None,
        "link": None if link is None else dict(link),
        **told,
    }
    return wire.pack(arrays, text)
