"""Films of plain arrays, and the arrays of films."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from draw_core.film.codecs import BERNOULLI, PLAIN
from draw_core.film.description import describe
from draw_core.film.film import Film
from draw_core.film.rules import RULES
from draw_core.film.segments import Frames, Raster, Segment, Still
from draw_core.film.tracks import Bars, Patches, Track, Vectors, Windows, Words


def painted(
    canvases: np.ndarray, patches: np.ndarray | None = None, write: np.ndarray | None = None
) -> Film:
    """A film of DRAW; its patches are 2 x 2 if none are given.

    Args:
        canvases: ``uint8 [T+1, B, C, H, W]``.
        patches: ``float32 [T, B, C, N, N]``.
        write: ``float32 [T, B, 5]``, the windows.
    """
    states, samples, channels = canvases.shape[:3]
    if patches is None:
        patches = np.zeros((states - 1, samples, channels, 2, 2), np.float32)
    tracks: list[Track] = [Patches("write", patches)]
    if write is not None:
        labels = RULES["gaussian"].labels
        tracks.append(Windows("write", patches.shape[-1], write, labels, "gaussian"))
    return Film((Frames(canvases),), tuple(tracks))


def arrays(film: Film) -> dict[str, np.ndarray[Any, Any]]:
    """Every array of a film by its name in files: canvases, write_params, kl, z ..."""
    return describe(film)[0]


def inside(film: Film, name: str) -> np.ndarray[Any, Any]:
    """The vectors ``[T, D]`` of the only sample of a reconstruction."""
    found = film.vectors(name)
    assert found
    return found.values[:, 0]


def vectors(name: str, values: np.ndarray) -> Vectors:
    """A track of vectors."""
    return Vectors(name, values)


def _bytes(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    )


def _floats(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    return st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    )


@st.composite
def any_raster(draw: st.DrawFn, samples: int | None = None) -> Raster:
    """A picture whose values are painted in any order, some of them given, several at a time."""
    samples = samples or draw(st.integers(1, 3))
    shape = (draw(st.sampled_from([1, 3])), *draw(st.tuples(*[st.integers(1, 4)] * 2)))
    channels = draw(st.sampled_from([1, shape[0]]))
    order = draw(_bytes((channels, *shape[1:]))) % draw(st.integers(1, 12))
    order = np.unique(order, return_inverse=True)[1].reshape(order.shape)
    order = order + 1 if order.max() == 0 or draw(st.booleans()) else order
    codec = draw(st.sampled_from([BERNOULLI, PLAIN]))
    final = draw(_bytes((samples, *shape)))
    return Raster(final, order.astype(np.int32), codec, draw(st.integers(0, 255)))


@st.composite
def any_segment(draw: st.DrawFn, samples: int | None = None) -> Segment:
    """A segment of any kind."""
    samples = samples or draw(st.integers(1, 3))
    shape = (draw(st.sampled_from([1, 2, 3])), *draw(st.tuples(*[st.integers(1, 4)] * 2)))
    steps = draw(st.integers(1, 4))
    codec = draw(st.sampled_from([BERNOULLI, PLAIN]))
    return draw(
        any_raster(samples)
        | _bytes((steps + 1, samples, *shape)).map(lambda pixels: Frames(pixels, codec))
        | _bytes((samples, *shape)).map(lambda picture: Still(picture, steps, codec))
    )


@st.composite
def any_film(draw: st.DrawFn, sizes: int = 3) -> Film:
    """A film of up to so many segments, with some tracks of each kind."""
    samples = draw(st.integers(1, 3))
    segments = draw(st.lists(any_segment(samples), min_size=1, max_size=sizes))
    lead = (sum(segment.num_steps for segment in segments), samples)
    texts = draw(
        st.lists(st.lists(st.text(max_size=5), max_size=4), min_size=samples, max_size=samples)
    )
    weights = np.zeros((*lead, 4), np.float32)
    for sample, text in enumerate(texts):
        weights[:, sample, : len(text)] = 1
    labels = RULES["gaussian"].labels
    corners = draw(_floats((*lead, 4, 2)))
    tracks = [
        Windows("write", draw(st.integers(1, 9)), draw(_floats((*lead, 5))), labels, "gaussian"),
        Windows("read", None, draw(_floats((*lead, 2))), ("s", "x"), None, corners),
        Bars("kl", draw(_floats(lead)), "nats"),
        Bars("nats", draw(_floats(lead)).astype(np.float16), "nats"),
        Words("caption", weights, tuple(map(tuple, texts))),
        Vectors("z", draw(_floats((*lead, draw(st.integers(1, 3)))))),
        Vectors("memory", draw(_bytes((*lead, 2)))),
    ]
    if len({segment.shape[0] for segment in segments}) == 1:
        tracks.append(Patches("write", draw(_floats((*lead, segments[0].shape[0], 2, 3)))))
    chosen = draw(st.lists(st.sampled_from(tracks), unique=True))
    original = draw(st.none() | _bytes((samples, 1, 2, 3)))
    return Film(tuple(segments), tuple(chosen), original)
