"""Whether the images of a set differ enough for a network to learn anything."""

import numpy as np
from jaxtyping import UInt8

_NEAR = 4.0  # grey levels of 255, root mean square over the pixels: less is grain
_ALIKE = 0.9  # of the images: what the others show hardly counts
_FLAT = 10  # grey levels between the darkest and the brightest pixel: less shows nothing
_LOOKED_AT = 1000  # images, spread over the set


def sameness(images: UInt8[np.ndarray, "N C H W"]) -> str | None:
    """A sentence if nearly all images show the same, else None.

    Each image is compared with the median image, so that a few others do not hide the rest.
    """
    some = images[:: -(-len(images) // _LOOKED_AT)]
    middle = np.median(some, axis=0).astype(np.float32)
    apart = np.sqrt(np.mean((some - middle) ** 2, axis=(1, 2, 3)))
    share = float(np.mean(apart < _NEAR))
    if len(some) < 2 or share < _ALIKE:
        return None
    what = "the same" if apart.max() == 0 else "nearly the same"
    if np.ptp(middle) < _FLAT:
        what += " and of one colour"
    who = "All pictures are" if share == 1 else f"{share:.0%} of the pictures are"
    return (
        f"{who} {what}, so there is next to nothing to learn from them, and the loss of a network "
        "says little."
    )
