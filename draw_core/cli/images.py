"""``python -m draw_core images``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from draw_core.base.command_line import command
from draw_core.cli.common import DataRoot, as_path, messages
from draw_core.data import shelf
from draw_core.data.folders.folder import import_images
from draw_core.data.registry import RootError, default_root, describe


def images(
    source: Annotated[
        Path | None,
        typer.Argument(
            parser=as_path,
            help="A folder of pictures, or a zip archive; folders are classes. "
            "Needed unless --list or --delete is given.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the set is called. Default: the source's name.")
    ] = None,
    size: Annotated[int, typer.Option(help="Height and width in pixels, 8 to 128.")] = 28,
    channels: Annotated[int, typer.Option(help="1 for grey, 3 for colour.")] = 1,
    data_root: DataRoot = None,
    show: Annotated[bool, typer.Option("--list", help="Print the sets that there are.")] = False,
    delete: Annotated[str | None, typer.Option(help="Delete a set by its name, folder:ID.")] = None,
) -> None:
    """Make a data set of your own pictures.

    Prints its name, which the command train takes as --data.
    """
    if delete is not None:
        describe(delete, data_root)  # fails where there is none
        shelf.delete_folder(delete, data_root)
    if show:
        for kept in shelf.list_folders(data_root):
            sizes = kept.dataset.sizes
            images_in_all = sizes.train + sizes.test
            title = f"{kept.dataset.title}, {images_in_all:,} images, {kept.bytes / 1e6:.1f} MB"
            typer.echo(f"{kept.dataset.name}  {title}")
    if source is not None:
        _import(source, name or source.stem, size, channels, data_root)
    elif not show and delete is None:
        raise ValueError("Say which folder or archive of pictures to use, or --list.")


def _import(source: Path, name: str, size: int, channels: int, data_root: Path | None) -> None:
    with Progress(console=messages()) as progress:
        task = progress.add_task("reading pictures", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        registered = import_images(
            source, data_root, name=name, height=size, width=size, channels=channels, progress=told
        )
    folder = data_root or default_root()
    kept = shelf.read(registered, folder)
    sizes = kept.dataset.sizes
    typer.echo(registered)
    counts = f"{sizes.train:,} images to train on and {sizes.test:,} to test with"
    typer.echo(f"{counts}, kept in {folder}.", err=True)
    for note in kept.notes:
        typer.echo(note, err=True)
    is_usual = data_root is None or data_root.resolve() == _usual_root()
    options = {"data": registered, "data_root": None if is_usual else data_root}
    typer.echo(f"Train with: {command('train', options=options, here=True)}", err=True)


def _usual_root() -> Path | None:
    """Where a command looks that is not told; None where it knows no place."""
    try:
        return default_root().resolve()
    except RootError:
        return None
