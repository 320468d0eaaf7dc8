"""A fresh server shows its pages whole to those who come at once: ``benchmarks/cold.py``, short."""

from benchmarks import cold
from tests.support.browser import HOME, Server


def test_six_visitors_at_once_see_the_button_that_trains(chromium, tmp_path, mnist_root):
    environment = {"DRAW_RUNS_DIR": str(tmp_path / "runs"), "DRAW_DATA_ROOT": str(mnist_root)}
    with Server(HOME, tmp_path / "log", OMP_NUM_THREADS="1", **environment) as server:
        seen = cold.open_at_once(chromium, server, "Train", 6)
    assert (seen.lacking, seen.complaints) == ([], [])
    assert len(seen.whole_s) == 6


def test_a_page_that_is_not_whole_is_found(chromium, tmp_path, monkeypatch):
    monkeypatch.setattr(cold, "PATIENCE_S", 5.0)
    monkeypatch.setitem(cold.LAST, "", ((".never", "canvas"),))
    with Server(HOME, tmp_path / "log", DRAW_RUNS_DIR=str(tmp_path / "runs")) as server:
        seen = cold.open_at_once(chromium, server, "", 1)
    assert (seen.whole_s, len(seen.lacking)) == ([], 1)
    assert ".never canvas" in seen.lacking[0]
