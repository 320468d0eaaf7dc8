"""A short part of ``benchmarks/kills.py``: whoever is killed, the training goes on."""

import itertools

from benchmarks import kills
from tests.support import tiny_runs


def test_a_run_survives_its_server_its_worker_and_its_scheduler(tmp_path, mnist_root, monkeypatch):
    monkeypatch.setattr(kills, "_LONGEST_WAIT_S", 1.0)
    monkeypatch.delenv("DRAW_SCHEDULER", raising=False)
    run = kills.new_run(tmp_path, "mnist", mnist_root, tiny_runs.MODEL)
    found = list(itertools.islice(kills.kills(run, seed=0), 3))
    assert [kill.victim for kill in found] == ["server", "worker", "scheduler"]
    assert [kill.while_saving for kill in found] == [False, False, True]
    assert all(kill.resumed for kill in found), run.log()
    assert found[0].reported_s == 0  # the worker of a server that dies saves
    assert max(kill.reported_s for kill in found) < 10.0, found  # a checkpoint is five seconds old
