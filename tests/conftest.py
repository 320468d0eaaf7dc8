"""Shared fixtures. The shape of every tensor that passes between functions is checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.visitor import Visitor

# A test is quick unless it needs a browser, trains or measures a whole model: the folder of its
# file, its mark and the fixtures it asks for tell.
SLOW_FOLDERS = ("training", "browser")
SLOW_FIXTURES = {"chromium", "trained"}


def _only_quick(config: pytest.Config) -> bool:
    return config.option.markexpr == "quick"


def pytest_configure(config: pytest.Config) -> None:
    if config.option.numprocesses and not hasattr(config, "workerinput"):
        return  # this process only hands tests to others
    from tests.support import checked

    if _only_quick(config):  # the first of all examples
        checked.hypothesis.settings.load_profile("quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What holds nothing quick is not even imported."""
    return (_only_quick(config) and collection_path.name in SLOW_FOLDERS) or None


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder, fixtures = item.path.parent.name, set(getattr(item, "fixturenames", ()))
        if folder == "browser":
            item.add_marker("browser")
        trains = item.get_closest_marker("trains")
        if folder not in SLOW_FOLDERS and not fixtures & SLOW_FIXTURES and not trains:
            item.add_marker("quick")
    # Files that take minutes come first: the short ones then fill what is left of both processes.
    items.sort(key=lambda item: item.path.parent.name not in SLOW_FOLDERS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="renew tests/records: see its module")


@pytest.fixture(scope="session")
def mnist_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small MNIST in torchvision's layout: 24 training and 11 test pictures of grey bars."""
    from tests.support import small_mnist

    return small_mnist.write(tmp_path_factory.mktemp("data"))


# Of one file, not of the session: while it is open, its event loop runs in this thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; where there is none the test is skipped."""
    from playwright.sync_api import sync_playwright

    from tests.support.browser import find_chromium

    path = find_chromium()
    if path is None and "DRAW_REQUIRE_BROWSER" not in os.environ:
        pytest.skip("no Chromium on this machine")
    assert path, "DRAW_REQUIRE_BROWSER is set, but there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable]:
    """Opens an address as a new :class:`Visitor`; in the end no page may have complained.

    A test that has a server of its own asks for it first: a server waits for its open pages.
    """
    from tests.support.visitor import Visitor

    contexts, visitors = [], []

    def open_page(url: str, *, has_stage: bool = True, **options: object) -> Visitor:
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        contexts.append(chromium.new_context(**options))
        visitors.append(Visitor(contexts[-1], url, has_stage=has_stage))
        return visitors[-1]

    yield open_page
    for context in contexts:
        context.close()
    assert [line for visitor in visitors for line in visitor.complaints] == []
