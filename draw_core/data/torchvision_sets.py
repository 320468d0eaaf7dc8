"""The data sets that torchvision knows: where their files are, and how they are read.

Nothing is unpickled. torchvision's own CIFAR-10 is a set of pickles, so the same images are read
from their authors' binary edition instead; and a ``processed/*.pt`` of old is not looked at.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from draw_core.data.downloads import Remote, fetch_all
from draw_core.data.registry import CIFAR_RECORD, DataError, Dataset, Split

# Bytes of each file as it is transferred, in torchvision's order, so that progress is known before
# the first answer.
_IDX_SIZES = {
    "mnist": (9_912_422, 28_881, 1_648_877, 4_542),
    "fashion_mnist": (26_421_880, 29_515, 4_422_102, 5_148),
}
_SVHN_SIZES = {"train": 182_040_794, "test": 64_275_384}

# Two letters for the number: whether they are equal is checked after reading.
_Split = tuple[UInt8[Tensor, "N C H W"], Int64[Tensor, " M"]]


def download(
    dataset: Dataset, root: Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Fetches what is not there yet of a data set, both splits. Two may do so at once.

    Args:
        progress: is told the bytes transferred and the bytes in all.

    Raises:
        DataError: if a file cannot be fetched or kept; no part of a file is left behind.
    """
    fetch_all(dataset, root, remotes(dataset), progress)


def remotes(dataset: Dataset) -> list[Remote]:
    """The files to fetch, with torchvision's addresses and checksums.

    Raises:
        DataError: if torchvision cannot be used.
    """
    _require_torchvision()
    from torchvision.datasets import MNIST, SVHN, FashionMNIST  # slow to import

    if dataset.name in _IDX_SIZES:
        kind = MNIST if dataset.name == "mnist" else FashionMNIST
        return [
            Remote(tuple(mirror + file for mirror in kind.mirrors), md5, size, "gzip", (target,))
            for (file, md5), size, target in zip(
                kind.resources, _IDX_SIZES[dataset.name], dataset.files, strict=True
            )
        ]
    if dataset.name == "svhn":
        return [
            Remote((url,), md5, _SVHN_SIZES[split], "none", (file,))
            for split, (url, file, md5) in SVHN.split_list.items()
            if split in _SVHN_SIZES
        ]
    return [
        Remote(
            ("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",),
            "c32a1d4ab5d03f1284b67883e8d87530",  # as their authors' page states it
            170_052_171,
            "tar",
            dataset.files,
        )
    ]


def read(dataset: Dataset, split: Split, root: Path) -> _Split:
    """The images and labels of a split from its files.

    Raises:
        DataError: if files are missing or broken, or torchvision cannot be used.
    """
    _require_torchvision()
    try:
        if dataset.name in _IDX_SIZES:
            images, labels = _read_idx(dataset, split, root)
        elif dataset.name == "svhn":
            images, labels = _read_svhn(split, root)
        else:
            images, labels = _read_cifar(dataset, split, root)
        if images.shape[1:] != dataset.shape or len(images) != len(labels) or not len(images):
            raise ValueError("the number or the size of its images is wrong")
    except FileNotFoundError as error:
        raise _unreadable(dataset, root, "it is not there") from error
    except ImportError as error:
        raise DataError(f"{dataset.title} needs SciPy to be read: pip install scipy.") from error
    except (OSError, RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _unreadable(dataset, root, reason) from error
    return images, labels


def _require_torchvision() -> None:
    """Makes sure that it can be imported: beside another torch than its own it cannot."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, OSError, RuntimeError) as error:
        raise DataError(
            f"torchvision cannot be used here ({str(error).splitlines()[0]}), which reads these "
            "images. It must fit torch: install the two anew with "
            "pip install --force-reinstall torch torchvision."
        ) from error


def _unreadable(dataset: Dataset, root: Path, reason: str) -> DataError:
    folder = f"/{dataset.files[0].rpartition('/')[0]}".rstrip("/")
    return DataError(
        f"{dataset.title} could not be read from {root} ({reason}). Point --data-root or "
        f"DRAW_DATA_ROOT at the folder that holds {folder[1:] or dataset.files[0]}, or download it "
        f"({round((dataset.download_bytes or 0) / 1e6)} MB, --download)."
    )


def _read_idx(dataset: Dataset, split: Split, root: Path) -> _Split:
    from torchvision.datasets.mnist import read_image_file, read_label_file

    first = 0 if split == "train" else 2
    images, labels = (root / file for file in dataset.files[first : first + 2])
    return read_image_file(str(images))[:, None], read_label_file(str(labels))


def _read_svhn(split: Split, root: Path) -> _Split:
    from torchvision.datasets import SVHN

    path = root / SVHN.split_list[split][1]
    if not path.is_file():
        raise FileNotFoundError(path)
    data = SVHN(root, split)  # checks the MD5 sum
    return torch.from_numpy(np.ascontiguousarray(data.data)), torch.from_numpy(data.labels)


def _read_cifar(dataset: Dataset, split: Split, root: Path) -> _Split:
    files = dataset.files[:-1] if split == "train" else dataset.files[-1:]
    content = b"".join((root / file).read_bytes() for file in files)
    records = np.frombuffer(content, np.uint8).reshape(-1, CIFAR_RECORD)
    images = records[:, 1:].reshape(-1, 3, 32, 32)
    labels = records[:, 0].astype(np.int64)
    if labels.max(initial=0) >= len(dataset.classes):
        raise ValueError("a label is out of range")
    return torch.from_numpy(images.copy()), torch.from_numpy(labels)
