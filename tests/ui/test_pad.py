"""What Python accepts from the pad."""

import base64

import pytest

from ui.pad.pad import _read

SHAPE = (1, 2, 3)
PIXELS = bytes([0, 255, 7, 8, 9, 10])
GOOD = {
    "token": "t",
    "name": "strokes:3",
    "edited": True,
    "shape": [1, 2, 3],
    "pixels": base64.b64encode(PIXELS).decode(),
}


def test_a_drawing_is_read():
    drawing = _read(GOOD, "t", {SHAPE, (3, 4, 4)})
    assert drawing.pixels.tobytes() == PIXELS
    assert drawing.pixels.shape == SHAPE
    assert (drawing.name, drawing.edited) == ("strokes:3", True)


@pytest.mark.parametrize(
    "state",
    [
        None,
        "text",
        {**GOOD, "token": "of another base"},
        {**GOOD, "pixels": "no base64 at all!"},
        {**GOOD, "pixels": base64.b64encode(PIXELS[:-1]).decode()},
        {**GOOD, "pixels": 5},
        {**GOOD, "shape": [1, 3, 2]},
        {**GOOD, "shape": 6},
        {**GOOD, "shape": [[1], 2, 3]},
        {**GOOD, "shape": [3, 4, 4]},
        {"token": "t"},
    ],
)
def test_what_makes_no_sense_is_ignored(state):
    assert _read(state, "t", {SHAPE, (3, 4, 4)}) is None
