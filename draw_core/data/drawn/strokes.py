"""The drawn strokes: made once from a fixed seed, then read from a file."""

import contextlib
import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
from filelock import FileLock, Timeout
from jaxtyping import Int64, UInt8

from draw_core.base.files import write_atomic
from draw_core.base.hardware import cores
from draw_core.data.drawn import pen
from draw_core.data.registry import DATASETS, RootError, Split, default_root

# Raise this when the images change, so that an old file is not taken for a new one.
VERSION = 1
SEED = 20150213
# Images drawn together: few enough to stay in the processor's cache. Each chunk has its own random
# numbers, so the size is part of what the seed means.
CHUNK = 250

_SPLITS: tuple[Split, Split] = ("train", "test")
_making = threading.Lock()
_PATIENCE = 10  # pages and whoever trains on other images go first
_LOOK_EVERY_S = 0.25

_Arrays = tuple[UInt8[np.ndarray, "N 1 28 28"], Int64[np.ndarray, " N"]]


def load(
    split: Split, root: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> _Arrays:
    """A split from its file under the root, which is made if it is absent or broken.

    Where the root cannot be written or none is known, the images are made anew at each call.

    Args:
        root: the folder of the data sets; :func:`default_root` if absent.
        progress: is told the bytes made and the bytes in all, if they have to be made.
    """
    count = getattr(DATASETS["strokes"].sizes, split)
    try:
        root = root or default_root()
    except RootError:
        return make(split, count, progress=progress)
    path = _path(split, root)
    if stored := _stored(path, count):
        return stored
    with _alone(root, functools.partial(progress, 0, count) if progress else None):
        if stored := _stored(path, count):
            return stored
        images, labels = make(split, count, progress=progress)
        with contextlib.suppress(OSError):
            write_atomic(path, safetensors.numpy.save({"images": images, "labels": labels}))
        return images, labels


def make(
    split: Split, count: int, seed: int = SEED, progress: Callable[[int, int], None] | None = None
) -> _Arrays:
    """Draws the first images of a split; the same seed gives the same images.

    Labels are drawn independently, all classes alike.

    Raises:
        ValueError: if the count or the seed is negative.
    """
    dataset = DATASETS["strokes"]
    number = _SPLITS.index(split)
    images = np.empty((count, *dataset.shape), np.uint8)
    labels = np.empty(count, np.int64)

    def draw(start: int) -> int:
        sequence = np.random.SeedSequence([seed, number, start // CHUNK])
        rng = np.random.Generator(np.random.Philox(sequence))
        some = rng.integers(0, len(dataset.classes), CHUNK)
        written = pen.draw(rng, some)
        end = min(start + CHUNK, count)
        images[start:end, 0], labels[start:end] = written[: end - start], some[: end - start]
        return end

    with ThreadPoolExecutor(cores()) as threads:  # NumPy lets go of Python's lock
        for end in threads.map(draw, range(0, count, CHUNK)):
            if progress:
                progress(images[:end].nbytes, images.nbytes)
    return images, labels


def are_made(root: Path | None = None) -> bool:
    """Whether both splits are there, so that nobody has to wait for them."""
    try:
        root = root or default_root()
    except RootError:
        return False
    # Of os.path, which takes a folder that cannot be searched for an absent file.
    return all(os.path.isfile(_path(split, root)) for split in _SPLITS)  # noqa: PTH113


def make_files() -> None:
    """Writes what is not there yet; for a process of its own, which ends with its parent."""
    parent = os.getppid()

    def leave_with_parent(_done: int, _total: int) -> None:
        if os.getppid() != parent:  # a dead parent's children are given to another process
            sys.exit()

    if sys.platform != "win32":
        os.nice(_PATIENCE)
    for split in _SPLITS:
        load(split, progress=leave_with_parent)


def _path(split: Split, root: Path) -> Path:
    return root / "strokes" / f"{split}-v{VERSION}.safetensors"


@contextlib.contextmanager
def _alone(root: Path, waiting: Callable[[], None] | None) -> Iterator[None]:
    """Who asks while the images are being made, here or in another process, waits for them.

    Args:
        waiting: is called again and again meanwhile, and may raise.
    """
    with _making, contextlib.ExitStack() as held:
        while True:
            try:
                root.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(root / ".strokes.lock").acquire(_LOOK_EVERY_S))
                break
            except Timeout:
                if waiting:
                    waiting()
            except OSError:
                break  # they are made without being kept
        yield


def _stored(path: Path, count: int) -> _Arrays | None:
    """What the file holds. Whatever is wrong with it, the images can be had without it."""
    with contextlib.suppress(OSError, safetensors.SafetensorError, KeyError, ValueError):
        stored = safetensors.numpy.load_file(path)
        images, labels = stored["images"], stored["labels"]
        shapes = images.shape, labels.shape
        are_right = images.dtype == np.uint8 and labels.dtype == np.int64
        if are_right and shapes == ((count, *DATASETS["strokes"].shape), (count,)):
            return images, labels
    return None
