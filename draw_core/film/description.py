"""A film as arrays by name and a description of them that JSON can hold, for files and the wire."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from draw_core.film.arrays import Array, FilmError, arrays_of, require
from draw_core.film.codecs import Codec, codec
from draw_core.film.film import Film
from draw_core.film.segments import Frames, Raster, Still
from draw_core.film.tracks import Bars, Patches, Vectors, Windows, Words

_KINDS: dict[str, Callable[..., Any]] = {
    kind.__name__.lower(): kind
    for kind in (Frames, Raster, Still, Windows, Patches, Bars, Words, Vectors)
}
# What an array is called: behind the name of its track, or the number of a segment but the first.
_SUFFIX = {
    (Windows, "parameters"): "_params",
    (Windows, "given"): "_corners",
    (Patches, "values"): "_patches",
    (Words, "weights"): "_weights",
}
ORIGINAL = "original"


def describe(film: Film) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of a film, each contiguous, and what else :func:`restore` needs."""
    arrays: dict[str, Array] = {}

    def entry(part: Any, stem: str) -> dict[str, Any]:
        own = arrays_of(part)
        names = {field: stem + _SUFFIX.get((type(part), field), "") for field in own}
        if isinstance(part, Raster):
            names["order"] = f"{stem}_order"
        for field, array in own.items():
            require(names[field] not in arrays, f"Two arrays would be called {names[field]}")
            arrays[names[field]] = np.ascontiguousarray(array)
        plain = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
        plain = {name: value for name, value in plain.items() if name not in own}
        if isinstance(plain.get("codec"), Codec):
            plain["codec"] = plain["codec"].name
        return {"kind": type(part).__name__.lower(), **plain, "arrays": names}

    segments = [
        entry(segment, f"canvases{number or ''}") for number, segment in enumerate(film.segments)
    ]
    tracks = [entry(track, track.name) for track in film.tracks]
    if film.original is not None:
        require(ORIGINAL not in arrays, f"Two arrays would be called {ORIGINAL}")
        arrays[ORIGINAL] = np.ascontiguousarray(film.original)
    return arrays, {"segments": segments, "tracks": tracks}


def restore(arrays: Mapping[str, Array], description: Any) -> Film:
    """The film that was described.

    Raises:
        FilmError: if the description is none, or does not fit the arrays.
    """
    try:
        segments = tuple(_part(arrays, entry) for entry in description["segments"])
        tracks = tuple(_part(arrays, entry) for entry in description["tracks"])
        return Film(segments, tracks, arrays.get(ORIGINAL))
    except FilmError:
        raise
    except Exception as error:
        # A hostile description can name anything in place of anything.
        raise FilmError("The description of the film does not fit its arrays.") from error


def _part(arrays: Mapping[str, Array], entry: Mapping[str, Any]) -> Any:
    plain = {
        name: _frozen(value) for name, value in entry.items() if name not in ("kind", "arrays")
    }
    if "codec" in plain:
        plain["codec"] = codec(str(plain["codec"]))
    own = {field: arrays[name] for field, name in entry["arrays"].items()}
    return _KINDS[entry["kind"]](**plain, **own)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
