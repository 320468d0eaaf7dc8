"""Dask's settings: our own for a cluster of our own, those of its owner for another one.

Dask reads files (in ``~/.config/dask``, ``/etc/dask`` and ``etc/dask`` beside Python's libraries)
and variables (``DASK_*``) when it is imported.
What somebody has set there for other programs (encryption, a lifetime of workers, preloads, limits
of time and memory ...) must not reach a cluster that only this program knows.
"""

import importlib
import os
import site
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_PREFIX = "DASK_"
_WHERE = ("HOME", "USERPROFILE", "DASK_ROOT_CONFIG")  # variables that say where its files are
_OWN: dict[str, Any] = {
    "distributed": {
        "worker": {"profile": {"enabled": False}},  # looks at the training thread all the time
        "scheduler": {"allowed-failures": 0},  # how often to retry is decided by the dispatcher
        "admin": {"system-monitor": {"gil": {"enabled": False}}},
    },
    "logging": {"distributed": "error"},
}


def use_own(folder: str | None = None) -> None:
    """Dask's defaults and what we change of them, whatever files and variables say.

    To be called before :mod:`distributed` is imported, which looks at some of them only then.

    Args:
        folder: where a scheduler or worker of this process keeps its own folder; None for the
            system's folder of temporary files.
    """
    try:
        importlib.import_module("dask.config")
    except (ValueError, TypeError, AttributeError, KeyError):  # a file or variable is damaged
        with _hidden():
            importlib.import_module("dask.config")
    import dask

    dask.config.refresh(paths=[], env={})
    dask.config.update(dask.config.global_config, {**_OWN, "temporary-directory": folder})


def use_those_of_the_user() -> None:
    """What files and variables say.

    Raises:
        ValueError: if one is damaged.
    """
    import dask

    dask.config.refresh()


def environment_without() -> dict[str, str]:
    """The variables of this process without those of Dask."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}


@contextmanager
def _hidden() -> Iterator[None]:
    """Hides files and variables for a moment; Dask has no way to be imported without them."""
    found, prefix, prefixes = dict(os.environ), sys.prefix, site.PREFIXES
    try:
        sys.prefix, site.PREFIXES = os.devnull, []
        for name in found:
            if name.startswith(_PREFIX):
                del os.environ[name]
        os.environ.update(dict.fromkeys(_WHERE, os.devnull))
        yield
    finally:
        sys.prefix, site.PREFIXES = prefix, prefixes
        for name in _WHERE:
            os.environ.pop(name, None)
        os.environ.update(found)
