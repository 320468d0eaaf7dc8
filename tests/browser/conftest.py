"""Servers that the browser tests of one process share."""

import tests.support.checked  # noqa: F401 - loaded before pytest_configure  # isort: skip

import contextlib
from collections.abc import Callable, Iterator

import pytest

from draw_core.families.rebuilt import Rebuilt
from tests.support import browser as machine
from tests.support.browser import HOME, ROOT, Server, without_faults
from tests.support.lab_page import APP as LAB, LabVisitor
from tests.support.loop_page import PLAIN, SEED, run_of
from tests.support.visitor import Visitor


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Gives the server of a script: the same to all who ask with the same environment.

    What its log holds at the end of a file may be that file's fault or an earlier one's.
    """
    servers: dict[tuple, Server] = {}
    with contextlib.ExitStack() as stack:

        def server_of(script: object, **environment: str) -> Server:
            key = (script, *sorted(environment.items()))
            if key not in servers:
                log = tmp_path_factory.mktemp("server") / "log"
                servers[key] = stack.enter_context(Server(script, log, **environment))
            return servers[key]

        yield server_of


@pytest.fixture(scope="session")
def one_model(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a server with one small model, no data and no runs."""
    folder = tmp_path_factory.mktemp("one")
    machine.write_checkpoint(folder / "checkpoints", machine.pen())
    names = {"CHECKPOINTS": "checkpoints", "RUNS_DIR": "runs", "DATA_ROOT": "data"}
    return {f"DRAW_{name}": str(folder / path) for name, path in names.items()}


@pytest.fixture(scope="module")
def home(serve: Callable[..., Server], one_model: dict[str, str]) -> Iterator[str]:
    """The application, with one model."""
    server = serve(HOME, **one_model)
    yield server.url
    without_faults(server)


@pytest.fixture(scope="module")
def lab_url(serve: Callable[..., Server]) -> Iterator[str]:
    """A page with the attention lab alone."""
    server = serve(LAB)
    yield server.url
    without_faults(server)


@pytest.fixture
def go(visit: Callable[..., Visitor], lab_url: str) -> Callable[..., LabVisitor]:
    """Opens the lab with a query."""

    def open_lab(query: str, **options: object) -> LabVisitor:
        return LabVisitor(visit(f"{lab_url}/?{query}", has_stage=False, **options))

    return open_lab


@pytest.fixture(scope="session")
def loop_models(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network with both windows and one with neither."""
    root = tmp_path_factory.mktemp("checkpoints")
    machine.write_checkpoint(root, machine.pen())
    machine.write_checkpoint(root, machine.pen(**PLAIN, height=20), "plain")
    return str(root)


@pytest.fixture(scope="module")
def loop_url(serve: Callable[..., Server], loop_models: str) -> Iterator[str]:
    """A page with the loop."""
    server = serve(ROOT / "tests/support/apps/loop.py", DRAW_CHECKPOINTS=loop_models)
    yield server.url
    without_faults(server)


@pytest.fixture(scope="session")
def run() -> Rebuilt:
    """What the page of the loop shows, by PyTorch."""
    return run_of(SEED)


@pytest.fixture(scope="module")
def pad_url(serve: Callable[..., Server]) -> str:
    """A page with a pad."""
    return serve(ROOT / "tests/support/apps/pad.py").url
