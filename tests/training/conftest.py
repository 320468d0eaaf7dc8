"""Fixtures of small trainings."""

import tests.support.checked  # noqa: F401 - loaded before pytest_configure  # isort: skip

import pytest

from draw_core import jobs
from draw_core.runs.execution import execute
from draw_core.runs.registry import Run, list_runs
from tests.support import tiny_runs
from tests.support.queued import LONG


@pytest.fixture
def new(tmp_path, mnist_root):
    """Makes runs."""
    return lambda **changes: tiny_runs.new(tmp_path, mnist_root, **changes)


@pytest.fixture(scope="session")
def whole(tmp_path_factory, mnist_root):
    """The same run without any interruption."""
    run = tiny_runs.new(tmp_path_factory.mktemp("runs"), mnist_root)
    assert execute(run.folder).state == "finished"
    return run


@pytest.fixture(scope="session")
def references(tmp_path_factory, mnist_root):
    """Undisturbed runs of 12 and of LONG steps."""
    runs = {
        steps: tiny_runs.new(tmp_path_factory.mktemp("runs"), mnist_root, steps=steps)
        for steps in (12, LONG)
    }
    for run in runs.values():
        assert execute(run.folder).state == "finished"
    return runs


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    """One folder of runs for one dispatcher and one cluster, which all tests of this module use."""
    yield tmp_path_factory.mktemp("runs")
    jobs.shutdown()


@pytest.fixture
def root(shared_root, monkeypatch):
    """The folder of runs, empty."""
    monkeypatch.setenv("DRAW_RUNS_DIR", str(shared_root))
    monkeypatch.delenv("DRAW_SCHEDULER", raising=False)
    yield shared_root
    for entry in list_runs(shared_root):
        Run(shared_root / entry.id).delete()
