"""What all tests of pages share."""

import tests.support.checked  # noqa: F401 - loaded before pytest_configure  # isort: skip

import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from draw_core import jobs
from draw_core.runs.execution import execute
from draw_core.runs.registry import Run
from tests.support import tiny_runs
from tests.support.paper_page import write_zoo
from ui.models import cache, runs as model_runs


@pytest.fixture(scope="session", autouse=True)
def _pages_alone() -> Iterator[None]:
    """A page runs without what a server does beside it, and packages are searched only once.

    In the background a server imports torch and starts the process that trains. Every ``AppTest``
    would look for components in all packages that are installed.
    """
    search = functools.cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", search)
        patch.setattr(cache, "warm_up", lambda: None)
        patch.setattr(cache, "warm_up_training", lambda: None)
        yield


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zoo(tmp_path_factory.mktemp("zoo"))


@pytest.fixture
def full(zoo: Path, mnist_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(zoo))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    return zoo


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither models nor data."""
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    return tmp_path / "checkpoints"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, mnist_root: Path) -> Path:
    """The folder of a small finished run."""
    run = tiny_runs.new(tmp_path_factory.mktemp("trained"), mnist_root, name="Trained")
    assert execute(run.folder).state == "finished"
    return run.folder


@pytest.fixture
def runs(tmp_path: Path, mnist_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of runs that the pages see; nothing is really trained."""
    root = tmp_path / "runs"
    root.mkdir()
    monkeypatch.setenv("DRAW_RUNS_DIR", str(root))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))

    def submit(run: Run) -> None:
        queued = dataclasses.replace(run.stored_status(), state="queued", queued=1.0, message="")
        run.write_status(queued)

    monkeypatch.setattr(jobs, "submit", submit)
    monkeypatch.setattr(jobs, "request", lambda run, **wishes: run.request(**wishes))
    model_runs.forget()
    return root
