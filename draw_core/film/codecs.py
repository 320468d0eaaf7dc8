"""How a byte of a picture becomes what is shown.

The bytes of ``BERNOULLI`` hold ``round(255 * sigmoid(c / 2))`` of a logit c. Halving the logit
spends more of the 256 levels on nearly black and nearly white pixels: a probability is right to
1/255, and logits are told apart as far as +-10, so one byte serves both views. The bytes of
``PLAIN`` are grey or colour values v / 255 themselves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from draw_core.film.arrays import Bytes, FilmError


@dataclass(frozen=True, eq=False)
class Codec:
    """What each of the 256 bytes means.

    Attributes:
        name: by which files and players know it.
        values: ``float32 [256]``, the brightness that is shown, from 0 to 1; of a binary pixel
            it is its probability.
        logits: ``float32 [256]``, or None where a byte stands for no logit.
    """

    name: str
    values: NDArray[np.float32]
    logits: NDArray[np.float32] | None = None


_HALF_SIGMOID = np.clip(np.arange(256), 0.25, 254.75) / 255
_LOGITS = (2 * np.log(_HALF_SIGMOID / (1 - _HALF_SIGMOID))).astype(np.float32)
BERNOULLI = Codec("bernoulli", (1 / (1 + np.exp(-_LOGITS))).astype(np.float32), _LOGITS)
PLAIN = Codec("plain", (np.arange(256) / 255).astype(np.float32))
_CODECS = {codec.name: codec for codec in (BERNOULLI, PLAIN)}


def codec(name: str) -> Codec:
    """The codec of that name.

    Raises:
        FilmError: if there is none.
    """
    if name not in _CODECS:
        raise FilmError(f"Pictures of the kind {name[:40]!r} are unknown.")
    return _CODECS[name]


def encode_logits(logits: NDArray[np.floating]) -> Bytes:
    """Logits of any shape as bytes of ``BERNOULLI``."""
    shares = logits * -0.5
    with np.errstate(over="ignore"):
        np.exp(shares, out=shares)  # each in place: a film has a million of them
    shares += 1
    encoded: Bytes = np.rint(np.divide(255, shares, out=shares), out=shares).astype(np.uint8)
    return encoded


def encode_values(values: NDArray[np.floating]) -> Bytes:
    """Brightness of any shape as bytes of ``PLAIN``; below 0 is black, above 1 is white."""
    encoded: Bytes = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)
    return encoded
