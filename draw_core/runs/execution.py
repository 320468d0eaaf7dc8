"""Trains one run from where it is to its end, and does what its user asks meanwhile.

The same code serves Dask's workers and the command line.
"""

import dataclasses
import os
import socket
import traceback
from pathlib import Path
from typing import Literal

import torch

from draw_core.base.fields import Device, is_number
from draw_core.base.hardware import job_threads
from draw_core.data.datasets import Images, load
from draw_core.data.drawn import strokes
from draw_core.data.folders.sameness import sameness
from draw_core.data.registry import FOLDER_PREFIX, DataError
from draw_core.learning.device import CPU, pick
from draw_core.learning.train import Metrics, TrainingDiverged, TrainState, fault_of, train
from draw_core.learning.trial import first_line, name_of
from draw_core.measure.evaluate import result_of
from draw_core.runs.config import Status
from draw_core.runs.files import Claimed, claim, remove_torn_files
from draw_core.runs.live import Live, Pace, forget_samples_after
from draw_core.runs.run import ROLLOUTS, TRAINING, Run, RunError
from draw_core.runs.saving import begin, save_preview, save_result, save_run, take_up
from draw_core.runs.session import Ended, Leave, Session
from draw_core.store.card import Card

# Far less than the 30 seconds that may be lost: what Generate and an export show is the checkpoint.
SAVE_EVERY_S = 5.0
# Deaths of workers without a checkpoint in between, after which a run is not tried again.
MAX_DEATHS = 3
_COMPILING = "Translating the network, which takes a minute or more."
_NO_RESULT = (
    "The {} on the test images is not a finite number. Train anew with a lower learning rate or "
    "a longer warm-up."
)


class Observer:
    """Is told what happens, in the thread that trains; does nothing with it."""

    def loading(self, message: str) -> None:
        """Data are being fetched or made."""

    def noted(self, sentence: str) -> None:
        """Something happened that whoever began the run should know."""

    def begun(self, state: TrainState, images: int) -> None:
        """Training begins or goes on from ``state.step``, on so many images."""

    def trained(self, metrics: Metrics, status: Status) -> None:
        """One update was made."""

    def evaluated(self, done: int, total: int) -> None:
        """So many of all test images were evaluated at the end of training."""


def execute(
    folder: Path,
    *,
    download: bool = False,
    device: Device = "auto",
    leave: Leave = lambda: None,
    observer: Observer | None = None,
    limit_s: float | None = None,
) -> Status:
    """Trains a run until it is finished or stopped, has failed, or gives way while paused.

    Args:
        download: whether data that are not there may be fetched.
        device: see :func:`draw_core.learning.device.pick`. A run may go on on another one.
        leave: is asked before each training step whether to save and end now, as ``"queued"`` to
            be gone on with later or as ``"stopped"``.
        limit_s: seconds at work, over all parts of the run, after which it is stopped; None for
            no limit.

    Returns:
        The last status; what went wrong is its ``message``.

    Raises:
        RunError: if another process trains this run, if it was deleted, or if the folder cannot
            even be told that the run has failed.
    """
    run = Run(folder)
    threads = torch.get_num_threads()
    try:
        with claim(folder) as identity:
            session = Session(run, identity, leave, limit_s)
            return _Execution(session, download, device, observer or Observer()).execute()
    except Claimed as error:
        raise RunError(f"The run {run.id} is being trained by another process.") from error
    except FileNotFoundError as error:
        raise RunError(f"The run {run.id} was deleted.") from error
    finally:
        torch.set_num_threads(threads)
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()  # a worker lives on


