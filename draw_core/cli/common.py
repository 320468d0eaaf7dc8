"""What the commands share: where checkpoints are, options, and errors in one sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from draw_core.checkpoint import CheckpointError, checkpoint_root, list_checkpoints
from draw_core.data.registry import DataError
from draw_core.train import TrainingDiverged

DataRoot = Annotated[
    Path | None,
    typer.Option(
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


def checkpoint_folder(name_or_folder: str) -> Path:
    """A run folder as it is given, or the shipped checkpoint of that name."""
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    root = checkpoint_root()
    if (root / name_or_folder).is_dir() and os.sep not in name_or_folder:
        return root / name_or_folder
    raise CheckpointError(
        f"There is no checkpoint or run folder {name_or_folder!r}; shipped are: "
        f"{', '.join(entry.name for entry in list_checkpoints(root)) or 'none'}."
    )


def use_threads(threads: int) -> None:
    """Limits PyTorch to that many CPU threads."""
    import torch

    if threads:
        torch.set_num_threads(threads)
