"""A small MNIST, of grey bars."""

import gzip
import struct
from pathlib import Path

import numpy as np


def write(root: Path, train: int = 24, test: int = 11) -> Path:
    """Writes it in torchvision's layout: so many training and test pictures. Returns ``root``."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for prefix, count in (("train", train), ("t10k", test)):
        images = np.zeros((count, 28, 28), np.uint8)
        for image, column in zip(images, rng.integers(4, 20, count), strict=True):
            image[4:24, column : column + 4] = rng.integers(128, 256, (20, 4))
        _write_idx(raw / f"{prefix}-images-idx3-ubyte", images)
        _write_idx(raw / f"{prefix}-labels-idx1-ubyte", rng.integers(0, 10, count).astype(np.uint8))
    return root


def _write_idx(path: Path, values: np.ndarray) -> None:
    """One array in the format of the MNIST files: magic number, sizes, bytes."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    path.write_bytes(header + values.tobytes())
    path.with_suffix(".gz").write_bytes(gzip.compress(header + values.tobytes()))
