"""Data sets as tensors: each loads as ``uint8 [N, C, H, W]`` with labels."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from draw_core.config import DrawConfig
from draw_core.data.registry import FOLDER_PREFIX, Split, default_root, describe


class Images(NamedTuple):
    """One split: grey or colour values in 0..255, and the class of each image, from 0."""

    images: UInt8[Tensor, "N C H W"]
    labels: Int64[Tensor, " N"]


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


def load(
    name: str,
    split: Split,
    root: Path | None = None,
    download: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Images:
    """Reads one split of a data set; makes the drawn strokes at the first call.

    Args:
        root: the folder of the data sets; :func:`default_root` if absent.
        download: whether to fetch what is not there, both splits at once.
        progress: is told the bytes done and the bytes in all, of a download or of making strokes.

    Raises:
        DataError: if the name is unknown, or the files are missing, broken or cannot be fetched.
    """
    root = root or default_root()
    dataset = describe(name, root)
    if name.startswith(FOLDER_PREFIX):
        from draw_core.data.folder import read_split

        arrays = read_split(name, split, root)
    elif name == "strokes":
        from draw_core.data import strokes

        arrays = strokes.load(split, root, progress)
    else:
        from draw_core.data import torchvision_sets

        if download:
            torchvision_sets.download(dataset, root, progress)
        return Images(*torchvision_sets.read(dataset, split, root))
    return Images(*map(torch.from_numpy, arrays))
