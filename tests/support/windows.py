"""Windows as PyTorch computes them, and the numbers that the pages' scripts are held against.

``python -m tests.support.windows`` writes them anew for ``tests/scripts``, which needs no Python.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from draw_core.film.codecs import BERNOULLI
from draw_core.nets.attention import AttentionParams, filterbank, read_patch, write_patch

REFERENCE = Path(__file__).parents[1] / "scripts" / "reference.json"
GOLDEN = 0.6180339887498949


def params(g_x, g_y, delta, sigma, gamma) -> AttentionParams:
    values = (g_x, g_y, delta, sigma**2, gamma)
    return AttentionParams(*(torch.tensor([float(v)], dtype=torch.float64) for v in values))


def by_pytorch(image: np.ndarray, window: tuple, n: int, pen: tuple | None = None) -> list:
    """F_X, F_Y, the patch, what is written back and the coverage; image [C, H, W] in [0, 1]."""
    x = torch.from_numpy(image)[None]
    _, height, width = image.shape
    p = params(*window)
    f_x, f_y = filterbank(p, height, width, n)
    patch = read_patch(x, p, n)
    back = write_patch(patch, params(*(pen or window)), height, width)
    covered = f_y[0].sum(dim=0)[:, None] * f_x[0].sum(dim=0)
    return [v.numpy() for v in (f_x[0], f_y[0], patch[0], back[0], covered)]


def pattern(count: int) -> np.ndarray:
    """Numbers in [0, 1) that follow no order and that every language computes alike."""
    return (np.arange(count) * GOLDEN) % 1


def cases(count: int) -> Iterator[tuple]:
    """Shapes [C, H, W] of 2 to 100 pixels, N, and windows: half of them far from sensible."""
    random = np.random.default_rng(20150213)

    def ratio(low, high):
        return float(np.exp(random.uniform(np.log(low), np.log(high))))

    for k in range(count):
        height, width = (100, 100) if k == 0 else (round(ratio(2, 100)) for _ in range(2))
        shape = (int(random.choice([1, 3])), height, width)
        n = int(random.integers(2, 25))
        if k % 2:
            g_x, g_y = random.uniform(-1000, 1000, 2)
            window = (g_x, g_y, ratio(1e-3, 1e3), ratio(1e-4, 1e4), ratio(1e-3, 1e3))
        else:
            g_x, g_y = random.uniform(-0.3, 1.3, 2) * (width, height)
            window = (g_x, g_y, ratio(0.05, 20), ratio(0.05, 20), ratio(0.2, 5))
        yield shape, n, tuple(float(f"{v:.6g}") for v in window)
    # Half-way between two pixels, and the ends of every range.
    for window in [(1.5, 1.0, 1.0, 1e-4, 1.0), (1000.0, -1000.0, 1e3, 1e4, 1e3)]:
        yield (1, 3, 4), 2, window
        yield (1, 3, 4), 24, window


def reference() -> dict:
    """What the scripts shall compute.

    ``windows`` has a row for each case: C, H, W, N, g_x, g_y, delta, sigma, gamma, and of each
    array of :func:`by_pytorch` the sum of its numbers times ``1 + pattern``; the image is the
    pattern too.
    ``bytes`` has a row for some canvas bytes: the byte, its logit and its probability.
    """
    rows = []
    for shape, n, window in cases(150):
        image = pattern(int(np.prod(shape))).reshape(shape)
        arrays = by_pytorch(image, window, n)
        sums = [float((a.ravel() * (1 + pattern(a.size))).sum()) for a in arrays]
        rows.append([*shape, n, *window, *sums])
    table = [
        [q, float(BERNOULLI.logits[q]), float(BERNOULLI.values[q])]
        for q in (0, 1, 64, 128, 200, 255)
    ]
    return {"windows": rows, "bytes": table}


if __name__ == "__main__":
    parts = (
        f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]"
        for name, rows in reference().items()
    )
    REFERENCE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
