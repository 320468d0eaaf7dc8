"""What a viewer sees of a run while it trains: its samples and how it sees one test image."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from draw_core.base import seeds
from draw_core.base.fields import Binarisation, is_number
from draw_core.base.seeds import Stream
from draw_core.data.binarise import binarise
from draw_core.data.datasets import Images
from draw_core.families.engine import Labels, config_of, device_of
from draw_core.families.registry import engine_of, family_of
from draw_core.film.files import to_npz
from draw_core.learning.train import TrainState
from draw_core.measure.evaluate import ErrorRate, result_of
from draw_core.runs.files import replace_file
from draw_core.runs.history import MetricsLog
from draw_core.runs.reporting import Reporter
from draw_core.runs.run import (
    LIVE_SAMPLES,
    LIVE_SEED,
    RECONSTRUCTION,
    ROLLOUTS,
    SAMPLES,
    Run,
    kept_name,
)

# Samples are kept when the step has grown by this factor: fog turns to digits early, and a million
# steps leave 37 of them.
_KEPT_RATIO = 1.4
# The images of the regular test: as many as take about this long to evaluate, within bounds.
_TEST_COST_S, _FEWEST, _MOST = 0.4, 100, 1000
# A forward pass alone is about three times as fast as an update.
_FORWARD_SPEED_UP = 3.0


class Pace:
    """Says when something is due again, so that it costs no more than a share of the time."""

    def __init__(self, first_s: float, interval_s: float, growth: float, share: float) -> None:
        """Due after ``first_s`` seconds, and again after ``interval_s + growth * time so far``.

        It is put off for longer where that would cost more than ``share`` of the time.
        """
        self._begun = time.monotonic()
        self._next = self._begun + first_s
        self._interval_s, self._growth, self._share = interval_s, growth, share

    def do_if_due(self, action: Callable[[], object]) -> None:
        """Does it if it is time."""
        began = time.monotonic()
        if began < self._next:
            return
        action()
        now = time.monotonic()
        grown = self._interval_s + self._growth * (now - self._begun)
        self._next = now + max(grown, (now - began) / self._share)


class Live:
    """Paints and measures a run that trains, for those who look on."""

    def __init__(
        self,
        run: Run,
        state: TrainState,
        test: Images,
        metrics: MetricsLog,
        reporter: Reporter,
    ) -> None:
        self._run, self._state, self._test = run, state, test
        self._metrics, self._reporter = metrics, reporter
        # A run that goes on measures as many images as before.
        self._size = min(len(test.images), run.history().test_images)

    def paint(self) -> None:
        """Replaces the pictures.

        Raises:
            OSError: if the folder is gone or the disk is full.
        """
        run, model = self._run, self._state.model
        if "generate" in family_of(config_of(model)).abilities:
            write_samples(run, model, self._state.step)
        first = Images(self._test.images[:1], self._test.labels[:1])
        write_reconstruction(run, model, *first, self._state.config.binarisation)

    def measure(self) -> None:
        """Adds the result on so many images, spread over the test set, to metrics and status.

        Raises:
            OSError: if the folder is gone or the disk is full.
        """
        if not self._size:
            available = len(self._test.images)
            self._size = subset_size(self._reporter.speed.images_per_s, available)
        images, labels = (spread(part, self._size) for part in self._test)
        result = result_of(self._state.model, images, labels, self._state.config.binarisation)
        if not is_number(result.cost):
            return  # the weights are spoilt, which the next step will find
        self._metrics.flush()
        self._metrics.test(
            self._state.step,
            self._state.seconds,
            *result.parts,
            result.images,
            error=result.error if isinstance(result, ErrorRate) else None,
            spread=True,
        )
        self._reporter.change(test=result.value)


def write_samples(run: Run, model: nn.Module, step: int) -> None:
    """Paints the same noise as always; keeps the picture where it lies far enough from the last.

    Raises:
        OSError: if the folder is gone or the disk is full.
    """
    with np.errstate(invalid="ignore"):
        film = engine_of(config_of(model)).generate(model, LIVE_SAMPLES, LIVE_SEED)
    if not film.is_finite:
        return  # the weights are spoilt, which the next step will find
    content = to_npz(film)
    replace_file(run.folder / SAMPLES, content)
    kept = run.sample_steps()
    if not kept or step >= _KEPT_RATIO * kept[-1]:
        folder = run.folder / ROLLOUTS
        folder.mkdir(exist_ok=True)  # never the run's own folder, which may have been deleted
        replace_file(folder / kept_name(step), content)


def forget_samples_after(run: Run, step: int) -> None:
    """Removes what was painted by weights that were lost."""
    for kept in run.sample_steps():
        if kept > step:
            (run.folder / ROLLOUTS / kept_name(kept)).unlink(missing_ok=True)


def write_reconstruction(
    run: Run,
    model: nn.Module,
    image: UInt8[Tensor, "1 C H W"],
    label: Labels,
    how: Binarisation,
) -> None:
    """Lets the network look at one image and paint it if it can, always with the same noise.

    Raises:
        OSError: if the folder is gone or the disk is full.
    """
    with torch.inference_mode(), np.errstate(invalid="ignore"):
        x = binarise(image, seeds.generator(0, Stream.BINARISE), how)
        engine, source = engine_of(config_of(model)), seeds.generator(0, Stream.TEST_NOISE)
        x = x.to(device_of(model))
        film = engine.repaint(model, x, engine.given(model, x, label, source))
    if film.is_finite:
        if "reconstruct" in family_of(config_of(model)).abilities:
            film = replace(film, original=image.cpu().numpy())
        replace_file(run.folder / RECONSTRUCTION, to_npz(film))


def subset_size(images_per_s: float | None, available: int) -> int:
    """How many test images are evaluated regularly."""
    affordable = (images_per_s or 0.0) * _FORWARD_SPEED_UP * _TEST_COST_S
    return min(available, max(_FEWEST, min(_MOST, int(affordable) // 100 * 100)))


def spread(images: Tensor, count: int) -> Tensor:
    """So many of the images, or of their kinds, at equal distances, ``count`` of 1 to N.

    A set may be sorted: the first 5,000 test images of MNIST are easier than the others
    (http://yann.lecun.com/exdb/mnist), and the first 300 cost a good model 3 nats less.
    """
    return images[torch.arange(count) * len(images) // count]
