"""A film: what a network made or looked at, step by step, as plain arrays, ready to be shown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from draw_core.film.arrays import Bytes, Floats, one_of, require
from draw_core.film.codecs import Codec
from draw_core.film.segments import Frames, Raster, Segment, Still
from draw_core.film.tracks import Bars, Patches, Track, Vectors, Windows, Words, is_finite

AnyTrack = TypeVar("AnyTrack", bound=Track)


@dataclass(frozen=True, eq=False)
class Film:
    """The steps of some samples.

    Attributes:
        segments: the pictures, one after another. The steps run through all of them: step 0 is the
            canvas before the first, and a later segment may have a canvas of another size.
        tracks: what accompanies each step.
        original: ``uint8 [B, C, H, W]``, the pictures v / 255 that the samples rebuild, if they do.

    Raises:
        FilmError: if the parts do not belong together.
    """

    segments: tuple[Segment, ...]
    tracks: tuple[Track, ...] = ()
    original: Bytes | None = None

    def __post_init__(self) -> None:
        known = all(isinstance(s, Frames | Raster | Still) for s in self.segments)
        require(known and len(self.segments) >= 1, "A film has one segment or more")
        samples = {segment.num_samples for segment in self.segments}
        require(len(samples) == 1, "All segments of a film show the same samples")
        names = [(type(track), track.name) for track in self.tracks]
        require(len(set(names)) == len(names), "No two tracks of a kind have the same name")
        for track in self.tracks:
            fits = track.fits(self.num_steps, self.num_samples)
            require(fits, f"The track {track.name} is of other steps or samples than the pictures")
        channels = {segment.shape[0] for segment in self.segments}
        for patches in self.of(Patches):
            fits = channels == {patches.values.shape[2]}
            require(fits, f"The patches {patches.name} have other channels than the pictures")
        if self.original is not None:
            ok = self.original.ndim == 4 and one_of(self.original, np.uint8)
            ok = ok and len(self.original) == self.num_samples
            require(ok, "The originals of the samples are bytes [B, C, H, W]")

    # ---- pictures

    @property
    def num_steps(self) -> int:
        """T; with step 0 there are T + 1 pictures."""
        return sum(segment.num_steps for segment in self.segments)

    @property
    def num_samples(self) -> int:
        """B."""
        return self.segments[0].num_samples

    @property
    def shape(self) -> tuple[int, ...]:
        """C, H, W of the finished pictures."""
        return self.segments[-1].shape

    @property
    def codec(self) -> Codec:
        """Of the finished pictures."""
        return self.segments[-1].codec

    @property
    def last(self) -> Bytes:
        """The finished pictures, ``[B, C, H, W]``."""
        return self.frame(self.num_steps)

    def frame(self, step: int) -> Bytes:
        """The pictures after step 0..T, ``[B, C, H, W]``."""
        segment, k = self._at(step)
        return segment.frame(k)

    def before(self, step: int) -> Bytes:
        """What step 1..T began with, of the size of its own canvas."""
        segment, k = self._at(step)
        return segment.frame(k - 1)

    def values(self, step: int) -> Floats:
        """The brightness that is shown after a step, ``float32 [B, C, H, W]``, from 0 to 1."""
        segment, k = self._at(step)
        return segment.codec.values[segment.frame(k)]

    def codec_at(self, step: int) -> Codec:
        """Of the pictures after a step, and of what the step began with."""
        return self._at(step)[0].codec

    def frames(self, n: int | None = None) -> Bytes:
        """All pictures of the first n samples, ``[T+1, n, C, H, W]``.

        Raises:
            FilmError: if they are not of one size and codec.
        """
        like = {(segment.shape, segment.codec) for segment in self.segments}
        require(len(like) == 1, "The pictures of this film are of more than one kind")
        if len(self.segments) == 1 and isinstance(self.segments[0], Frames):
            return self.segments[0].pixels[:, :n]
        return np.stack([self.frame(step)[:n] for step in range(self.num_steps + 1)])

    def _at(self, step: int) -> tuple[Segment, int]:
        """The segment that a step belongs to, and how many of its own steps are done then."""
        if not 0 <= step <= self.num_steps:
            raise IndexError(f"There is no step {step} in a film of {self.num_steps}.")
        for segment in self.segments[:-1]:
            if step <= segment.num_steps:
                return segment, step
            step -= segment.num_steps
        return self.segments[-1], step

    # ---- parts

    def first(self, n: int) -> "Film":
        """The first n samples."""
        return self.pick(slice(n))

    def only(self, sample: int) -> "Film":
        """One sample, 0..B-1.

        Raises:
            IndexError: if there is no such sample.
        """
        if not 0 <= sample < self.num_samples:
            raise IndexError(f"There is no sample {sample} in a film of {self.num_samples}.")
        return self.pick(slice(sample, sample + 1))

    def pick(self, which: slice) -> "Film":
        """Some samples."""
        return Film(
            tuple(segment.pick(which) for segment in self.segments),
            tuple(track.pick(which) for track in self.tracks),
            None if self.original is None else np.ascontiguousarray(self.original[which]),
        )

    def without(self, *kinds: type[Track]) -> "Film":
        """The same pictures without the tracks of these kinds."""
        return replace(self, tracks=tuple(t for t in self.tracks if not isinstance(t, kinds)))

    def of(self, kind: type[AnyTrack]) -> Iterator[AnyTrack]:
        """The tracks of a kind."""
        return (track for track in self.tracks if isinstance(track, kind))

    def windows(self, name: str) -> Windows | None:
        """The windows of that name, if there are any."""
        return self._find(Windows, name)

    def patches(self, name: str) -> Patches | None:
        """The patches of that name, if there are any."""
        return self._find(Patches, name)

    def bars(self, name: str) -> Bars | None:
        """The bars of that name, if there are any."""
        return self._find(Bars, name)

    def words(self, name: str) -> Words | None:
        """The words of that name, if there are any."""
        return self._find(Words, name)

    def vectors(self, name: str) -> Vectors | None:
        """The vectors of that name, if there are any."""
        return self._find(Vectors, name)

    def _find(self, kind: type[AnyTrack], name: str) -> AnyTrack | None:
        found = (track for track in self.tracks if isinstance(track, kind) and track.name == name)
        return next(found, None)

    @property
    def is_finite(self) -> bool:
        """Whether all numbers of its tracks are numbers; those of spoilt weights are not."""
        return all(map(is_finite, self.tracks))
