"""Ruled, squared and margin lines: what is written decides crop and pen, not the paper."""

import functools

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from draw_core.data.intake.intake import for_digits
from tests.support.picture_bytes import save

SIDE = 300
SHAPES = (
    ((110, 90), (200, 90), (140, 210)),
    ((190, 100), (140, 90), (115, 130), (150, 160), (180, 185), (150, 215), (110, 200)),
)
RED, BLUE = (220, 120, 120), (150, 180, 220)


def _page(shape, *, paper=245, ink=30, line=None, spacing=30, squared=False, margin=None, width=2,
          place=(0, 0), photo=False, lamp=0.0):  # fmt: skip
    image = Image.new("RGB", (SIDE, SIDE), (paper,) * 3)
    drawing = ImageDraw.Draw(image)
    if line:
        line = line if isinstance(line, tuple) else (line,) * 3
        for at in range(15, SIDE, spacing):
            drawing.line([(0, at), (SIDE, at)], fill=line, width=width)
            if squared:
                drawing.line([(at, 0), (at, SIDE)], fill=line, width=width)
    if margin:
        margin = margin if isinstance(margin, tuple) else (margin,) * 3
        drawing.line([(40, 0), (40, SIDE)], fill=margin, width=width)
    points = [(x + place[0], y + place[1]) for x, y in shape]
    drawing.line(points, fill=(ink,) * 3, width=10, joint="curve")
    if photo:
        image = image.filter(ImageFilter.GaussianBlur(1))
    pixels = np.asarray(image).astype(float)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    pixels *= (1 - lamp * (rows + columns) / (2 * SIDE))[..., None]
    if photo:
        pixels += np.random.default_rng(0).normal(0, 2, (SIDE, SIDE, 1))
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return save(image, "JPEG", quality=90) if photo else save(image, "PNG")


@functools.cache
def _result(shape, **page) -> np.ndarray:
    return for_digits(_page(shape, **page), 28, 28)[-1].pixels[0]


def _check_same(found: np.ndarray, plain: np.ndarray) -> None:
    moves = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    moved = [np.roll(found, move, (0, 1)).ravel() for move in moves]
    assert max(np.corrcoef(one, plain.ravel())[0, 1] for one in moved) > 0.85
    for axis in (0, 1):
        sizes = [np.ptp(np.flatnonzero((one > 127).any(axis))) for one in (found, plain)]
        assert abs(sizes[0] - sizes[1]) <= 1
    assert 0.65 < (found > 127).sum() / (plain > 127).sum() < 1.5  # a quarter of a pixel of the pen


@pytest.mark.parametrize("shape", SHAPES, ids=["seven", "five"])
@pytest.mark.parametrize("line", [225, 215, 200, 180, 150, 120, BLUE])
@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("width", [1, 3])
def test_lines_on_evenly_lit_paper_decide_nothing(shape, line, squared, width):
    found = _result(shape, line=line, squared=squared, width=width)
    _check_same(found, _result(shape))


@pytest.mark.parametrize("shape", SHAPES, ids=["seven", "five"])
@pytest.mark.parametrize("margin", [200, 150, 100, RED, BLUE])
@pytest.mark.parametrize("line", [None, 200, BLUE])
def test_a_margin_decides_nothing(shape, margin, line):
    _check_same(_result(shape, margin=margin, line=line), _result(shape))


@pytest.mark.parametrize("seed", range(40))
def test_any_paper_ink_place_and_light(seed):
    rng = np.random.default_rng(seed)
    page = {
        "paper": int(rng.integers(230, 256)),
        "ink": int(rng.integers(0, 81)),
        "place": tuple(int(at) for at in rng.integers(-60, 61, 2)),
        "photo": bool(rng.random() < 0.3),
        "lamp": float(rng.choice([0, 0, 0.35])),
    }
    lines = {
        "line": int(rng.integers(120, 200)),
        "spacing": int(rng.choice([20, 30, 60])),
        "squared": bool(rng.random() < 0.4),
        "width": int(rng.integers(1, 4)),
        "margin": [None, RED, 150][rng.integers(3)],
    }
    shape = SHAPES[seed % 2]
    _check_same(_result(shape, **page, **lines), _result(shape, **page))


def test_it_is_said_that_lines_are_left_out():
    lined, plain = (
        " ".join(step.words for step in for_digits(_page(SHAPES[0], line=line), 28, 28))
        for line in (180, None)
    )
    assert "Printed lines on the paper are fainter than the ink, and are left out." in lined
    assert "lines" not in plain
