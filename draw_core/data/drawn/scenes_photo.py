"""Photo-like pictures: a ray-traced still life, a sunset over a lake, a house number."""

import itertools

import numpy as np
from jaxtyping import Float64, UInt8

_SAMPLES = 3  # rays a pixel, along each side
Vectors = Float64[np.ndarray, "*P 3"]
Values = Float64[np.ndarray, "*P"]

# Centre and radius (the floor is y = 0, x to the right, z away from the eye), colour, mirror share.
_SPHERES = (
    ((-0.95, 1.0, 0.3), 1.0, (0.80, 0.13, 0.09), 0.10),
    ((1.05, 0.78, 0.75), 0.78, (0.93, 0.93, 0.95), 0.62),
    ((0.28, 0.42, -0.85), 0.42, (0.05, 0.33, 0.72), 0.10),
    ((-1.15, 0.26, -1.15), 0.26, (0.95, 0.68, 0.10), 0.10),
)
_LIGHT = np.array([-4.0, 6.5, -4.5])
_EYE, _AIM, _ZOOM = np.array([0.15, 1.75, -5.4]), np.array([0.02, 0.62, 0.0]), 2.3


def still_life(size: int) -> UInt8[np.ndarray, "3 S S"]:
    """Spheres on a floor, lit by a lamp and the room, one reflection deep."""
    fine = size * _SAMPLES
    across = (np.arange(fine) + 0.5) / fine * 2 - 1
    forward = _unit(_AIM - _EYE)
    right = _unit(np.cross([0.0, 1.0, 0.0], forward))
    up = np.cross(forward, right)
    x, y = np.meshgrid(across, -across)
    rays = _unit(_ZOOM * forward + x[..., None] * right + y[..., None] * up).reshape(-1, 3)
    colours = _trace(np.broadcast_to(_EYE, rays.shape), rays, bounces=2)
    return _developed(0.5 * _averaged(colours, size))


def _trace(origins: Vectors, rays: Vectors, bounces: int) -> Vectors:
    """The light that comes back along each ray, linear."""
    distance = np.full(len(rays), np.inf)
    hit = np.full(len(rays), -2)
    with np.errstate(divide="ignore"):
        to_floor = -origins[:, 1] / rays[:, 1]
    on_floor = (to_floor > 1e-6) & (to_floor < 30)
    distance[on_floor], hit[on_floor] = to_floor[on_floor], -1
    for number, (middle, radius, _, _) in enumerate(_SPHERES):
        near = _to_sphere(origins, rays, np.array(middle), radius)
        closer = near < distance
        distance[closer], hit[closer] = near[closer], number
    colours = _room(rays)
    seen = hit > -2
    points = origins[seen] + distance[seen, None] * rays[seen]
    colours[seen] = _lit(points, rays[seen], hit[seen], bounces)
    far = np.clip((distance[seen] - 7) / 14, 0, 1)[:, None] * (hit[seen] == -1)[:, None]
    colours[seen] += far * (_room(rays[seen] * [1, 0, 1]) - colours[seen])
    return colours


def _lit(points: Vectors, rays: Vectors, hit: np.ndarray, bounces: int) -> Vectors:
    middles = np.array([one[0] for one in _SPHERES])
    radii = np.array([one[1] for one in _SPHERES])
    paints = np.array([one[2] for one in _SPHERES])
    mirrors = np.array([one[3] for one in _SPHERES])
    floor = hit == -1
    normals = np.where(floor[:, None], [0.0, 1.0, 0.0], (points - middles[hit]) / radii[hit, None])
    dark = (np.floor(points[:, 0] / 0.8) + np.floor(points[:, 2] / 0.8)) % 2 == 0
    tiles = np.where(dark[:, None], (0.10, 0.085, 0.075), (0.74, 0.70, 0.63))
    paint = np.where(floor[:, None], tiles, paints[hit])
    mirror = np.where(floor, 0.06, mirrors[hit])

    points = points + 1e-4 * normals
    to_light = _LIGHT - points
    reach = np.linalg.norm(to_light, axis=1)
    toward = to_light / reach[:, None]
    free = _free_of_shadow(points)
    facing = np.clip((normals * toward).sum(1), 0, None) * free * 62 / reach**2
    # Of the room more light comes from above; close to the floor and to spheres there is less.
    around = (0.5 + 0.5 * normals[:, 1]) * np.where(floor, _open_sky(points), 1.0)
    around = around * np.where(floor, 1, np.clip(0.35 + 0.65 * points[:, 1] / 0.8, 0, 1))
    ambient = around[:, None] * [0.30, 0.34, 0.42]
    colours = paint * (facing[:, None] * [1.0, 0.93, 0.82] + ambient)
    mirrored = rays - 2 * (rays * normals).sum(1, keepdims=True) * normals
    shine = np.clip((mirrored * toward).sum(1), 0, None) ** 90 * free * ~floor
    slant = 1 - np.clip(-(rays * normals).sum(1), 0, 1)
    share = mirror + (1 - mirror) * np.where(floor, 0.35, 0.6) * slant**5  # Schlick
    if bounces > 1:
        colours += share[:, None] * (_trace(points, mirrored, bounces - 1) - colours)
    return np.asarray(colours + 1.6 * shine[:, None])


