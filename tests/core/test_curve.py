"""The cost curve beside a checkpoint's weights."""

import json

import numpy as np
import pytest

from draw_core.store import curve
from draw_core.store.curve import CostCurve

FLOATS = [np.array(v, np.float32) for v in ([1, 2, 3], [9.12345, 8, 7], [2, 3], [8.5, 7.25])]

GOOD = '{"format": "draw-curve/1", "step": [1, 2], "train": [1, 2]'
ARRAYS = ("step", "train", "test_step", "test")


def test_what_is_written_is_read_again(tmp_path):
    written = CostCurve(*FLOATS, test_images=300, test_spread=True)
    (tmp_path / curve.CURVE).write_text(written.to_json())
    found = curve.load_curve(tmp_path)
    assert found
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(found, name), getattr(written, name), atol=5e-4)
    assert (found.test_images, found.test_spread) == (300, True)
    assert json.loads((tmp_path / curve.CURVE).read_text())["unit"] == "nats"


def test_what_is_no_number_is_left_out(tmp_path):
    broken = [np.array(v, np.float32) for v in ([1, 2, 3], [9, np.nan, 7], [1], [np.inf])]
    (tmp_path / curve.CURVE).write_text(CostCurve(*broken).to_json())
    found = curve.load_curve(tmp_path)
    assert found
    assert [getattr(found, name).tolist() for name in ARRAYS] == [[1, 3], [9, 7], [], []]


def test_a_curve_of_before_says_nothing_of_its_test_images(tmp_path):
    (tmp_path / curve.CURVE).write_text(
        '{"format": "draw-curve/1", "step": [1, 2], "train": [9, 8], "test_step": [2], "test": [8]}'
    )
    found = curve.load_curve(tmp_path)
    assert found
    assert (found.test_images, found.test_spread) == (0, False)
    assert found.test.tolist() == [8]


def test_without_a_file_there_is_none(tmp_path):
    assert curve.load_curve(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        "nonsense",
        "[1, 2]",
        '{"format": "other", "step": [1, 2], "train": [1, 2]}',
        '{"format": "draw-curve/1", "step": [1, 2], "train": [1]}',
        '{"format": "draw-curve/1", "step": [1, "x"], "train": [1, 2]}',
        '{"format": "draw-curve/1", "step": [1, 1e999], "train": [1, 2]}',
        '{"format": "draw-curve/1", "step": [1], "train": [1]}',
        "[" * 100_000,
        GOOD + ', "test_images": "300"}',
        GOOD + ', "test_images": 3.5}',
        GOOD + ', "test_images": true}',
        GOOD + ', "test_images": -1}',
        GOOD + ', "test_images": 1' + "0" * 400 + "}",
        GOOD + ', "test_spread": 1}',
        GOOD + ', "test_spread": null}',
    ],
)
def test_a_broken_curve_is_none(tmp_path, content):
    (tmp_path / curve.CURVE).write_text(GOOD + "}")
    assert curve.load_curve(tmp_path)
    (tmp_path / curve.CURVE).write_text(content)
    assert curve.load_curve(tmp_path) is None
