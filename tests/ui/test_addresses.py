"""Every address in the record opens the same picture, in the same state, as it did.

A new address is added to the record with the value null, and filled by ``--record``.
"""

from collections.abc import Iterator

import pytest

from draw_core.runs.execution import execute
from tests.support import measured, small_mnist, tiny_runs
from tests.support.opened import opened
from tests.support.records import Record
from ui.models import runs

RUN = "20260101-000000-abcdef"


@pytest.fixture(scope="module")
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    record = Record("addresses", renew=request.config.getoption("record"))
    yield record
    record.close()


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A server with the shipped models, one small training and a small MNIST."""
    root = tmp_path_factory.mktemp("server")
    mnist = small_mnist.write(root / "data", test=40)
    run = tiny_runs.new(root / "new", mnist, name="Trained")
    assert execute(run.folder).state == "finished"
    (root / "runs").mkdir()
    run.folder.rename(root / "runs" / RUN)
    (root / "checkpoints").mkdir()
    for name in (*measured.MODELS, measured.CLASSIFIER, measured.BASELINE):
        (root / "checkpoints" / name).symlink_to(measured.SHIPPED / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRAW_CHECKPOINTS", str(root / "checkpoints"))
        patch.setenv("DRAW_RUNS_DIR", str(root / "runs"))
        patch.setenv("DRAW_DATA_ROOT", str(mnist))
        runs.forget()
        yield
    runs.forget()


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("address", Record("addresses").then)
def test_the_address_opens_what_it_opened(record, address):
    record.compare(address, opened(address))


def test_the_record_has_addresses_of_all_pages():
    pages = [address.partition("?")[0] for address in Record("addresses").then]
    assert len(pages) >= 40
    for page in ("Watch", "Generate", "Reconstruct", "Attention", "Train", "Compare", "Paper"):
        assert page in pages
