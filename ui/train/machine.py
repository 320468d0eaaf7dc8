"""This computer, as far as advice on a training needs to know it."""

import os
from dataclasses import dataclass

from draw_core.base import hardware
from draw_core.base.fields import Precision


@dataclass(frozen=True)
class Machine:
    """What there is; ``memory`` in bytes, or None where that cannot be known.

    ``precision`` is the faster of the two.
    """

    cores: int
    memory: int | None
    precision: Precision
    compiler: bool


def this() -> Machine:
    """A cluster elsewhere may have more."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        memory = None
    return Machine(hardware.cores(), memory, hardware.fast_precision(), hardware.has_compiler())
