"""The data sets that torchvision knows: where their files are, and how they are read.

Nothing is unpickled. torchvision's own CIFAR-10 is a set of pickles, so the same images are read
from their authors' binary edition instead; and a ``processed/*.pt`` of old is not looked at.
"""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from draw_core.data import whereabouts
from draw_core.data.downloads import Remote, fetch_all
from draw_core.data.file_faults import CIFAR_RECORD, fault
from draw_core.data.idx import read_idx
from draw_core.data.spec import DataError, Dataset, Kind, Split, default_root

# Bytes of each file as it is transferred, in torchvision's order, so that progress is known before
# the first answer.
_IDX_SIZES = {
    "mnist": (9_912_422, 28_881, 1_648_877, 4_542),
    "fashion_mnist": (26_421_880, 29_515, 4_422_102, 5_148),
}
_SVHN_SIZES = {"train": 182_040_794, "test": 64_275_384}

# Two letters for the number: whether they are equal is checked after reading.
_Split = tuple[UInt8[Tensor, "N C H W"], Int64[Tensor, " M"]]
_Content = TypeVar("_Content")
_BROKEN = (OSError, EOFError, RuntimeError, ValueError, TypeError, IndexError, zlib.error)


def load(
    dataset: Dataset,
    split: Split,
    root: Path | None = None,
    download: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> _Split:
    """The images and labels of a split; :func:`draw_core.data.datasets.load` tells of the rest."""
    root = root or default_root()
    if download:
        fetch(dataset, root, progress)
    return read(dataset, split, root)


def fetch(dataset: Dataset, root: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Fetches what is not there yet of a data set, both splits, by :func:`fetch_all`."""
    if not all(whereabouts.find(root, file) for file in dataset.files):
        fetch_all(dataset, root, remotes(dataset), progress)  # for which it needs torchvision


def remotes(dataset: Dataset) -> list[Remote]:
    """The files to fetch, with torchvision's addresses and checksums.

    Raises:
        DataError: if torchvision cannot be used.
    """
    _require_torchvision()
    from torchvision.datasets import MNIST, SVHN, FashionMNIST  # slow to import

    if dataset.kind == "idx":
        kind = MNIST if dataset.name == "mnist" else FashionMNIST
        return [
            Remote(tuple(mirror + file for mirror in kind.mirrors), md5, size, "gzip", (target,))
            for (file, md5), size, target in zip(
                kind.resources, _IDX_SIZES[dataset.name], dataset.files, strict=True
            )
        ]
    if dataset.kind == "mat":
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
        DataError: if files are missing or broken, or torchvision cannot be used where it is needed.
    """
    try:
        images, labels = _READERS[dataset.kind](dataset, split, root)
    except FileNotFoundError as error:
        raise _unreadable(dataset, root, "it is not there") from error
    except ValueError as error:
        raise _unreadable(dataset, root, str(error), is_broken=True) from error
    reason = ""
    if len(images) != len(labels) or not len(images):
        reason = f"it has {len(images):,} images of {split} and {len(labels):,} labels for them"
    elif images.shape[1:] != dataset.shape:
        reason = f"its images are {tuple(images.shape[1:])}, not {dataset.shape}"
    elif labels.max() >= len(dataset.classes):
        reason = f"a label of {split} is {int(labels.max())}, not 0 to {len(dataset.classes) - 1}"
    if reason:
        raise _unreadable(dataset, root, reason, is_broken=True)
    return images, labels


def _require_torchvision() -> None:
    """Makes sure that it can be imported: beside another torch than its own it cannot."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, OSError, RuntimeError) as error:
        raise DataError(
            f"torchvision cannot be used here ({str(error).splitlines()[0]}), which reads and "
            "fetches these images. It must fit torch: install the two anew with "
            "pip install --force-reinstall torch torchvision."
        ) from error


def _unreadable(dataset: Dataset, root: Path, reason: str, *, is_broken: bool = False) -> DataError:
    size = f"{round((dataset.download_bytes or 0) / 1e6)} MB, --download"
    folder = dataset.files[0].rpartition("/")[0] or dataset.files[0]
    advice = f"Point --data-root or DRAW_DATA_ROOT at the folder that holds {folder}, or download"
    if is_broken:
        advice = "Put a whole file in its place, or download"
    return DataError(
        f"{dataset.title} could not be read from {root} ({reason}). {advice} it ({size})."
    )


def _first_whole(
    dataset: Dataset, root: Path, file: str, reader: Callable[[Path], _Content]
) -> _Content:
    """What the reader makes of a file, in the first place and under the first name that is whole.

    Raises:
        FileNotFoundError: if nothing of the data set is there.
        ValueError: with the file and its fault.
    """
    faults = []
    for path in whereabouts.candidates(root, file):
        wrong = fault(path)
        if wrong is None:
            try:
                return reader(path)
            except _BROKEN as error:
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                wrong = f"is broken: {reason}"
        faults.append(f"{whereabouts.shown(path, root)} {wrong}")
    if faults:
        raise ValueError(faults[0])
    if wrong := whereabouts.why_not(root, (file, *dataset.files)):
        raise ValueError(wrong)
    raise FileNotFoundError(root / file)


def _read_idx(dataset: Dataset, split: Split, root: Path) -> _Split:
    first = 0 if split == "train" else 2
    images, labels = (
        torch.from_numpy(_first_whole(dataset, root, file, read_idx))
        for file in dataset.files[first : first + 2]
    )
    return images[:, None], labels.long()


def _read_svhn(dataset: Dataset, split: Split, root: Path) -> _Split:
    _require_torchvision()
    from torchvision.datasets import SVHN

    url, name, md5 = SVHN.split_list[split]

    def reader(path: Path) -> _Split:
        class Here(SVHN):  # type: ignore[misc]
            split_list = {split: [url, path.name, md5]}  # noqa: RUF012 - as it is there

        try:
            data = Here(path.parent, split)  # checks the MD5 sum
        except RuntimeError as error:
            raise ValueError("its MD5 sum is not that of the file its authors publish") from error
        return torch.from_numpy(np.ascontiguousarray(data.data)), torch.from_numpy(data.labels)

    return _first_whole(dataset, root, name, reader)


def _read_cifar(dataset: Dataset, split: Split, root: Path) -> _Split:
    files = dataset.files[:-1] if split == "train" else dataset.files[-1:]
    content = b"".join(_first_whole(dataset, root, file, Path.read_bytes) for file in files)
    records = np.frombuffer(content, np.uint8).reshape(-1, CIFAR_RECORD)
    images = records[:, 1:].reshape(-1, 3, 32, 32)
    labels = records[:, 0].astype(np.int64)
    return torch.from_numpy(images.copy()), torch.from_numpy(labels)


_READERS: dict[Kind, Callable[[Dataset, Split, Path], _Split]] = {
    "idx": _read_idx,
    "mat": _read_svhn,
    "batches": _read_cifar,
}