def _to_sphere(origins: Vectors, rays: Vectors, middle: np.ndarray, radius: float) -> Values:
    """Distance along each ray, infinite where it passes by."""
    away = origins - middle
    half = (away * rays).sum(1)
    inside = half**2 - (away**2).sum(1) + radius**2
    near = -half - np.sqrt(np.maximum(inside, 0))
    return np.where((inside > 0) & (near > 1e-6), near, np.inf)


def _free_of_shadow(points: Vectors) -> Values:
    """How much of the lamp is seen: 1 in the light, 0 in the shadow, between at its soft edge."""
    reach = np.linalg.norm(_LIGHT - points, axis=1, keepdims=True)
    toward = (_LIGHT - points) / reach
    free = np.ones(len(points))
    for middle, radius, _, _ in _SPHERES:
        away = np.array(middle) - points
        along = (away * toward).sum(1)
        beside = np.sqrt(np.maximum((away**2).sum(1) - along**2, 0))
        soft = 0.09 * np.maximum(along, 0) + 1e-3
        free *= np.where(along > 0, np.clip((beside - radius) / soft + 0.5, 0, 1), 1)
    return free


def _open_sky(points: Vectors) -> Values:
    """How much of the room a place of the floor sees beside the spheres."""
    seen = np.ones(len(points))
    for middle, radius, _, _ in _SPHERES:
        square = ((points - middle) ** 2).sum(1)
        seen *= 1 - (radius**2 / np.maximum(square, radius**2)) * 0.8
    return seen


def _room(rays: Vectors) -> Vectors:
    """A wall, brighter at the left, where the lamp is."""
    height = np.clip(rays[:, 1:2] * 1.4 + 0.25, 0, 1)
    side = np.clip(0.5 - 0.6 * rays[:, :1], 0, 1)
    wall = (1 - height) * [0.46, 0.40, 0.36] + height * [0.13, 0.17, 0.25]
    return np.asarray(wall * (0.55 + 0.75 * side))


# Ridges from the farthest to the nearest: height of the middle, of the peaks, roughness, colour.
_RIDGES = (
    (0.455, 0.10, 2.2, (0.36, 0.27, 0.40)),
    (0.500, 0.075, 3.6, (0.20, 0.16, 0.27)),
    (0.545, 0.055, 5.5, (0.085, 0.085, 0.13)),
)
_SHORE = 0.60  # of the height
_SUN = (0.37, 0.385)


def lake(size: int) -> UInt8[np.ndarray, "3 S S"]:
    """A sunset: sky with clouds, the sun, three ridges, all of it mirrored by rippled water."""
    fine = 2 * size
    steps = (np.arange(fine) + 0.5) / fine
    x, y = np.meshgrid(steps, steps)
    below = np.maximum(y - _SHORE, 0)
    # Water shows what is above the shore, moved by ripples that are longer toward the eye.
    depth = below / (1 - _SHORE)
    waves = _noise(x * (11 - 6 * depth) + 40, 26 * np.log(0.06 + depth) + 90, 17)
    shift = (waves - 0.5) * (0.03 + 0.13 * depth) * (below > 0)
    view_y = np.where(below > 0, _SHORE - below * 1.35 + shift, y)
    light = _above(x + 0.25 * shift, view_y)
    water = light * [0.62, 0.66, 0.74] + [0.010, 0.016, 0.026]
    water += (np.clip(waves - 0.62, 0, 1) * 0.22 * depth)[..., None] * [1.0, 0.72, 0.5]
    light = np.where((below > 0)[..., None], water, light)
    light = _with_reeds(light, x, y)
    return _developed(0.62 * _averaged(light, size))


