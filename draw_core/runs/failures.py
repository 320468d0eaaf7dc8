"""What to say when a run fails: one sentence on what went wrong and what to change."""

import errno

import torch

from draw_core.data.registry import DataError
from draw_core.learning.train import TrainingDiverged
from draw_core.runs.run import RunError
from draw_core.store.checkpoint import CheckpointError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def is_expected(error: Exception) -> bool:
    """Whether its sentence says all there is, so that nobody needs to see where it came from."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, TrainingDiverged | DataError | CheckpointError | RunError)


def explain(error: Exception) -> str | None:
    """The sentence for an error; None for one that nobody thought of."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return (
            "The disk is full; delete trainings or files, then resume this one. Its last "
            "checkpoint is whole."
        )
    if _is_out_of_memory(error):
        return (
            "There is not enough memory for this configuration; use a smaller batch, fewer steps "
            "T or smaller layers."
        )
    if isinstance(error, TrainingDiverged | DataError | CheckpointError | RunError | ValueError):
        return str(error)
    if isinstance(error, OSError):
        return f"A file could not be read or written: {error}."
    return None


def _is_out_of_memory(error: Exception) -> bool:
    # On the CPU, PyTorch has no exception of its own for it.
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "allocate memory" in str(error)
    )
