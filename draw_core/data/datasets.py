"""Data sets as tensors: each loads as ``uint8 [N, C, H, W]`` with labels.

What reads one kind of set is imported once such a set is wanted: all kinds take half a second.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from draw_core.data.registry import describe, pinned
from draw_core.data.spec import Split, default_root


class Images(NamedTuple):
    """One split: grey or colour values in 0..255, and the class of each image, from 0."""

    images: UInt8[Tensor, "N C H W"]
    labels: Int64[Tensor, " N"]


def require_shape(images: UInt8[Tensor, "N C H W"], expected: tuple[int, int, int]) -> None:
    """Makes sure that a network can take these images.

    Raises:
        ValueError: if the images have another shape than the network is for.
    """
    if tuple(images.shape[1:]) != expected:
        raise ValueError(
            f"The images are {tuple(images.shape[1:])} (channels, height, width), but the network "
            f"is for {expected}."
        )


def mean_image(images: UInt8[Tensor, "N C H W"]) -> Float[Tensor, "C H W"]:
    """The mean grey value of every pixel, 0 to 255; of composites, that of 20,000 images."""
    from draw_core.data.composed.composites_tensor import ComposedImages

    if isinstance(images, ComposedImages):
        return images.mean_image()
    return images.float().mean(dim=0)


def load(
    name: str,
    split: Split,
    root: Path | None = None,
    download: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Images:
    """Reads one split of a data set; makes the drawn strokes at the first call.

    The training images of composites are a tensor that composes them when it is indexed (see
    :mod:`draw_core.data.composed.composites_tensor`).

    Args:
        root: the folder of the data sets; :func:`default_root` if absent, where one is needed.
        download: whether to fetch what is not there, both splits at once.
        progress: is told the bytes done and the bytes in all, of a download or of making strokes.

    Raises:
        DataError: if the name is unknown, or the files are missing, broken or cannot be fetched.
    """
    dataset = describe(pinned(name, root, prefer_mnist=download), root)
    if dataset.kind == "drawn":
        from draw_core.data.drawn import strokes

        return Images(*map(torch.from_numpy, strokes.load(split, root, progress)))
    if dataset.kind == "folder":
        from draw_core.data.folders.folder import read_split

        arrays = read_split(dataset.name, split, root or default_root())
        return Images(*map(torch.from_numpy, arrays))
    if dataset.kind == "composed":
        from draw_core.data.composed.composites import open_composer
        from draw_core.data.composed.composites_tensor import ComposedImages

        composer = open_composer(dataset.name, split, root, download, progress)
        numbers = np.arange(getattr(dataset.sizes, split))
        labels = torch.from_numpy(composer.labels(numbers))
        if split == "train":
            return Images(ComposedImages.of(composer, len(numbers)), labels)
        return Images(torch.from_numpy(composer.images(numbers)), labels)
    from draw_core.data import torchvision_sets

    return Images(*torchvision_sets.load(dataset, split, root, download, progress))
