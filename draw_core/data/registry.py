"""The registry of data sets: what there is, and whether it is here. Standard library only."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from draw_core.base.environment import SettingError, home, path_variable
from draw_core.data import whereabouts

Split = Literal["train", "test"]

# A user's own images are named "folder:" and an id; see draw_core.data.folders.shelf.
FOLDER_PREFIX = "folder:"

# Composed of digits on the fly; "two_digits:mnist" says of which, "two_digits" leaves it open.
COMPOSITES = ("two_digits", "two_digits_apart", "cluttered")


class DataError(Exception):
    """A data set cannot be had; the message says why and what to do, in one line."""


class RootError(DataError, SettingError):
    """No folder for data sets is known."""


class Sizes(NamedTuple):
    """Number of images in each split."""

    train: int
    test: int


@dataclass(frozen=True)
class Dataset:
    """One entry of the registry.

    Attributes:
        name: what the command line, addresses and cards call it.
        title: what a person reads.
        shape: (channels, height, width) of every image.
        sizes: number of training and test images.
        classes: the name of each label, from 0; empty where images have no labels.
        source: where it comes from.
        licence: what one may do with it.
        how: how to get it, one sentence.
        files: paths under the data root, all there once the set is; empty if none is needed.
        download_bytes: what a download transfers; None if there is nothing to download.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    sizes: Sizes
    classes: tuple[str, ...]
    source: str
    licence: str
    how: str
    files: tuple[str, ...] = ()
    download_bytes: int | None = None

    @property
    def is_composed(self) -> bool:
        """Whether its images are composed while they are used."""
        return self.name.partition(":")[0] in COMPOSITES

    @property
    def held(self) -> int:
        """How many images are in memory while a network learns from it."""
        return self.sizes.test if self.is_composed else self.sizes.train

    @property
    def needs_download(self) -> bool:
        """Whether it comes over the network, once."""
        return self.download_bytes is not None


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


# What composites can be made of, as it is said in a title.
_SOURCES = {"mnist": "MNIST", "strokes": "drawn strokes"}


def default_root() -> Path:
    """``DRAW_DATA_ROOT`` if it is set, else a folder in the user's cache.

    Raises:
        RootError: if the variable cannot be used, or it is not set and the user has no home.
    """
    try:
        return path_variable("DRAW_DATA_ROOT") or user_cache(
            "so there is no place for data sets; name one with --data-root or DRAW_DATA_ROOT"
        )
    except SettingError as error:
        raise RootError(str(error)) from error


def user_cache(otherwise: str) -> Path:
    """This program's folder in the user's cache; see :func:`draw_core.base.environment.home`."""
    return home(otherwise) / ".cache" / "draw-explorer"


def describe(name: str, root: Path | None = None) -> Dataset:
    """The entry of a data set, also of a user's own images (``"folder:"`` and an id).

    Raises:
        DataError: if there is no such data set.
    """
    if name in DATASETS:
        return DATASETS[name]
    if name.startswith(FOLDER_PREFIX):
        from draw_core.data.folders import shelf

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
