"""What the commands share: where checkpoints are, options, and errors in one sentence."""

import inspect
import io
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn
from typer.models import OptionInfo

from draw_core.base import environment
from draw_core.base.fields import Device
from draw_core.data.registry import DataError
from draw_core.families.registry import family_of
from draw_core.learning.train import TrainingDiverged
from draw_core.store.card import Card
from draw_core.store.checkpoint import CheckpointError


def as_path(text: str) -> Path | None:
    """What every option and argument that names a path is read by; None if it is empty."""
    with plain_errors():
        return environment.path(text)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Ends the program with one sentence instead of a traceback for faults a user can mend."""
    try:
        yield
    except (CheckpointError, DataError, TrainingDiverged, ValueError) as error:
        typer.secho(f"Error: {error}", fg="red", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        typer.secho(f"Error: {error.strerror or error}{where}.", fg="red", err=True)
        raise typer.Exit(1) from None


DataRoot = Annotated[
    Path | None,
    typer.Option(
        parser=as_path,
        help="Folder of the data sets, in torchvision's layout (MNIST/raw). "
        "Default: $DRAW_DATA_ROOT, else ~/.cache/draw-explorer.",
        show_default=False,
    ),
]
Download = Annotated[bool, typer.Option("--download", help="Fetch the data set if it is absent.")]
Threads = Annotated[
    int,
    typer.Option(min=0, help="CPU threads; 0 leaves the choice to PyTorch.", show_default=True),
]

OnDevice = Annotated[
    Device,
    typer.Option(
        help="Where to compute. auto: what $DRAW_DEVICE says, else a GPU if PyTorch can use one, "
        "else the processor. Results differ by rounding."
    ),
]


# The names of settings in errors: with an underscore anywhere, else only as what an error is of.
_SETTING = re.compile(r"^\w+(?= (?:is|must) )|\b[a-z]+(?:_[a-z]+)+\b")


@contextmanager
def named_as_typed(options: Collection[str]) -> Iterator[None]:
    """Errors of settings name them as they are typed: ``--batch-size``, not ``batch_size``.

    Args:
        options: settings that are options of the command.

    Raises:
        ValueError: instead of one with the names of the settings.
    """

    def typed(match: re.Match[str]) -> str:
        return f"--{match[0].replace('_', '-')}" if match[0] in options else match[0]

    try:
        yield
    except ValueError as error:
        raise ValueError(_SETTING.sub(typed, str(error))) from error


def require_painter(name: str, card: Card) -> None:
    """Makes sure that a network paints pictures of its own.

    Raises:
        ValueError: if it is of a family that does not.
    """
    family = family_of(card.config)
    if "generate" not in family.abilities:
        raise ValueError(f"{name} paints nothing: it is of the kind {family.name}.")


@contextmanager
def training_bar(words: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A bar on the console for messages; yields what is told how many updates are made."""
    columns = [*Progress.get_default_columns()[:-1], TimeRemainingColumn()]
    with Progress(*columns, console=messages()) as progress:
        task = progress.add_task(words, total=steps)
        yield lambda done: progress.update(task, completed=done)


def messages() -> Console:
    """The console for what is not a result; it prints names and paths with brackets as they are."""
    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def as_typed(
    function: Callable[..., None], values: Mapping[str, object], *names: str
) -> dict[str, object]:
    """The options of a command that are not the usual ones, by their names on the command line.

    Args:
        function: the command.
        values: of its parameters.
        names: of the only ones to give; all if there are none.
    """
    found: dict[str, object] = {}
    for parameter in inspect.signature(function).parameters.values():
        value, (about,) = values[parameter.name], parameter.annotation.__metadata__
        if value == parameter.default or not isinstance(about, OptionInfo):
            continue
        # In an annotation a name of its own stands where Option expects the default.
        own, usual = about.default, parameter.name.replace("_", "-")
        name = own.removeprefix("--") if isinstance(own, str) else usual
        if not names or name in names:
            found[name] = value
    return found


def printable_everywhere() -> None:
    """Lets a console show a question mark for what it cannot show, instead of an error.

    That of Windows knows some 250 letters, and names of files may hold any.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not where a program has put something else
            stream.reconfigure(errors="replace")


def use_threads(threads: int) -> None:
    """Limits PyTorch to that many CPU threads."""
    import torch

    if threads:
        torch.set_num_threads(threads)
