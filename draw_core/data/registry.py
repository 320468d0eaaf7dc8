"""The registry of data sets: what there is, and whether it is here. Standard library only."""

import dataclasses
from pathlib import Path

from draw_core.data import shelf, whereabouts
from draw_core.data.spec import (
    FOLDER_PREFIX,
    DataError,
    Dataset,
    RootError,
    Sizes,
    Split,
    default_root,
    user_cache,
)

__all__ = [
    "COMPOSITES",
    "DATASETS",
    "FOLDER_PREFIX",
    "DataError",
    "Dataset",
    "RootError",
    "Sizes",
    "Split",
    "default_root",
    "describe",
    "is_available",
    "nearly_there",
    "pinned",
    "user_cache",
]

_DIGITS = tuple("0123456789")
_PAIRS = tuple(f"{a} and {b}" for a in _DIGITS for b in _DIGITS)
_FIGURES = ("triangle", "square", "star", "heart", "spiral")
_GARMENTS = (
    *("T-shirt", "trousers", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
_THINGS = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
_IDX_FILES = tuple(
    f"{prefix}-{kind}-ubyte"
    for prefix in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
)

DATASETS = {
    dataset.name: dataset
    for dataset in [
        Dataset(
            kind="drawn",
            name="strokes",
            title="Drawn strokes",
            shape=(1, 28, 28),
            sizes=Sizes(60_000, 10_000),
            classes=_DIGITS + _FIGURES,
            source="Digits and simple figures, written by a program with a simulated pen",
            licence="MIT, as this program",
            how="Made on this computer in a few seconds, without a network.",
        ),
        Dataset(
            kind="idx",
            name="mnist",
            title="MNIST",
            shape=(1, 28, 28),
            sizes=Sizes(60_000, 10_000),
            classes=_DIGITS,
            source="Handwritten digits, by LeCun, Cortes and Burges",
            licence="CC BY-SA 3.0",
            how="Downloaded once from the PyTorch project's copy.",
            files=tuple(f"MNIST/raw/{name}" for name in _IDX_FILES),
            download_bytes=11_594_722,
        ),
        Dataset(
            kind="idx",
            name="fashion_mnist",
            title="Fashion-MNIST",
            shape=(1, 28, 28),
            sizes=Sizes(60_000, 10_000),
            classes=_GARMENTS,
            source="Articles of clothing from a shop's catalogue, by Xiao, Rasul and Vollgraf",
            licence="MIT",
            how="Downloaded once from its authors' server.",
            files=tuple(f"FashionMNIST/raw/{name}" for name in _IDX_FILES),
            download_bytes=30_878_645,
        ),
        Dataset(
            kind="mat",
            name="svhn",
            title="SVHN",
            shape=(3, 32, 32),
            sizes=Sizes(73_257, 26_032),
            classes=_DIGITS,
            source="Street View House Numbers, cropped to single digits, by Netzer et al.",
            licence="For non-commercial use only",
            how="Downloaded once from its authors' server at Stanford.",
            files=("train_32x32.mat", "test_32x32.mat"),
            download_bytes=246_316_178,
        ),
        Dataset(
            kind="batches",
            name="cifar10",
            title="CIFAR-10",
            shape=(3, 32, 32),
            sizes=Sizes(50_000, 10_000),
            classes=_THINGS,
            source="Small photographs of ten kinds of things, by Krizhevsky, Nair and Hinton",
            licence="None stated; its authors ask to be cited",
            how="Downloaded once from its authors' server in Toronto.",
            files=tuple(
                f"cifar-10-batches-bin/{name}.bin"
                for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
            ),
            download_bytes=170_052_171,
        ),
        Dataset(
            kind="composed",
            name="two_digits",
            title="Two digits",
            shape=(1, 60, 60),
            sizes=Sizes(600_000, 10_000),
            classes=_PAIRS,
            source="Two digits at random places, where they may overlap, composed of MNIST, or "
            "where that is absent of the drawn strokes",
            licence="As that of the digits",
            how="Composed on this computer while it trains, each digit in many arrangements.",
        ),
        Dataset(
            kind="composed",
            name="two_digits_apart",
            title="Two spread-out digits",
            shape=(1, 60, 60),
            sizes=Sizes(600_000, 10_000),
            classes=_PAIRS,
            source="Two digits at random places that are half a digit apart or more, sideways or "
            "up and down, so that they may touch, composed of MNIST, or where that is absent of "
            "the drawn strokes",
            licence="As that of the digits",
            how="Composed on this computer while it trains, each digit in many arrangements.",
        ),
        Dataset(
            kind="composed",
            name="cluttered",
            title="Cluttered digits",
            shape=(1, 100, 100),
            sizes=Sizes(600_000, 10_000),
            classes=_DIGITS,
            source="A digit among eight pieces of others, composed of MNIST, or where that is "
            "absent of the drawn strokes",
            licence="As that of the digits",
            how="Composed on this computer while it trains, each digit in many arrangements.",
        ),
    ]
}


# Composed of digits on the fly; "two_digits:mnist" says of which, "two_digits" leaves it open.
COMPOSITES = tuple(name for name, dataset in DATASETS.items() if dataset.is_composed)

# What composites can be made of, as it is said in a title.
_SOURCES = {"mnist": "MNIST", "strokes": "drawn strokes"}


def describe(name: str, root: Path | None = None) -> Dataset:
    """The entry of a data set, also of a user's own images (``"folder:"`` and an id).

    Raises:
        DataError: if there is no such data set.
    """
    if name in DATASETS:
        return DATASETS[name]
    if name.startswith(FOLDER_PREFIX):
        return shelf.read(name, root or default_root()).dataset
    kind, _, source = name.partition(":")
    if kind in COMPOSITES and source in _SOURCES:
        whole, part = DATASETS[kind], DATASETS[source]
        return dataclasses.replace(
            whole,
            name=name,
            title=f"{whole.title} of {_SOURCES[source]}",
            source=f"{whole.source.partition(', composed')[0]}, composed of {_SOURCES[source]}",
            licence=part.licence,
            files=part.files,
            download_bytes=part.download_bytes,
        )
    raise DataError(f"There is no data set {name!r}; choose one of {', '.join(DATASETS)}.")


def pinned(name: str, root: Path | None = None, *, prefer_mnist: bool = False) -> str:
    """The name with the digits that a composite would be made of now; any other name as it is.

    A run that is to give the same images on every machine keeps the pinned name.

    Args:
        prefer_mnist: whether MNIST is to be taken also where it is not there yet.

    Raises:
        DataError: if MNIST is there and broken, so that nobody gets strokes who meant MNIST.
    """
    if name not in COMPOSITES:
        return name
    if prefer_mnist or is_available("mnist", root):
        return f"{name}:mnist"
    try:
        root = root or default_root()
    except RootError:  # so there is no MNIST, and strokes need no place
        return f"{name}:strokes"
    if wrong := whereabouts.why_not(root, DATASETS["mnist"].files):
        raise DataError(
            f"MNIST is in {root}, but {wrong}. Put a whole file in its place, download it with "
            f"--download, or take {name}:strokes, which needs none."
        )
    return f"{name}:strokes"


def is_available(name: str, root: Path | None = None) -> bool:
    """Whether a data set can be loaded without a download. Reads a few bytes of files at most."""
    try:
        dataset = describe(pinned(name, root), root)
        if not dataset.files:
            return True
        root = root or default_root()
    except DataError:
        return False
    return all(whereabouts.find(root, file) for file in dataset.files)


def nearly_there(name: str) -> str | None:
    """What keeps a downloaded set from being used of which a part is there, and what to do.

    Returns:
        A sentence or two, or None if nothing of it is there or it can be used.
    """
    try:
        dataset, root = describe(name), default_root()
    except DataError:
        return None
    wrong = whereabouts.why_not(root, dataset.files) if dataset.needs_download else None
    title = DATASETS["mnist"].title if dataset.is_composed else dataset.title
    return wrong and (
        f"{title} is in {root}, but {wrong}. Put a whole file in its place, or download it."
    )
