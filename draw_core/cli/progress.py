"""How the command line shows a run in training, and how Ctrl-C reaches it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from draw_core.learning.train import Metrics, TrainState
from draw_core.runs.config import Status
from draw_core.runs.execution import Observer
from draw_core.runs.run import Run


class ProgressObserver(Observer):
    """Draws a bar while the run trains. A context: it must be left before anything is printed."""

    def __init__(self, console: Console, run: Run) -> None:
        self._run = run
        self._what = run.config().family.objective.name
        self._nats: float | None = None
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._progress = Progress(*columns, console=console, transient=False)
        self._task: TaskID | None = None
        self._state: TrainState | None = None

    def __enter__(self) -> "ProgressObserver":
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._progress.stop()

    def loading(self, message: str) -> None:
        """Shows what is being fetched or made."""
        self._show(message.rstrip("."), None, 1.0)

    def noted(self, sentence: str) -> None:
        """Says it above the bar, where it stays."""
        self._say(sentence)

    def begun(self, state: TrainState, images: int) -> None:
        """Says what is trained, and starts the bar."""
        self._state = state
        parameters = sum(p.numel() for p in state.model.parameters())
        if state.step:
            data = self._run.config().data
            self._say(f"Going on from update {state.step:,}, with the images of {data}.")
        self._say(f"{parameters:,} parameters, {images:,} images, run in {self._run.folder}")
        self._show("Training", 0.0, 1.0)

    def trained(self, metrics: Metrics, status: Status) -> None:
        """Moves the bar by one update."""
        assert self._state is not None
        config = self._state.config
        share = metrics.step / config.steps
        if config.seconds is not None:
            share = max(share, metrics.seconds / config.seconds)
        self._nats = (
            metrics.loss if self._nats is None else self._nats + 0.01 * (metrics.loss - self._nats)
        )  # over about a hundred steps
        facts = f"update {metrics.step:,}  {self._nats:.2f} nats"
        if status.images_per_s is not None:
            facts += f"  {status.images_per_s:,.0f} images/s"
        left = "" if status.left_s is None else f"left {_clock(status.left_s)}"
        self._show("Training", share, 1.0, facts, left)

    def evaluated(self, done: int, total: int) -> None:
        """Moves the bar of the last evaluation."""
        self._show(f"Measuring the test {self._what}", float(done), float(total))

    def _say(self, text: str) -> None:
        self._progress.console.print(text, soft_wrap=True)

    def _show(
        self, words: str, done: float | None, total: float, facts: str = "", left: str = ""
    ) -> None:
        fields: dict[str, Any] = {"facts": facts, "left": left}
        if self._task is None:  # started late, so that an early fault is a single line
            self._progress.start()
            self._task = self._progress.add_task(words, **fields)
        self._progress.update(
            self._task, description=words, completed=done, total=total, refresh=False, **fields
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Turns the first Ctrl-C or a polite kill into a flag; a second Ctrl-C interrupts as usual."""
    stop = False

    def handler(_number: int, _frame: object) -> None:
        nonlocal stop
        if stop:
            raise KeyboardInterrupt
        stop = True

    previous = {s: signal.signal(s, handler) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stop
    finally:
        for number, old in previous.items():
            signal.signal(number, old)
