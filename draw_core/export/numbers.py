"""All numbers of a film as one table, for a spreadsheet."""

import csv
import io
from collections.abc import Iterator

import numpy as np

from draw_core.film.arrays import Floats
from draw_core.film.film import Film
from draw_core.film.tracks import Bars, Vectors, Windows

_LATENTS = ("z", "mu", "log_sigma")


def to_csv(film: Film) -> bytes:
    """A row for each sample and step, both counted from 1, with a header.

    Columns: the ink that the step puts on the canvas and takes away (the change of the values, 0 to
    1, summed over pixels and averaged over channels, so that 1 is one pixel from black to white),
    the parameters of every window (positions and strides in 0-based pixels, variances in square
    pixels), bars such as ``kl`` in nats, and the latents ``z_1`` .. ``z_Z``, with ``mu`` and
    ``log_sigma`` where the network saw an image. Numbers have seven digits, as float32.
    """
    names, columns = zip(*_columns(film), strict=True)
    table = np.concatenate(columns, axis=2)  # [T, B, all]
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("sample", "step", *(name for part in names for name in part)))
    for sample in range(film.num_samples):
        for step in range(film.num_steps):
            numbers = (f"{value:.7g}" for value in table[step, sample])
            rows.writerow((sample + 1, step + 1, *numbers))
    return text.getvalue().encode()


def ink(film: Film) -> tuple[Floats, Floats]:
    """What each step puts on the canvas and takes away, ``[T, B]`` in pixels each."""
    added, removed = [], []
    for step in range(1, film.num_steps + 1):
        before = film.before(step)
        now = film.values(step)
        change = (now - film.codec_at(step).values[before]).mean(axis=1)
        added.append(change.clip(min=0).sum(axis=(1, 2)))
        removed.append(-change.clip(max=0).sum(axis=(1, 2)))
    return np.stack(added), np.stack(removed)


def _columns(film: Film) -> Iterator[tuple[tuple[str, ...], Floats]]:
    """Names of columns, and their numbers ``[T, B, names]``."""
    yield ("ink_added", "ink_removed"), np.stack(ink(film), axis=2)
    for windows in film.of(Windows):
        yield tuple(f"{windows.name}_{label}" for label in windows.labels), windows.parameters
    for bars in film.of(Bars):
        yield (bars.name,), bars.values[..., None]
    for vectors in film.of(Vectors):
        if vectors.name in _LATENTS:
            values = vectors.values.astype(np.float32)
            count = values.shape[2]
            yield tuple(f"{vectors.name}_{k + 1}" for k in range(count)), values
