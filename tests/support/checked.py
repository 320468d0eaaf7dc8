"""To be imported before any test: from then on the shapes of all tensors are checked."""

import os
import sys

import hypothesis
import torch
from jaxtyping import install_import_hook

from draw_core.families import registry  # noqa: F401
from draw_core.families.draw import film  # noqa: F401
from draw_core.film import files  # noqa: F401
from draw_core.store import card  # noqa: F401

# Compiled files are kept, also where the machine says otherwise: the tests start many processes.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The hook checks what is imported from here on. Configurations, cards and films, imported above,
# hold no tensors and refuse wrong values themselves, which the tests must see.
install_import_hook("draw_core", "beartype.beartype")

# The same examples at every run, and no limit on time: a busy machine must not fail a test.
STEADY = hypothesis.settings(derandomize=True, deadline=None, database=None, max_examples=100)
hypothesis.settings.register_profile("steady", STEADY)
hypothesis.settings.register_profile("quick", STEADY, max_examples=20)
hypothesis.settings.load_profile("steady")

# As the runs of the tests have it: more threads, or a GPU, add up in another order.
torch.set_num_threads(1)
os.environ["DRAW_DEVICE"] = "cpu"
