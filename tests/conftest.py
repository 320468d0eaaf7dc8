"""Shared fixtures. The shape of every tensor that passes between functions is checked."""

import gzip
import struct
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from jaxtyping import install_import_hook

from draw_core import card, rollout  # noqa: F401

# The hook checks what is imported from here on. Configurations, cards and rollouts, imported above,
# hold no tensors and refuse wrong values themselves, which the tests must see.
install_import_hook("draw_core", "beartype.beartype")

# The same examples at every run, and no limit on time: a busy machine must not fail a test.
hypothesis.settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, max_examples=100
)
hypothesis.settings.load_profile("steady")


def _write_idx(path: Path, values: np.ndarray) -> None:
    """One array in the format of the MNIST files: magic number, sizes, bytes."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(header + values.tobytes())
    path.with_suffix(".gz").write_bytes(gzip.compress(header + values.tobytes()))


@pytest.fixture(scope="session")
def mnist_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small MNIST in torchvision's layout: 24 training and 11 test pictures of grey bars."""
    root = tmp_path_factory.mktemp("data")
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for prefix, count in (("train", 24), ("t10k", 11)):
        images = np.zeros((count, 28, 28), np.uint8)
        for image, column in zip(images, rng.integers(4, 20, count), strict=True):
            image[4:24, column : column + 4] = rng.integers(128, 256, (20, 4))
        _write_idx(raw / f"{prefix}-images-idx3-ubyte", images)
        _write_idx(raw / f"{prefix}-labels-idx1-ubyte", rng.integers(0, 10, count).astype(np.uint8))
    return root
