"""A simulated pen: forms from :mod:`draw_core.data.drawn.glyphs` become images of 28 x 28 pixels.

All images of a call are drawn together, in NumPy. Arrays: N images, S segments of a curve, K
control points, Q = 2 S ends of segments (all the beginnings, then all the ends).
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from draw_core.data.drawn.glyphs import FORMS, Form, Point

SIDE = 28
BOX = 20.0  # pixels of the longer side of what is written, ink included, as in MNIST
SEGMENTS = 44
_LEAST_PER_PIECE = 3  # so that even a straight piece can bend

_Floats = NDArray[np.float32]


class _Tables(NamedTuple):
    """The forms as arrays, one row for each of V forms."""

    label: Int64[np.ndarray, " V"]
    weight: Float32[np.ndarray, " V"]  # sums to 1 within a class
    aspect: Float32[np.ndarray, " V"]
    controls: Float32[np.ndarray, "V K 2"]
    curve: Float32[np.ndarray, "V Q K"]  # ends of segments = curve @ controls
    along: Float32[np.ndarray, "V Q"]  # 0 at the first touch of the pen, 1 at the last
    to_end: Float32[np.ndarray, "V Q"]  # to the nearer end of the stroke, the form's length is 1


def draw(rng: np.random.Generator, labels: Int64[np.ndarray, " N"]) -> UInt8[np.ndarray, "N 28 28"]:
    """Writes one image for each label, bright ink on black."""
    count = len(labels)
    tables = _tables()
    form = _choose_forms(rng, labels, tables)
    figure = labels >= 10

    def normal(scale: float, *shape: int) -> _Floats:
        return np.float32(scale) * rng.standard_normal((count, *shape), dtype=np.float32)

    def uniform(low: float, high: float, *shape: int) -> _Floats:
        return np.float32(low) + np.float32(high - low) * rng.random(
            (count, *shape), dtype=np.float32
        )

    # The hand: how much it strays from the form, slants, squeezes and turns it.
    jitter = uniform(0.012, 0.058, 1, 1) * normal(1.0, tables.controls.shape[1], 2)
    points = tables.curve[form] @ (tables.controls[form] + jitter) - np.float32(0.5)
    points[..., 0] *= (tables.aspect[form] * np.exp(np.where(figure, 0.5, 1) * normal(0.2)))[
        :, None
    ]
    points += _bend(points, uniform(0.0, 0.1, 1, 1), uniform(0.0, 6.3, 4), uniform(2.0, 5.0, 4))
    points = points @ _slant_and_turn(
        np.where(figure, 0.3, 1) * (0.12 + normal(0.24)), np.where(figure, 1.0, 0.5) * normal(0.12)
    )
    along = tables.along[form]
    # Figures have more strokes to the same 20 pixels: a broad pen would fill them.
    radius = np.clip(np.exp(normal(0.24)) * np.where(figure, 1.0, 1.22), 0.72, 1.85)
    radius = radius.astype(np.float32)
    points = _fit(points, radius)
    points += uniform(0.0, 0.16, 1, 1) * np.stack(  # tremor, in pixels
        [_wave(along, uniform(0.0, 6.3, 3), uniform(15.0, 45.0, 3)) for _ in "xy"], axis=-1
    )
    pressure = 1 + uniform(0.0, 0.26, 1) * _wave(along, uniform(0.0, 6.3, 3), uniform(3.0, 16.0, 3))
    lift = np.minimum(1, 0.66 + uniform(2.0, 9.0, 1) * tables.to_end[form])
    radii = radius[:, None] * np.clip(pressure * lift, 0.5, 1.5)
    points = _centre(points, radii)
    ink = _ink(points, radii.astype(np.float32), radius)
    ink *= uniform(0.98, 1.2, 1, 1)
    images: UInt8[np.ndarray, "N 28 28"] = (255 * ink.clip(0, 1) + 0.5).astype(np.uint8)
    return images


def _choose_forms(
    rng: np.random.Generator, labels: Int64[np.ndarray, " N"], tables: _Tables
) -> Int64[np.ndarray, " N"]:
    """One of the forms of each label, by their weights."""
    ends = np.cumsum(tables.weight, dtype=np.float64)  # class c has the weights from c to c + 1
    form = np.searchsorted(ends, labels + rng.random(len(labels)), side="right")
    first = np.searchsorted(tables.label, labels, side="left")
    last = np.searchsorted(tables.label, labels, side="right") - 1
    chosen: Int64[np.ndarray, " N"] = np.clip(form, first, last)
    return chosen


def _bend(points: _Floats, size: _Floats, phase: _Floats, rate: _Floats) -> _Floats:
    """A smooth displacement of the plane, so that near strokes move alike."""
    x, y = points[..., 0], points[..., 1]
    p, r = phase[:, :, None], rate[:, :, None]
    dx = np.sin(r[:, 0] * y + p[:, 0]) + 0.5 * np.sin(r[:, 1] * x + p[:, 1])
    dy = np.sin(r[:, 2] * x + p[:, 2]) + 0.5 * np.sin(r[:, 3] * y + p[:, 3])
    displacement: _Floats = size * np.stack([dx, dy], axis=-1)
    return displacement


def _slant_and_turn(slant: NDArray[np.floating], angle: NDArray[np.floating]) -> _Floats:
    """Matrices [N, 2, 2] for points as rows: a slant to the right, then a turn (radians)."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], axis=-2)
    shear = np.zeros_like(turn)
    shear[:, 0, 0] = shear[:, 1, 1] = 1
    shear[:, 1, 0] = -slant
    both: _Floats = (shear @ turn).astype(np.float32)
    return both


