"""Printed lines of ruled or squared paper, apart from what is written on it.

Lines run over the whole page or to its border, and they are fainter than the ink: from how strong
they are follows what is ink.
"""

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from draw_core.data.intake.strokes import grown, stroke_width

_SEEN = 0.05  # of the way from paper to full ink: more stands out from the paper
# Of that way: fainter lines do no harm, stronger ones are as dark as ink.
_LEAST, _MOST = 0.12, 0.85
_INK = 0.4  # of the way from the lines to full ink: more is ink
_WHOLE = 0.85  # of a row or column: no stroke of a digit in its margin is as long as that
_RIM = 50  # the border is this part of the shorter side
_SURE = 4  # pixels of the border that must stand out: fewer are specks


def line_level(
    standing: Float32[np.ndarray, "H W"] | UInt8[np.ndarray, "H W"], floor: float, peak: float
) -> float | None:
    """How strong the printed lines are; None if there are none, or none that can be told from ink.

    Args:
        standing: how far each pixel stands out from the paper.
        floor, peak: of that, what paper reaches and what full ink reaches.
    """
    seen = standing > floor + _SEEN * (peak - floor)
    edge = max(1, min(seen.shape) // _RIM)
    rim = np.ones(seen.shape, bool)
    rim[edge:-edge, edge:-edge] = False
    found = [standing[rim & seen]]
    found += [standing[rows][seen[rows]] for rows in np.flatnonzero(seen.mean(1) > _WHOLE)]
    found += [
        standing[:, column][seen[:, column]] for column in np.flatnonzero(seen.mean(0) > _WHOLE)
    ]
    levels = [
        share
        for values in found
        if values.size >= _SURE
        for share in [(float(np.percentile(values, 90)) - floor) / (peak - floor)]
        if _LEAST < share < _MOST
    ]
    return floor + max(levels) * (peak - floor) if levels else None


def least_ink(level: float, peak: float) -> float:
    """What stands out more than this is ink, not a line."""
    return level + _INK * (peak - level)


def without_lines(ink: UInt8[np.ndarray, "H W"]) -> UInt8[np.ndarray, "H W"]:
    """Only the strong ink and its soft edges, if the page has lines; else the ink as it is."""
    level = line_level(ink, 0.0, 255.0)
    if level is None:
        return ink
    strong: Bool[np.ndarray, "H W"] = ink > least_ink(level, 255.0)
    if not strong.any():
        return ink
    near = strong.astype(np.uint8)
    for number in range(max(1, round(stroke_width(near) / 4))):
        near = grown(near, diagonal=number % 2 == 0)
    # An edge fades out where it is as strong as a line, so that no stump of a line stays at it.
    share = (ink - np.float32(level)) / np.float32(least_ink(level, 255.0) - level)
    kept: UInt8[np.ndarray, "H W"] = (ink * near * share.clip(0, 1)).astype(np.uint8)
    return kept
