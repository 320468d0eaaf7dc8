"""What a data set is, as far as it is known without its images. Standard library only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from draw_core.base.environment import SettingError, home, path_variable

Split = Literal["train", "test"]
# Drawn by a program; files of MNIST, of MATLAB and of CIFAR-10; composed of digits on the fly; a
# user's own images.
Kind = Literal["drawn", "idx", "mat", "batches", "composed", "folder"]

# A user's own images are named "folder:" and an id; see draw_core.data.shelf.
FOLDER_PREFIX = "folder:"


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
        kind: how it is loaded, by :func:`draw_core.data.datasets.load`.
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

    kind: Kind
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
        return self.kind == "composed"

    @property
    def held(self) -> int:
        """How many images are in memory while a network learns from it."""
        return self.sizes.test if self.is_composed else self.sizes.train

    @property
    def needs_download(self) -> bool:
        """Whether it comes over the network, once."""
        return self.download_bytes is not None


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
