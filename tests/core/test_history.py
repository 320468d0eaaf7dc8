"""The costs of a run as it learns: what is written, and what a reader of the file gets."""

import json

import numpy as np
import pytest

from draw_core.learning.train import Metrics
from draw_core.runs import history as history_module
from draw_core.runs.history import METRICS, MetricsLog


def _metrics(step: int, loss: float = 3.0) -> Metrics:
    return Metrics(
        step=step,
        loss=float(loss),
        nll=loss - 1.0,
        latent_loss=1.0,
        grad_norm=0.5,
        learning_rate=0.1,
        seconds=step / 10,
        kl=(0.25, 0.75),
    )


def test_metrics_are_averaged_over_an_interval_that_grows(tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(history_module.time, "monotonic", lambda: clock[0])
    log = MetricsLog(tmp_path)
    when = [*np.arange(0.1, 600, 0.1), *np.arange(600, 3600)]  # seconds of each update
    for step, now in enumerate(when, start=1):
        clock[0] = now
        log.add(_metrics(step, loss=step))
    lines = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    times = np.array([when[line["step"] - 1] for line in lines])
    assert 2 <= np.sum(times < 10) / 10 <= 4
    assert 400 < np.sum(times < 600) < 500
    assert len(lines) < 900
    first, second = lines[0]["step"], lines[1]["step"]
    assert lines[1]["loss"] == pytest.approx((first + 1 + second) / 2)
    assert lines[1]["kl"] == [0.25, 0.75]
    assert log.loss == lines[-1]["loss"]


def test_history_reads_what_was_written_and_thins_by_means(tmp_path):
    log = MetricsLog(tmp_path)
    for step in range(1, 11):
        log.add(_metrics(step, loss=step))
        log.flush()
        log.test(step, step / 10, 5.0, 2.0, 100)
    history = history_module.read_history(tmp_path)
    np.testing.assert_array_equal(history.step, np.arange(1, 11))
    np.testing.assert_allclose(history.seconds, np.arange(1, 11) / 10)
    np.testing.assert_allclose(history.loss, history.nll + history.latent_loss)
    np.testing.assert_allclose(history.kl, [[0.25, 0.75]] * 10)
    np.testing.assert_allclose(history.test_nll + history.test_latent, [7.0] * 10)
    assert history.test_images == 100
    assert {v.dtype for v in vars(history).values() if isinstance(v, np.ndarray)} == {
        np.dtype(np.float32)
    }
    thin = history_module.read_history(tmp_path, max_points=4)
    np.testing.assert_allclose(thin.loss, [2, 5, 8, 10])
    assert thin.kl.shape == (4, 2)


def _tests(folder, *spread: bool) -> history_module.History:
    """A history with such bounds, 10 nats better on the first images of the set."""
    log = MetricsLog(folder)
    for step, well in enumerate(spread, 1):
        log.test(step, step / 10, 60.0 + 10 * well, 20.0, 300, spread=well)
    return history_module.read_history(folder, max_points=4)


def test_the_costs_say_how_the_test_images_were_chosen(tmp_path):
    costs = _tests(tmp_path, True, True).costs()
    assert (costs.test_images, costs.test_spread) == (300, True)
    np.testing.assert_array_equal(costs.test, [90, 90])


def test_a_line_of_before_is_of_the_first_images(tmp_path):
    line = {"step": 1, "seconds": 0.1, "test": {"L_x": 60, "L_z": 20, "images": 300}}
    (tmp_path / METRICS).write_text(json.dumps(line) + "\n")
    costs = history_module.read_history(tmp_path).costs()
    assert (costs.test_images, costs.test_spread) == (300, False)
    np.testing.assert_array_equal(costs.test, [80])
    line["test"]["spread"] = "yes"
    (tmp_path / METRICS).write_text(json.dumps(line) + "\n")
    assert not history_module.read_history(tmp_path).costs().test_spread


def test_bounds_on_the_first_images_are_no_part_of_a_curve_on_spread_ones(tmp_path):
    history = _tests(tmp_path, False, False, False, True, True, True, True)
    np.testing.assert_array_equal(history.test_spread, [0, 0.5, 1, 1])  # thinned in pairs
    costs = history.costs()
    np.testing.assert_array_equal(costs.test_step, [5.5, 7])
    np.testing.assert_array_equal(costs.test, [90, 90])
    assert costs.test_spread


@pytest.mark.parametrize("torn", ['{"step": 3, "lo', "\x00\xff", "[]", '{"step": 3}', "12"])
def test_a_torn_line_is_left_out_and_the_next_begins_anew(tmp_path, torn):
    log = MetricsLog(tmp_path)
    log.add(_metrics(1))
    log.flush()
    with (tmp_path / METRICS).open("ab") as file:
        file.write(torn.encode("latin-1"))
    np.testing.assert_array_equal(history_module.read_history(tmp_path).step, [1])
    log.add(_metrics(2))
    log.flush()
    np.testing.assert_array_equal(history_module.read_history(tmp_path).step, [1, 2])


def test_what_was_undone_is_left_out_and_the_file_only_grows(tmp_path):
    log = MetricsLog(tmp_path)
    log.resumed(0)
    assert not (tmp_path / METRICS).exists()
    for step in (1, 2, 3):
        log.add(_metrics(step))
        log.flush()
        log.test(step, 0.1, 1.0, 1.0, 10)
    before = (tmp_path / METRICS).read_bytes()
    log.resumed(1)
    log.add(_metrics(2, loss=9.0))
    log.flush()
    history = history_module.read_history(tmp_path)
    np.testing.assert_array_equal(history.step, [1, 2])
    np.testing.assert_array_equal(history.loss, [3, 9])
    np.testing.assert_array_equal(history.test_step, [1])
    assert (tmp_path / METRICS).read_bytes().startswith(before)
