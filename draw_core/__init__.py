"""DRAW, a recurrent variational autoencoder that paints, apart from any user interface.

:mod:`draw_core.api` is what a program or a notebook calls; its names are found here as well, and
loaded when they are first asked for. ``docs/python.md`` leads through it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from draw_core.api import Model, generate, load, reconstruct

__all__ = ["Model", "generate", "load", "reconstruct"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("draw_core.api"), name)
