"""What a trained network sees of an image. Imports no torch."""

import numpy as np
from jaxtyping import Float32, UInt8

from draw_core.base.fields import Binarisation


def as_seen(
    image: UInt8[np.ndarray, "*shape"], binarisation: Binarisation
) -> Float32[np.ndarray, "*shape"]:
    """The image in the values, 0 to 1, that a network trained with this binarisation knows.

    Where training drew black and white at random, half grey is the border here, so that the same
    image is always seen as the same.
    """
    if binarisation == "grey":
        return (image / 255).astype(np.float32)
    return (image >= 128).astype(np.float32)