def _above(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sky and ridges at these places, linear light."""
    stops = np.array([-0.3, 0.0, 0.2, 0.36, 0.47, 0.6])
    colours = np.array(
        [
            (0.045, 0.075, 0.19),
            (0.07, 0.12, 0.28),
            (0.22, 0.22, 0.38),
            (0.72, 0.36, 0.27),
            (1.05, 0.58, 0.22),
            (1.10, 0.66, 0.28),
        ]
    )
    light = np.stack([np.interp(y, stops, channel) for channel in colours.T], axis=-1)
    away = np.hypot(x - _SUN[0], y - _SUN[1])
    clouds = _noise(x * 3.2 + 3, y * 13, 3) * 0.65 + _noise(x * 8, y * 30, 4) * 0.35
    cover = np.clip((clouds - 0.50) * 4.5, 0, 1) * np.clip(1.25 - 2.3 * y, 0, 1)
    lit = np.clip(1.15 - 1.7 * away, 0.06, 1)[..., None] * [1.15, 0.46, 0.30]
    light += cover[..., None] * 0.75 * (lit + np.array([0.05, 0.05, 0.10]) - light)
    light += (0.55 * np.exp(-away / 0.09) + 0.10 * np.exp(-away / 0.3))[..., None] * [1.3, 0.8, 0.4]
    light += np.clip((0.052 - away) / 0.004, 0, 1)[..., None] * [4.0, 3.0, 1.7]
    for number, (middle, peaks, rough, colour) in enumerate(_RIDGES):
        line = _line(x * rough, 30 + number) + 0.35 * _line(x * rough * 5, 40 + number)
        line = line + (number == 2) * (0.45 * _line(x * 60, 50) + 0.07)  # trees
        under = np.clip((y - (middle - 1.7 * peaks * line)) * 300, 0, 1)[..., None]
        haze = 0.55 * np.exp(-away / 0.22)[..., None] * (1 - 0.42 * number)
        light += under * (np.array(colour) * 0.55 + haze * [0.95, 0.45, 0.22] - light)
    return np.asarray(light)


def _with_reeds(light: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Dark reeds in the lower right corner: the sharpest and finest lines of the picture."""
    rng = np.random.default_rng(12)
    for root, lean, top in zip(
        rng.uniform(0.66, 1.0, 16),
        rng.normal(0, 0.05, 16),
        rng.uniform(0.62, 0.86, 16),
        strict=True,
    ):
        rise = np.clip((1 - y) / (1 - top), 0, 1)
        width = 0.0075 * (1 - 0.75 * rise)
        blade = np.clip((width - np.abs(x - root - lean * rise**2)) * 300 + 0.5, 0, 1) * (y > top)
        light = light + blade[..., None] * (np.array([0.012, 0.016, 0.02]) - light)
    return light


def house_number(size: int) -> UInt8[np.ndarray, "3 S S"]:
    """An enamel plate with a number on a brick wall, in the light of the evening."""
    fine = 2 * size
    steps = (np.arange(fine) + 0.5) / fine
    x, y = np.meshgrid(steps, steps)
    light = _bricks(x, y)
    # The plate throws its shadow down to the right.
    for soft, dark, low in ((0.05, 0.55, 0.035), (0.014, 0.35, 0.016)):
        shadow = np.clip(0.5 - _plate(x - low * 0.8, y - low) / soft, 0, 1)
        light *= 1 - dark * shadow[..., None]
    inside = _plate(x, y)
    bulge = 1.12 - 0.5 * np.hypot(x - 0.36, y - 0.30)
    enamel = np.array([0.022, 0.075, 0.30]) * bulge[..., None]
    enamel += 0.09 * np.exp(-(((x + 0.55 * y - 0.50) / 0.075) ** 2))[..., None]  # a reflection
    white = np.array([0.80, 0.79, 0.74]) * bulge[..., None]
    rim = np.clip(0.5 + (0.011 - np.abs(inside + 0.034)) * fine, 0, 1)
    painted = np.maximum(_digits(x, y), rim)[..., None]
    enamel += painted * (white - enamel)
    for middle in (0.175, 0.825):  # screws
        away = np.hypot(x - middle, y - 0.47)
        enamel *= (
            1 - 0.6 * np.clip(1.4 - np.hypot(x - middle - 0.006, y - 0.478) / 0.02, 0, 1)[..., None]
        )
        head = np.clip(0.5 + (0.016 - away) * fine, 0, 1)[..., None]
        enamel += head * (
            (0.42 - 9 * (x - middle + y - 0.47))[..., None] * [1.0, 0.95, 0.85] - enamel
        )
    cover = np.clip(0.5 - inside * fine, 0, 1)[..., None]
    light += cover * (enamel - light)
    lamp = 1.18 - 0.75 * np.hypot(x - 0.15, y - 0.05)
    return _developed(_averaged(light * lamp[..., None] * [1.06, 0.98, 0.88], size))


def _plate(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance to the edge of the plate, negative inside; its corners are round."""
    out_x = np.abs(x - 0.5) - (0.40 - 0.09)
    out_y = np.abs(y - 0.47) - (0.27 - 0.09)
    outside = np.hypot(np.maximum(out_x, 0), np.maximum(out_y, 0))
    return np.asarray(outside + np.minimum(np.maximum(out_x, out_y), 0) - 0.09)


def _digits(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The number 27 painted on the plate with a broad brush, 0..1."""
    turn = np.linspace(-3.0, 0.72, 24)
    bow = np.stack([0.385 + 0.080 * np.cos(turn), 0.395 + 0.078 * np.sin(turn)], axis=1)
    two = np.concatenate([bow, [(0.303, 0.618), (0.480, 0.618)]])
    seven = np.array([(0.545, 0.325), (0.700, 0.325), (0.606, 0.618)])
    away = np.full(x.shape, np.inf)
    for line in (two, seven):
        for (from_x, from_y), (to_x, to_y) in itertools.pairwise(line):
            run, fall = to_x - from_x, to_y - from_y
            part = ((x - from_x) * run + (y - from_y) * fall) / (run**2 + fall**2)
            part = np.clip(part, 0, 1)
            away = np.minimum(away, np.hypot(x - from_x - part * run, y - from_y - part * fall))
    return np.asarray(np.clip(0.5 + (0.024 - away) * len(x), 0, 1))


def _bricks(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    high, wide = 0.085, 0.235
    rough = _noise(x * 70, y * 70, 60)
    row = np.floor(y / high + 0.3)
    along = x / wide + 0.5 * (row % 2) + 0.21
    column = np.floor(along)
    edge = np.minimum.reduce(
        [
            (along - column) * wide,
            (1 - along + column) * wide,
            (y / high + 0.3 - row) * high,
            (1 - y / high - 0.3 + row) * high,
        ]
    )
    face = np.clip((edge - 0.006 - 0.004 * rough) * 220, 0, 1)[..., None]
    kind = np.random.default_rng(61).random((64, 64))
    tone = kind[row.astype(int) % 64, column.astype(int) % 64][..., None]
    brick = (1 - tone) * [0.36, 0.105, 0.06] + tone * [0.52, 0.22, 0.12]
    stains = _noise(x * 9, y * 9, 62)
    brick = brick * (0.55 + 0.45 * rough + 0.35 * (stains - 0.5))[..., None]
    lit = np.clip(0.02 - (y / high + 0.3 - row) * high, 0, 1)[..., None] * 3
    mortar = np.array([0.34, 0.31, 0.27]) * (0.5 + 0.5 * rough)[..., None]
    return np.asarray(mortar + face * (brick + lit * 0.3 - mortar))


def _line(x: np.ndarray, seed: int) -> np.ndarray:
    """Noise of one direction in -0.5..0.5, straight between whole places, again after 64."""
    values = np.random.default_rng(seed).random(64) - 0.5
    return np.asarray(np.interp(x, np.arange(64), values, period=64))


def _noise(x: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Value noise in 0..1: random values at whole places, smooth between."""
    table = np.random.default_rng(seed).random((256, 256))
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - column, y - row
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    above = table[row % 256, column % 256] * (1 - u) + table[row % 256, (column + 1) % 256] * u
    row = row + 1
    below = table[row % 256, column % 256] * (1 - u) + table[row % 256, (column + 1) % 256] * u
    return np.asarray(above * (1 - v) + below * v)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _averaged(light: np.ndarray, size: int) -> Float64[np.ndarray, "S S 3"]:
    """The mean of the samples of each pixel."""
    fine = round((light.size / 3) ** 0.5)
    samples = fine // size
    return np.asarray(light.reshape(size, samples, size, samples, 3).mean((1, 3)))


def _developed(light: Float64[np.ndarray, "S S 3"]) -> UInt8[np.ndarray, "3 S S"]:
    """Linear light as 8-bit sRGB, highlights rolled off as a film does."""
    film = np.clip(light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14), 0, 1)
    return np.ascontiguousarray((255 * film ** (1 / 2.2) + 0.5).astype(np.uint8).transpose(2, 0, 1))