class _Execution:
    """One part of a run: what one process does for it, from claiming to leaving."""

    train: Images
    test: Images

    def __init__(
        self, session: Session, download: bool, device: Device, observer: Observer
    ) -> None:
        self.session, self.run, self.folder = session, session.run, session.folder
        self.download, self.asked, self.observer = download, device, observer
        self.config = self.run.config()
        self.notes: list[str] = []
        self.reporter, self.metrics = self.session.reporter, self.session.metrics

    def execute(self) -> Status:
        if self.reporter.status.state == "finished":
            return self.reporter.status
        try:
            try:
                self._train()
            except Ended as end:
                self.session.end(end.state, end.message)
            except Exception as error:  # noqa: BLE001 - whatever it is, the run must say so
                self.session.fail(error)
        except OSError as error:
            if not self.session.is_deleted():
                raise RunError(
                    f"The run {self.run.id} failed and cannot say so: {error.strerror or error}."
                ) from error
        if self.session.is_deleted():
            self.session.remove_leftovers()
            self.reporter.change(
                state="failed", worker=None, message="The run was deleted while it trained."
            )
        return self.reporter.status

    def _train(self) -> None:
        remove_torn_files(self.folder)
        remove_torn_files(self.folder / ROLLOUTS)
        self._count_deaths()
        self.session.look_at_control()
        self.session.leave_if_asked()
        torch.set_num_threads(job_threads(self.config.threads))
        self.train, self.test = self._load("train"), self._load("test")
        if self.config.data.startswith(FOLDER_PREFIX) and (
            warning := sameness(self.train.images.numpy())
        ):
            self._note(warning)
        device = pick(self.asked)
        try:
            self._work(device)
        except RuntimeError as error:
            if device == CPU:
                raise
            self._note(
                f"{name_of(device)} failed ({first_line(error)}), so the processor goes on from "
                "the last checkpoint."
            )
            self.run.write_log("".join(traceback.format_exception(error)))
            self._work(CPU)

    def _work(self, device: torch.device) -> None:
        self._begin_or_take_up(device)
        self.observer.begun(self.session.state, len(self.train.images))
        if not self.session.state.done:
            self._loop()
        self._finish()

    def _note(self, sentence: str) -> None:
        self.notes.append(sentence)
        self.run.write_log(sentence)
        self.observer.noted(sentence)

    def _count_deaths(self) -> None:
        """Finds out by the status whether the process before this one ended as it should."""
        status = self.reporter.status
        died = status.worker is not None
        if died:
            self.run.write_log(f"The worker {status.worker} died; the run is taken up again.")
            self.reporter.change(retries=status.retries + 1, deaths=status.deaths + 1)
        else:
            self.reporter.change(deaths=0)
        if self.reporter.status.deaths >= MAX_DEATHS:
            raise Ended(
                "failed",
                f"Its worker died {MAX_DEATHS} times without getting further, probably for want "
                "of memory; use a smaller batch or a smaller network.",
            )
        self.reporter.change(worker=f"{socket.gethostname()}:{os.getpid()}", gave_way=False)
        self.reporter.write("starting", "Loading the data.")

    def _load(self, split: Literal["train", "test"]) -> Images:
        def progress(done: int, total: int) -> None:
            if self.reporter.due:
                share = f": {done / total:.0%}" if total else ""
                message = f"Getting the data set {self.config.data}{share}."
                self.reporter.write(message=message)
                self.observer.loading(message)
                self.session.look_at_control()
                self.session.leave_if_asked()

        root = Path(self.config.data_root) if self.config.data_root else None
        if self.config.data == "strokes" and not strokes.are_made(root):
            message = "Drawing 70,000 pictures, which is done once and takes some seconds."
            self.reporter.write(message=message)
            self.observer.loading(message)
        found = load(self.config.data, split, root, self.download, progress)
        if len(found.images) == 0:
            raise DataError(f"The data set {self.config.data} has no {split} images.")
        return found

    def _on(self, device: torch.device) -> tuple[TrainState, Card]:
        if (self.folder / TRAINING).exists():
            return take_up(self.folder, device)
        return begin(self.config, self.train.images, device)

    def _begin_or_take_up(self, device: torch.device) -> None:
        begun = (self.folder / TRAINING).exists()
        state, card = self._on(CPU)
        if device != CPU:
            self.reporter.write(message="Comparing an update on the GPU with the processor's.")
            fault = fault_of(device, state.model, state.config, *self.train)
            if fault is None:
                state, card = self._on(device)
            else:
                self._note(fault)
        if begun:
            card = dataclasses.replace(card, train_images=len(self.train.images))
            self.run.write_log(f"Taken up again from update {state.step:,}.")
        else:
            # A checkpoint from the beginning on, and the same one if the first part is lost.
            card = save_run(self.folder, state, card, 0.0)
            self.run.write_log(f"Begun: {card.command}; {card.hardware}.")
        self.metrics.resumed(state.step)
        forget_samples_after(self.run, state.step)
        live = Live(self.run, state, self.test, self.metrics, self.reporter)
        self.session.begin(state, card, live, *self.train)

    def _loop(self) -> None:
        state = self.session.state
        batch = min(self.config.training.batch_size, len(self.train.images))
        pictures = Pace(0.0, 1.5, 0.01, share=0.04)
        tests = Pace(2.0, 2.0, 0.005, share=0.05)
        saves = Pace(SAVE_EVERY_S, SAVE_EVERY_S, 0.0, share=0.1)
        retried = self.reporter.status.deaths > 0
        retry = f"It goes on from update {state.step:,}: its process ended unexpectedly."
        message = " ".join([*([retry] if retried else []), *self.notes])
        compiling = self.config.training.compiled  # until the first update is made
        try:
            self.session.heed()
            self.session.report("running", _COMPILING if compiling else message)
            for metrics in train(state, *self.train):
                self.session.require_folder()
                if compiling:
                    compiling = False
                    self.reporter.change(message=message)
                self.reporter.speed.add(metrics.step, metrics.seconds, batch)
                self.metrics.add(metrics)
                if not state.done:
                    pictures.do_if_due(self.session.live.paint)
                    tests.do_if_due(self.session.live.measure)
                    saves.do_if_due(self.session.save)
                if self.reporter.due:
                    self.session.report()
                self.observer.trained(metrics, self.reporter.status)
                self.session.heed()
        except TrainingDiverged:
            self.session.write_checkpoint()  # of the last good weights
            raise
        self.session.write_checkpoint()

    def _finish(self) -> None:
        state = self.session.state
        self.session.require_folder()
        self.session.live.paint()
        save_preview(self.folder, state)
        total, done = len(self.test.images), 0
        what = self.config.family.objective.name

        def on_batch(count: int) -> None:
            nonlocal done
            done += count
            self.observer.evaluated(done, total)
            if self.reporter.due:
                self.session.report(message=_measuring(what, done, total))
            self.session.look_at_control()
            self.session.leave_if_asked()

        self.session.report("running", _measuring(what, 0, total))
        how = self.config.training.binarisation
        result = result_of(state.model, *self.test, how, on_batch)
        if not is_number(result.cost):
            raise TrainingDiverged(_NO_RESULT.format(what))
        self.session.require_folder()
        card = dataclasses.replace(self.session.card, wall_time_s=round(self.reporter.elapsed_s, 1))
        self.session.card = save_result(self.folder, card, result)
        self.reporter.change(test=result.value)
        self.session.end("finished", "")


def _measuring(what: str, done: int, total: int) -> str:
    return f"Measuring the {what} on all {total:,} test images: {done / total:.0%}."