def _wave(along: _Floats, phase: _Floats, rate: _Floats) -> _Floats:
    """A smooth curve along the strokes, in -1..1."""
    waves = np.sin(rate[:, :, None] * along[:, None] + phase[:, :, None])
    mean: _Floats = waves.mean(axis=1)
    return mean


def _fit(points: _Floats, radius: _Floats) -> _Floats:
    """Scales what is written so that its longer side, with the ink, is BOX pixels."""
    low, high = _extremes(points)
    scale = (BOX - 2 * radius) / (high - low).max(axis=1)
    fitted: _Floats = (points - low[:, None]) * scale[:, None, None]
    return fitted


def _extremes(points: _Floats) -> tuple[_Floats, _Floats]:
    """Least and greatest coordinates, [N, 2] each."""
    along = np.ascontiguousarray(np.moveaxis(points, 1, -1))  # NumPy is slow across short rows
    return along.min(axis=-1), along.max(axis=-1)


def _centre(points: _Floats, radii: NDArray[np.floating]) -> _Floats:
    """Puts the centre of the ink's mass in the middle of the image, but no ink beyond its edge."""
    a, b = np.split(points, 2, axis=1)
    ra, rb = np.split(radii, 2, axis=1)
    mass = np.hypot(*np.moveaxis(b - a, -1, 0)) * (ra + rb)
    middle = ((a + b) / 2 * mass[..., None]).sum(axis=1) / mass.sum(axis=1)[:, None]
    shift = (SIDE - 1) / 2 - middle
    margin = radii.max(axis=1)[:, None]
    low, high = _extremes(points)
    least, most = margin - low, SIDE - 1 - margin - high
    centred: _Floats = (points + np.clip(shift, least, most)[:, None]).astype(np.float32)
    return centred


def _ink(points: _Floats, radii: _Floats, radius: _Floats) -> Float32[np.ndarray, "N 28 28"]:
    """How much of each pixel the pen covers: the distance to the nearest segment, softened.

    The squared distance of pixel (x, y) to a segment from a with direction d is
    |p - a|^2 - |d|^2 t (2 w - t), where w = (p - a) d / |d|^2 and t = clip(w, 0, 1). Both |p - a|^2
    and w are sums of a part of x and a part of y, so only a few operations need all pixels. Of
    those, a segment looks at a box around itself, a tenth of the image.
    """
    count, segments = len(points), points.shape[1] // 2
    a, b = points[:, :segments], points[:, segments:]
    pen = (radii[:, :segments] + radii[:, segments:]) / 2
    edge = radius / np.float32(1.15)  # of the pen's radius: ink fades over 1.15 pixels
    # Of the pen's own radius, which differs along the stroke: a thicker piece reaches farther.
    reach = (pen * (1 + np.float32(0.5) / edge[:, None]))[..., None]
    first = np.ceil(np.minimum(a, b) - reach).astype(np.intp)
    side = min(SIDE, int(np.ceil((np.abs(b - a) + 2 * reach).max())) + 1)
    corner = np.clip(first, 0, SIDE - side)  # [N, S, 2], the box's first pixel in x and y

    d = b - a
    length2 = np.maximum((d * d).sum(axis=-1), np.float32(1e-8))
    unit = 1 / pen**2
    within = np.arange(side, dtype=np.float32)
    nearest = np.full((count, SIDE, SIDE), np.inf, np.float32)
    boxes = sliding_window_view(nearest, (side, side), axis=(1, 2), writeable=True)
    images = np.arange(count)
    for s in range(segments):
        from_a = (corner[:, s] - a[:, s])[..., None].astype(np.float32) + within  # [N, 2, side]
        share = from_a * (d[:, s] / length2[:, s, None])[:, :, None]
        square = from_a**2 * unit[:, s, None, None]
        w = share[:, 0, None, :] + share[:, 1, :, None]
        t = np.clip(w, 0, 1)
        w *= -2
        w += t
        w *= t
        w *= (length2[:, s] * unit[:, s])[:, None, None]
        w += square[:, 0, None, :]
        w += square[:, 1, :, None]
        box = images, corner[:, s, 1], corner[:, s, 0]
        boxes[box] = np.minimum(boxes[box], w)
    distance = np.sqrt(np.maximum(nearest, 0, out=nearest), out=nearest)
    covered = (1 - distance) * edge[:, None, None] + np.float32(0.5)
    ink: _Floats = np.clip(covered, 0, 1, out=covered)
    return ink


