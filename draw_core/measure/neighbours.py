"""The images of a set that are nearest to given ones, exactly and in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, UInt8

# Of the part of the set that is converted at once, so that a large set needs no more memory.
_CHUNK_BYTES = 64 << 20


@dataclass(frozen=True)
class Neighbours:
    """The k nearest images of each query, the nearest first.

    Attributes:
        indices: of the images in the set; between equals, the one that stands first in it.
        distances: L2, the root of the sum of squared differences over all pixels and channels,
            with black 0 and white 1.
    """

    indices: Int64[np.ndarray, "Q K"]
    distances: Float64[np.ndarray, "Q K"]


def nearest(
    queries: UInt8[np.ndarray, "Q C H W"],
    images: UInt8[np.ndarray, "N c h w"],
    k: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """Compares every query with every image, ``|q|^2 - 2 q x + |x|^2``.

    Pixels are whole numbers and so are all the sums, which float64 holds exactly: the result is
    that of subtracting pixel by pixel.

    Args:
        progress: is told the images done and the images in all.

    Raises:
        ValueError: if the shapes differ, or there are fewer than k images.
    """
    if queries.shape[1:] != images.shape[1:]:
        raise ValueError(
            f"The queries are {queries.shape[1:]} (channels, height, width), the images "
            f"{images.shape[1:]}."
        )
    if not 1 <= k <= len(images):
        raise ValueError(f"k is {k}; it must be from 1 to the {len(images)} images there are.")
    flat = queries.reshape(len(queries), -1).astype(np.float64)
    own = np.square(flat).sum(axis=1)
    size = max(k, _CHUNK_BYTES // (8 * flat.shape[1]))
    best = np.full((len(flat), k), np.inf)
    where = np.zeros((len(flat), k), np.int64)
    for start in range(0, len(images), size):
        chunk = images[start : start + size].reshape(-1, flat.shape[1]).astype(np.float64)
        squares = flat @ chunk.T
        squares *= -2
        squares += np.square(chunk).sum(axis=1)
        squares += own[:, None]
        best, where = _merge(best, where, squares, start)
        if progress:
            progress(min(start + size, len(images)), len(images))
    return Neighbours(where, np.sqrt(best) / 255)


def _merge(
    best: Float64[np.ndarray, "Q K"],
    where: Int64[np.ndarray, "Q K"],
    squares: Float64[np.ndarray, "Q M"],
    start: int,
) -> tuple[Float64[np.ndarray, "Q K"], Int64[np.ndarray, "Q K"]]:
    """The k least of what was found before and of a new part of the set."""
    k = best.shape[1]
    all_squares = np.concatenate([best, squares], axis=1)
    # All that are not above the k-th least stay, so that a stable sort finds the first of equals.
    limit = np.partition(all_squares, k - 1, axis=1)[:, k - 1]
    new_best, new_where = np.empty_like(best), np.empty_like(where)
    for query, row in enumerate(all_squares):
        found = np.flatnonzero(row <= limit[query])
        chosen = found[np.argsort(row[found], kind="stable")[:k]]
        new_best[query] = row[chosen]
        new_where[query] = np.where(
            chosen < k, where[query, np.minimum(chosen, k - 1)], start + chosen - k
        )
    return new_best, new_where
