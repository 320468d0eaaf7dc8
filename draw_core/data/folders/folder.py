"""The user's own images: a folder or zip archive becomes a data set."""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Int64, UInt8

from draw_core.data import shelf
from draw_core.data.folders.gather import (
    LeftOut,
    Progress,
    Shape,
    align_depths,
    check_shape,
    choose,
    classes,
    contents,
    group,
    noting,
    printable,
    truncation,
)
from draw_core.data.folders.sameness import sameness
from draw_core.data.folders.sources import BinaryFile, Entry, Source, open_source
from draw_core.data.intake.pictures import decode
from draw_core.data.registry import (
    FOLDER_PREFIX,
    DataError,
    Dataset,
    Split,
    default_root,
    is_available,
)

TEST_SHARE = 0.1


def import_images(
    where: BinaryFile | Path,
    root: Path | None,
    *,
    name: str,
    height: int,
    width: int,
    channels: int,
    owner: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Turns the pictures of a zip archive or a folder into a data set; nothing else is kept.

    Pictures are made upright, scaled to fill the size and cut to their middle. About a tenth of
    them, chosen by the content, becomes the test set. Pictures in folders get the innermost
    folder's name as class. Where there are too many for the memory, a random choice is taken.

    Args:
        root: the folder of the data sets; the default one if None.
        name: what the set is called on pages; never used as a path.
        height, width: 8 to 128 pixels.
        channels: 1 for grey, 3 for RGB.
        owner: an opaque token of whose set it is; None if it is everyone's. The same images of two
            owners are two sets, so that one can be deleted without the other.
        progress: is told the files done and the files in all.

    Returns:
        The name for ``load``: ``"folder:"`` and an id.

    Raises:
        DataError: if the files cannot be used, fewer than two pictures remain, or there is no
            room for them.
    """
    shape = (channels, height, width)
    check_shape(shape)
    with open_source(where) as source:
        return _import(source, root or default_root(), name, shape, progress, owner)


def read_split(
    name: str, split: Split, root: Path
) -> tuple[UInt8[np.ndarray, "N C H W"], Int64[np.ndarray, " N"]]:
    """The images and labels of an imported set.

    Raises:
        DataError: if there is none of this name, or it is broken.
    """
    with _opened(name, root) as (file, dataset):
        images, labels = file.get_tensor(f"{split}_images"), file.get_tensor(f"{split}_labels")
        expected = (getattr(dataset.sizes, split), *dataset.shape)
        if images.shape != expected or labels.shape != expected[:1] or images.dtype != np.uint8:
            raise _broken(name)
    return images, labels


def read_one(
    name: str, split: Split, index: int, root: Path
) -> tuple[UInt8[np.ndarray, "C H W"], int]:
    """One image and its label; the others stay on the disk.

    Raises:
        DataError: if there is none of this name, or it is broken.
    """
    with _opened(name, root) as (file, dataset):
        image = file.get_slice(f"{split}_images")[index : index + 1]
        label = file.get_slice(f"{split}_labels")[index : index + 1]
        if image.shape != (1, *dataset.shape) or label.shape != (1,) or image.dtype != np.uint8:
            raise _broken(name)
    return image[0], int(label[0])


@contextlib.contextmanager
def _opened(name: str, root: Path) -> Iterator[tuple[Any, Dataset]]:
    dataset = shelf.read(name, root).dataset
    try:
        with safetensors.safe_open(shelf.folder_path(name, root) / shelf.IMAGES, "numpy") as file:
            yield file, dataset
    except (OSError, safetensors.SafetensorError) as error:
        raise _broken(name) from error


def _broken(name: str) -> DataError:
    return DataError(f"The images {name!r} are broken; import them again.")


def _import(
    source: Source,
    root: Path,
    title: str,
    shape: Shape,
    progress: Progress | None,
    owner: str | None,
) -> str:
    left_out = LeftOut(source)
    entries = choose(source.entries, shape)
    images = np.empty((len(entries), *shape), np.uint8)
    good: list[Entry] = []
    depths: list[int] = []
    for entry, content in contents(entries, left_out, progress):
        with noting(entry, left_out):
            images[len(good)], bits = decode(content, *shape)
            good.append(entry)
            depths.append(bits)
    images = images[: len(good)]
    notes = [*left_out.notes(), *truncation(len(source.entries), shape)]
    notes += align_depths(images, depths)
    if len(good) < 2:
        found = "no picture" if not good else "only one picture"
        raise DataError(
            " ".join(
                [f"There is {found} in it; two or more are needed, to train and to test.", *notes]
            )
        )
    if warning := sameness(images):
        notes.append(warning)
    names = classes(good)
    number = {one: label for label, one in enumerate(names)}
    labels = np.array([number.get(group(entry), 0) for entry in good], np.int64)
    title = printable(title, 60) or "My images"
    return _store(root, title, images, labels, names, notes, owner)


def _store(
    root: Path,
    title: str,
    images: UInt8[np.ndarray, "N C H W"],
    labels: Int64[np.ndarray, " N"],
    names: list[str],
    notes: list[str],
    owner: str | None,
) -> str:
    content = hashlib.sha256(repr((title, images.shape, names)).encode())
    content.update(images.data)
    content.update(labels.data)
    digest = content.hexdigest()
    identity = hashlib.sha256(f"{digest} {owner}".encode()).hexdigest() if owner else digest
    name = FOLDER_PREFIX + identity[:16]
    order = np.random.default_rng(int(digest, 16)).permutation(len(images))
    test = max(1, round(TEST_SHARE * len(images)))
    parts = {"test": order[:test], "train": order[test:]}
    tensors = {f"{split}_images": images[index] for split, index in parts.items()}
    tensors |= {f"{split}_labels": labels[index] for split, index in parts.items()}
    channels, height, width = images.shape[1:]
    about = shelf.About(
        title=title,
        channels=channels,
        height=height,
        width=width,
        train=len(images) - test,
        test=test,
        classes=names,
        notes=notes,
        created=time.time(),
        owner=owner,
    )
    packed = safetensors.numpy.save(tensors)
    if not is_available(name, root) and shelf.used_bytes(root) + len(packed) > shelf.QUOTA_BYTES:
        raise DataError(
            f"All imported images together may take {shelf.QUOTA_BYTES / 1e9:.1f} GB here, and "
            "these would be too many. Choose an earlier set of yours on the Train page and press "
            "“Delete these images”, or import fewer or smaller ones."
        )
    try:
        shelf.write(name, root, about, packed)
    except OSError as error:
        raise DataError(
            f"The images cannot be kept in {root}: {error.strerror or error}. Free some space or "
            "set DRAW_DATA_ROOT to another folder."
        ) from error
    return name
