"""What all tests of pages share."""

import functools
from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner

from ui.models import cache


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