@functools.cache
def _tables() -> _Tables:
    """The forms as arrays; computed once."""
    compiled = [_compile(form) for form in FORMS]
    most = max(len(controls) for controls, *_ in compiled)
    label = np.array([form.label for form in FORMS])
    weight = np.array([form.weight for form in FORMS], np.float32)
    weight /= np.array([weight[label == one].sum() for one in label])
    return _Tables(
        label=label,
        weight=weight,
        aspect=np.array([form.aspect for form in FORMS], np.float32),
        controls=np.stack([np.pad(c, ((0, most - len(c)), (0, 0))) for c, *_ in compiled]),
        curve=np.stack([np.pad(m, ((0, 0), (0, most - m.shape[1]))) for _, m, *_ in compiled]),
        along=np.stack([along for _, _, along, _ in compiled]),
        to_end=np.stack([to_end for *_, to_end in compiled]),
    )


def _compile(form: Form) -> tuple[_Floats, _Floats, _Floats, _Floats]:
    """Control points, the matrix from them to the ends of segments, and positions along the pen."""
    controls: list[Point] = []
    pieces: list[tuple[int, list[int]]] = []  # the stroke and the control points of a smooth piece
    for number, stroke in enumerate(form.strokes):
        piece: list[int] = []
        for point in stroke:
            if piece and controls[piece[-1]] == point:
                pieces.append((number, piece))
                piece = [piece[-1]]
            else:
                controls.append(point)
                piece = [*piece, len(controls) - 1]
        pieces.append((number, piece))
    places = np.array(controls, np.float32)
    lengths = np.array([np.hypot(*np.diff(places[p], axis=0).T).sum() for _, p in pieces])
    rows, stroke_of = [], []
    for (number, piece), share in zip(pieces, _shares(lengths), strict=True):
        whole = np.zeros((share + 1, len(controls)), np.float32)
        whole[:, piece] = _catmull_rom(len(piece), share)
        rows.append(whole)
        stroke_of += [number] * share
    curve = np.concatenate([r[:-1] for r in rows] + [r[1:] for r in rows])
    a, b = np.split(curve @ places, 2)
    ends = np.cumsum(np.hypot(*(b - a).T))
    ends /= ends[-1]
    starts = np.concatenate([[0], ends[:-1]])
    of = np.array(stroke_of)
    first = np.array([starts[of == n][0] for n in of])
    last = np.array([ends[of == n][-1] for n in of])
    to_end = np.concatenate(
        [np.minimum(starts - first, last - starts), np.minimum(ends - first, last - ends)]
    )
    along = np.concatenate([starts, ends])
    return places, curve, along.astype(np.float32), to_end.astype(np.float32)


def _shares(lengths: NDArray[np.floating]) -> list[int]:
    """Divides SEGMENTS among pieces by their length, each at least a few."""
    spare = SEGMENTS - _LEAST_PER_PIECE * len(lengths)
    ends = np.round(np.cumsum(lengths) / lengths.sum() * spare).astype(int)
    return [int(share) + _LEAST_PER_PIECE for share in np.diff(ends, prepend=0)]


def _catmull_rom(points: int, segments: int) -> _Floats:
    """The matrix [segments + 1, points] of a curve through its points, ends mirrored."""
    position = np.linspace(0, points - 1, segments + 1)
    span = np.minimum(position.astype(int), points - 2)
    t = position - span
    weights = 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    )
    padded = np.zeros((segments + 1, points + 2))
    for offset, weight in enumerate(weights):
        padded[np.arange(segments + 1), span + offset] += weight
    padded[:, 1] += 2 * padded[:, 0]  # the point before the first is 2 p_0 - p_1
    padded[:, 2] -= padded[:, 0]
    padded[:, -2] += 2 * padded[:, -1]
    padded[:, -3] -= padded[:, -1]
    return padded[:, 1:-1].astype(np.float32)
