"""How broad strokes of bright ink are, and making them broader."""

import numpy as np
from jaxtyping import UInt8
from scipy import ndimage


def stroke_width(ink: UInt8[np.ndarray, "h w"]) -> float:
    """About how broad the strokes are, in pixels: twice the area by the length of the outline."""
    covered = np.pad(ink > ink.max() / 2, 1).astype(np.float32)
    down, right = np.diff(covered, axis=0)[:, 1:], np.diff(covered, axis=1)[1:]
    return 2 * float(covered.sum()) / max(float(np.hypot(down, right).sum()), 1.0)


def grown(ink: UInt8[np.ndarray, "H W"], *, diagonal: bool) -> UInt8[np.ndarray, "H W"]:
    """Broader by one pixel to each side; with and without diagonals in turn, a round pen."""
    around = ndimage.generate_binary_structure(2, 2 if diagonal else 1)
    broader: UInt8[np.ndarray, "H W"] = ndimage.maximum_filter(
        ink, footprint=around, mode="constant"
    )
    return broader
