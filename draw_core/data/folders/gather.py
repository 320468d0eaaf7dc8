"""What looking at a user's files and importing them have in common."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from jaxtyping import UInt8

from draw_core.data.folders.sources import Entry, Source
from draw_core.data.intake.pictures import Skip
from draw_core.data.spec import DataError

SMALLEST, LARGEST = 8, 128  # pixels of a side: less shows nothing, more does not train here
# In memory at once, so that an import stays below 1 GB in all; 78 MB are 100,000 images of 28 x 28.
MAX_IMAGES_BYTES = 256 * 10**6
MAX_CLASSES = 1000  # more folders than that are no classes

Progress = Callable[[int, int], None]
Shape = tuple[int, int, int]  # channels, height, width


class LeftOut:
    """Counts the files left out by reason, with the first of each."""

    def __init__(self, source: Source) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self._closed = [printable(path, 60) for path in source.closed]
        for path, reason in source.left_out:
            self.add(path, reason)

    def add(self, path: str, reason: str) -> None:
        """Counts one file."""
        self.counts[reason] += 1
        self.first.setdefault(reason, printable(path, 60))

    def notes(self) -> tuple[str, ...]:
        """One sentence for folders, then one for each reason, the most common first."""
        found = []
        if closed := len(self._closed):
            what = "folder is left out: it" if closed == 1 else "folders are left out: they"
            found = [f"{closed:,} {what} cannot be read ({self._closed[0]})."]
        found += [
            f"{count:,} {'file is' if count == 1 else 'files are'} left out: {reason}"
            f" ({self.first[reason]})."
            for reason, count in self.counts.most_common()
        ]
        return tuple(found)


def check_shape(shape: Shape) -> None:
    """Makes sure that images may be imported at this size.

    Raises:
        DataError: if not.
    """
    channels, height, width = shape
    if not (SMALLEST <= height <= LARGEST and SMALLEST <= width <= LARGEST):
        raise DataError(
            f"Images of {width} x {height} pixels do not work here; choose sides of {SMALLEST} to "
            f"{LARGEST} pixels."
        )
    if channels not in (1, 3):
        raise DataError(f"Images need 1 channel (grey) or 3 (colour), not {channels}.")


def contents(
    entries: list[Entry], left_out: LeftOut, progress: Progress | None
) -> Iterator[tuple[Entry, bytes]]:
    """The files that can be read; the others are noted."""
    for done, entry in enumerate(entries, start=1):
        with noting(entry, left_out):
            yield entry, entry.read()
        if progress:
            progress(done, len(entries))


@contextmanager
def noting(entry: Entry, left_out: LeftOut) -> Iterator[None]:
    """Counts a file as left out if :class:`Skip` is raised for it."""
    try:
        yield
    except Skip as reason:
        left_out.add(str(entry.path), str(reason))


def most(shape: Shape) -> int:
    """How many images of a shape fit in the memory set aside for them."""
    return MAX_IMAGES_BYTES // int(np.prod(shape))


def choose(entries: list[Entry], shape: Shape) -> list[Entry]:
    """All, or a random choice of as many as fit: the first ones might be all of one class."""
    if len(entries) <= most(shape):
        return entries
    chosen = np.random.default_rng(0).choice(len(entries), most(shape), replace=False)
    return [entries[index] for index in np.sort(chosen)]


def truncation(count: int, shape: Shape) -> list[str]:
    """Says that :func:`choose` left files out, if it did."""
    if count <= most(shape):
        return []
    return [
        f"{most(shape):,} of {count:,} files are taken, chosen at random: more do not fit in the "
        "memory at this size."
    ]


def align_depths(images: UInt8[np.ndarray, "N C H W"], depths: Sequence[int]) -> tuple[str, ...]:
    """Brings images of deep greys to one scale, in place.

    Each was scaled by the bits that it uses itself. If most of them use as many, they are taken to
    be of one camera, and the others are dark pictures of it, which become dark again.

    Args:
        depths: the bits that each image used; 0 for one of 8 bits a channel.

    Returns:
        A sentence if fewer than 16 bits were used.
    """
    deep = Counter(bits for bits in depths if bits)
    if not deep:
        return ()
    top = max(deep)
    if 2 * deep[top] > deep.total():
        for index, bits in enumerate(depths):
            if 0 < bits < top:
                images[index] >>= top - bits
        deep = Counter({top: deep.total()})
    whites = " or ".join(f"{2**bits - 1:,}" for bits in sorted(deep) if bits < 16)
    return (f"Greys of 16 bits do not use all of them: {whites} becomes white.",) if whites else ()


def group(entry: Entry) -> str:
    """The folder that a file lies in, as it may be shown."""
    return printable(entry.path.parent.name, 40) or "(no folder)"


def classes(entries: list[Entry]) -> list[str]:
    """The folders that files lie in, sorted; none if there is one or far too many."""
    names = sorted({group(entry) for entry in entries})
    return names if 1 < len(names) <= MAX_CLASSES else []


def printable(text: str, longest: int) -> str:
    """Text from a user as it may be shown: one line, its end if it is too long."""
    composed = unicodedata.normalize("NFC", text)  # accents, which macOS keeps apart
    shown = "".join(c if c.isprintable() else "?" for c in composed).strip()
    return shown if len(shown) <= longest else "…" + shown[1 - longest :]
