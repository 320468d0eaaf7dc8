"""The registry of data sets: each loads as ``uint8 [N, C, H, W]``."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jaxtyping import UInt8
from torch import Tensor

from draw_core.config import DrawConfig

Split = Literal["train", "test"]


class DataError(Exception):
    """A data set cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Dataset:
    """One entry of the registry.

    Attributes:
        name: what the command line and cards call it.
        shape: (channels, height, width) of every image.
        source: where it comes from, for cards and captions.
        load: reads a split from a root folder, downloading it if allowed.
    """

    name: str
    shape: tuple[int, int, int]
    source: str
    load: Callable[[Split, Path, bool], UInt8[Tensor, "N C H W"]]


def _load_mnist(split: Split, root: Path, download: bool) -> UInt8[Tensor, "N 1 28 28"]:
    from torchvision.datasets import MNIST  # slow to import, so only where it is used

    try:
        data: Tensor = MNIST(root, train=split == "train", download=download).data
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"MNIST could not be read from {root} ({reason}). Point --data-root at the folder "
            "that holds MNIST/raw, or add --download to fetch it."
        ) from error
    return data[:, None]


DATASETS = {
    dataset.name: dataset
    for dataset in [
        Dataset(
            "mnist",
            (1, 28, 28),
            "MNIST, LeCun, Cortes and Burges: 60,000 training and 10,000 test digits",
            _load_mnist,
        ),
    ]
}


def require_shape(images: UInt8[Tensor, "N C H W"], config: DrawConfig) -> None:
    """Makes sure that a network can take these images.

    Raises:
        ValueError: if the images have another shape than the configuration says.
    """
    expected = (config.channels, config.height, config.width)
    if tuple(images.shape[1:]) != expected:
        raise ValueError(
            f"The images are {tuple(images.shape[1:])} (channels, height, width), but the network "
            f"is for {expected}."
        )


def default_root() -> Path:
    """``DRAW_DATA_ROOT`` if it is set, else a folder in the user's cache."""
    root = os.environ.get("DRAW_DATA_ROOT")
    return Path(root) if root else Path.home() / ".cache" / "draw-explorer"


def load(
    name: str, split: Split, root: Path | None = None, download: bool = False
) -> UInt8[Tensor, "N C H W"]:
    """Reads one split of a data set.

    Raises:
        DataError: if the name is unknown or the files are missing or broken.
    """
    if name not in DATASETS:
        raise DataError(f"There is no data set {name!r}; choose one of {', '.join(DATASETS)}.")
    return DATASETS[name].load(split, root or default_root(), download)
