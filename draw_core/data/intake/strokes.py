"""How broad strokes of bright ink are, and making them broader."""

import numpy as np
from jaxtyping import UInt8


def stroke_width(ink: UInt8[np.ndarray, "h w"]) -> float:
    """About how broad the strokes are, in pixels: twice the area by the length of the outline."""
    covered = np.pad(ink > ink.max() / 2, 1).astype(np.float32)
    down, right = np.diff(covered, axis=0)[:, 1:], np.diff(covered, axis=1)[1:]
    return 2 * float(covered.sum()) / max(float(np.hypot(down, right).sum()), 1.0)


def grown(ink: UInt8[np.ndarray, "H W"], *, diagonal: bool) -> UInt8[np.ndarray, "H W"]:
    """Broader by one pixel to each side; with and without diagonals in turn, a round pen."""
    padded = np.pad(ink, 1)
    across = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    down = across if diagonal else padded[:, 1:-1]
    tall = np.maximum(np.maximum(down[:-2], down[1:-1]), down[2:])
    broader: UInt8[np.ndarray, "H W"] = np.maximum(tall, across[1:-1])
    return broader
