"""The cost curve beside a checkpoint's weights."""

import json

import numpy as np
import pytest

from draw_core import curve
from draw_core.curve import CostCurve

FLOATS = [np.array(v, np.float32) for v in ([1, 2, 3], [9.12345, 8, 7], [2, 3], [8.5, 7.25])]


def test_what_is_written_is_read_again(tmp_path):
    (tmp_path / curve.CURVE).write_text(CostCurve(*FLOATS).to_json())
    found = curve.load_curve(tmp_path)
    assert found
    for read, written in zip(vars(found).values(), FLOATS, strict=True):
        np.testing.assert_allclose(read, written, atol=5e-4)
    assert json.loads((tmp_path / curve.CURVE).read_text())["unit"] == "nats"


def test_what_is_no_number_is_left_out(tmp_path):
    broken = [np.array(v, np.float32) for v in ([1, 2, 3], [9, np.nan, 7], [1], [np.inf])]
    (tmp_path / curve.CURVE).write_text(CostCurve(*broken).to_json())
    found = curve.load_curve(tmp_path)
    assert found
    assert [v.tolist() for v in vars(found).values()] == [[1, 3], [9, 7], [], []]


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
    ],
)
def test_a_broken_curve_is_none(tmp_path, content):
    (tmp_path / curve.CURVE).write_text(content)
    assert curve.load_curve(tmp_path) is None
