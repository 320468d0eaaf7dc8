"""Independent random streams from one seed, so that no random state has to be saved."""

from enum import IntEnum

import numpy as np
import torch


class Stream(IntEnum):
    """What a stream of random numbers is for; each purpose has its own."""

    WEIGHTS = 0
    ORDER = 1
    TRAIN_NOISE = 2
    BINARISE = 3
    TEST_NOISE = 4
    CHECK = 5


def derive(seed: int, stream: Stream, index: int = 0) -> int:
    """A 63-bit seed for one purpose at one index, independent of all the others.

    Raises:
        ValueError: if the seed or index is negative.
    """
    state = np.random.SeedSequence([seed, stream, index]).generate_state(1, np.uint64)[0]
    return int(state >> np.uint64(1))


def generator(seed: int, stream: Stream, index: int = 0) -> torch.Generator:
    """A CPU generator at the start of the stream (see :func:`derive`)."""
    return torch.Generator().manual_seed(derive(seed, stream, index))
