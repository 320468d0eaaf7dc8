"""How the command line shows a classifier in training and in its test."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from draw_core.base.command_line import command
from draw_core.cli.common import messages
from draw_core.cli.progress import stop_on_interrupt
from draw_core.data.composed.composites import SEED, Composer, open_composer
from draw_core.data.registry import describe
from draw_core.families.glimpse.card import MeasuredError

if TYPE_CHECKING:
    import torch

    from draw_core.families.glimpse.run import ClassifierRun
    from draw_core.families.glimpse.train import Classifier

_SAY_EVERY_S = 30.0


def train_with_bar(
    run: "ClassifierRun",
    composer: Composer,
    console: Console,
    device: "torch.device",
    again: Mapping[str, object],
) -> None:
    """Trains on that device while a bar shows how far it is.

    Args:
        again: the options by which a training goes on that was stopped.
    """
    settings, state = run.settings(), run.state(device)
    parameters = sum(p.numel() for p in state.model.parameters())
    console.print(
        f"{parameters:,} parameters, {settings.digits(composer):,} digits of "
        f"{describe(settings.data).title}, from step {state.step:,}, in {run.folder}",
        soft_wrap=True,
    )
    columns = (
        TextColumn("step {task.completed:,.0f}"),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.3f}  validation error {task.fields[error]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    loss: float | None = None
    with Progress(*columns, console=console) as progress, stop_on_interrupt() as stopped:
        task = progress.add_task(
            "", total=settings.training.steps, completed=state.step, loss=0.0, error="–"
        )
        for made in run.train(state, composer, stopped):
            if isinstance(made, float):
                progress.update(task, error=f"{made:.2f} %")
                continue
            loss = made.loss if loss is None else loss + 0.01 * (made.loss - loss)
            progress.update(task, completed=made.step, loss=loss)
    if not state.done:
        console.print(
            f"Stopped and saved after step {state.step:,}. Go on with: "
            f"{command('classify train', options=again, here=True)}",
            soft_wrap=True,
        )


def measure(
    model: "Classifier",
    data: str,
    images: int,
    root: Path | None,
    download: bool,
    words: str = "Classifying",
) -> MeasuredError:
    """The error over the first so many composite test images, with a bar and the time left.

    Where there is no terminal, a line every half a minute says how far it is.
    """
    from draw_core.families.glimpse.evaluate import error_rate

    composer = open_composer(data, "test", root, download)
    console = messages()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    done, said = 0, time.monotonic()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task(words, total=images)

        def on_batch(count: int) -> None:
            nonlocal done, said
            done += count
            progress.update(task, completed=done)
            if not console.is_terminal and time.monotonic() - said > _SAY_EVERY_S:
                console.print(f"{words}: {done / images:.0%}", soft_wrap=True)
                said = time.monotonic()

        error = error_rate(model, composer, range(images), on_batch)
    first = None if error.first_1000 is None else round(error.first_1000, 4)
    return MeasuredError(
        error=round(error.error, 4),
        standard_error=round(error.standard_error, 4),
        loss=round(error.loss, 6),
        images=error.images,
        protocol=protocol(data, images),
        after_glimpse=tuple(round(e, 4) for e in error.after_glimpse),
        first_1000=first,
    )


def protocol(data: str, images: int) -> str:
    """The sentences that belong beside an error: which images it was measured on."""
    return (
        f"Composite images 0 to {images - 1:,} of the test split of {data}, composed with seed "
        f"{SEED}, classified in float32. All digits and clutter on them are of the test split. The "
        "training digits that were held back for the validation error are on no training page as "
        "its own digit, but may be in its clutter."
    )
