"""What the curves are sent."""

import json

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from tests.support.apps.curves import run
from ui.curves.curves import KLMap, Reference, Series, pack

NAN = np.nan


def _meta(data: bytes) -> dict:
    """What the header says besides the arrays."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["told"])


def _line(values=(3.0, 2.0), **changes) -> Series:
    at = np.arange(1.0, len(values) + 1)
    given = {"name": "sum", "kind": "loss", "seconds": at, "step": 10 * at, "values": values}
    return Series(**{**given, **changes})


def test_every_series_is_sent_with_both_axes():
    lines, kl = run(20)
    arrays = load(pack(lines, kl=kl))
    assert set(arrays) == {"series0", "series1", "series2", "series3", "kl"}
    for index, line in enumerate(lines):
        sent = arrays[f"series{index}"]
        assert sent.dtype == np.float32
        np.testing.assert_array_equal(
            sent, np.array([line.seconds, line.step, line.values], np.float32)
        )
    assert arrays["kl"].shape == (2 + 16, 39)
    np.testing.assert_array_equal(arrays["kl"][2:].T, kl.kl)


def test_what_is_not_finite_is_a_gap_and_a_point_without_a_time_is_left_out():
    line = _line([5.0, NAN, np.inf, 4.0, 3.0], seconds=[1.0, 2.0, 3.0, NAN, 5.0])
    kl = KLMap([1.0, NAN], [10, 20], [[0.5, -np.inf], [1.0, 1.0]])
    arrays = load(pack([line], kl=kl))
    np.testing.assert_array_equal(
        arrays["series0"], [[1, 2, 3, 5], [10, 20, 30, 50], [5, NAN, NAN, 3]]
    )
    np.testing.assert_array_equal(arrays["kl"], [[1], [10], [0.5], [NAN]])


def test_points_are_put_in_order_of_time():
    arrays = load(pack([_line([1.0, 2.0, 3.0], seconds=[2.0, 1.0, 3.0])]))
    np.testing.assert_array_equal(arrays["series0"], [[1, 2, 3], [20, 10, 30], [2, 1, 3]])


def test_nothing_and_almost_nothing_can_be_sent():
    assert load(pack([])) == {}
    assert load(pack([_line([])]))["series0"].shape == (3, 0)
    assert set(load(pack([], kl=KLMap([], [], np.zeros((0, 4)))))) == set()
    assert set(load(pack([], kl=KLMap([1], [1], np.zeros((1, 0)))))) == set()
    assert load(pack([], kl=KLMap([1], [1], [[7.0]])))["kl"].tolist() == [[1], [1], [7]]


def test_names_travel_as_they_are():
    hostile = "</script><img src=x onerror=alert(1)>\u2028\N{SNOWMAN}\"'"
    meta = _meta(
        pack([_line(run=hostile, name=hostile, words=hostile)], [Reference(hostile, 80.97)])
    )
    assert meta["series"] == [{"name": hostile, "kind": "loss", "run": hostile, "words": hostile}]
    assert meta["references"] == [{"label": hostile, "value": 80.97}]


def test_the_same_points_have_the_same_name_and_others_another():
    names = {
        _meta(data)["id"]
        for data in (
            pack([_line()]),
            pack([_line()]),
            pack([_line([3.0, 2.5])]),
            pack([_line(run="other")]),
            pack([_line()], [Reference("paper", 1.0)]),
            pack([_line()], subject="other"),
        )
    }
    assert len(names) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: _line(kind="train"),
        lambda: _line(seconds=[1.0]),
        lambda: _line([[1.0]], seconds=[[1.0]], step=[[1.0]]),
        lambda: Reference("paper", NAN),
        lambda: KLMap([1.0], [1.0], [1.0]),
        lambda: KLMap([1.0, 2.0], [1.0, 2.0], [[1.0]]),
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must be|is one of|not a finite"):
        wrong()


def test_a_page_sends_the_bytes():
    def page():
        from tests.support.apps.curves import run
        from ui.curves.curves import curves, pack

        lines, kl = run(5)
        curves(key="it", data=pack(lines, kl=kl))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    lines, kl = run(5)
    assert component.proto.bytes == pack(lines, kl=kl)
