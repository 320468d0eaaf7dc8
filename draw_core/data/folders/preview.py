"""A look at a user's own images before they are imported."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from draw_core.data.folders.gather import (
    LeftOut,
    Progress,
    Shape,
    align_depths,
    check_shape,
    classes,
    contents,
    noting,
    truncation,
)
from draw_core.data.folders.sameness import sameness
from draw_core.data.folders.sources import BinaryFile, Entry, Source, open_source
from draw_core.data.intake.pictures import Decoded, decode, read_header
from draw_core.data.spec import DataError


@dataclass(frozen=True)
class Preview:
    """What an import would give.

    Attributes:
        sample: some of the images, spread over the whole, uint8 [n, C, H, W].
        images: files that are pictures by their first bytes; broken ones show at the import.
        skipped: files left out.
        modes: how many images there are of each of Pillow's modes, the most common first.
        sizes: how many there are of each (width, height) in pixels, the most common first.
        classes: names of the folders that the images lie in, if there is more than one.
        notes: what is left out and why, what was done to deep greys, and a warning if the sample
            shows hardly more than one picture; one sentence each.
    """

    sample: UInt8[np.ndarray, "n C H W"]
    images: int
    skipped: int
    modes: dict[str, int]
    sizes: dict[tuple[int, int], int]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def preview_images(
    where: BinaryFile | Path,
    *,
    height: int,
    width: int,
    channels: int,
    count: int = 24,
    progress: Progress | None = None,
) -> Preview:
    """Looks at every file of a zip archive, or of a folder of this computer; decodes a sample.

    Args:
        count: how many images to decode at most.
        progress: is told the files done and the files in all.

    Raises:
        DataError: if the files cannot be used at all, or the size is out of range.
    """
    shape = (channels, height, width)
    check_shape(shape)
    with open_source(where) as source:
        return _preview(source, shape, count, progress)


def _preview(source: Source, shape: Shape, count: int, progress: Progress | None) -> Preview:
    left_out, modes, sizes = LeftOut(source), Counter[str](), Counter[tuple[int, int]]()
    good: list[Entry] = []
    sample: dict[int, Decoded] = {}
    rng = np.random.default_rng(0)
    for entry, content in contents(source.entries, left_out, progress):
        with noting(entry, left_out):
            header = read_header(content)
            # Reservoir sampling: after each file, every picture so far is in with equal chance.
            place = len(good) if len(sample) < count else int(rng.integers(len(good) + 1))
            if place < count:
                decoded = decode(content, *shape)
                if len(sample) == count:
                    del sample[sorted(sample)[place]]
                sample[len(good)] = decoded
            modes[header.mode] += 1
            sizes[header.width, header.height] += 1
            good.append(entry)
    if not good:
        raise DataError(" ".join(["There is no picture in it.", *left_out.notes()]))
    notes = [*left_out.notes(), *truncation(len(source.entries), shape)]
    looked_at = [sample[index] for index in sorted(sample)]
    images = np.stack([one.pixels for one in looked_at])
    notes += align_depths(images, [one.bits for one in looked_at])
    if warning := sameness(images):
        notes.append(warning)
    if len(good) < 2:
        notes.append("One picture is too few: one is needed to train and another to test.")
    return Preview(
        sample=images,
        images=len(good),
        skipped=left_out.counts.total(),
        modes=dict(modes.most_common()),
        sizes=dict(sizes.most_common()),
        classes=tuple(classes(good)),
        notes=tuple(notes),
    )
