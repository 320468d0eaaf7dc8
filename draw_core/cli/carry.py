"""``python -m draw_core carry``."""

from typing import Annotated

import typer

from draw_core.base.files import write_atomic
from draw_core.cli.common import (
    DataRoot,
    Download,
    Threads,
    training_bar,
    use_threads,
)
from draw_core.data.datasets import load
from draw_core.measure.carry import CARRY, IMAGES, Carry, digest_of, in_words, measure
from draw_core.store.checkpoint import WEIGHTS, checkpoint_folder, load_checkpoint


def carry(
    checkpoint: Annotated[
        str, typer.Argument(help="Name of a shipped checkpoint, or a run folder.")
    ],
    data_root: DataRoot = None,
    download: Download = False,
    images: Annotated[int, typer.Option(min=2, help="The first so many test images.")] = IMAGES,
    seed: Annotated[int, typer.Option(min=0, help="Of the binarisation and the noise.")] = 0,
    save: Annotated[
        bool, typer.Option("--save", help=f"Write {CARRY} beside the weights, for the page Inside.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    threads: Threads = 0,
) -> None:
    """Print what each step of a DRAW network carries, in nats: its KL, and what is lost without it.

    A step is left out by drawing its latents from the prior: its KL is not sent then, and the
    steps after it are encoded anew, because they see the error. Means over the first test images,
    with one noise sample each.
    """
    use_threads(threads)
    folder = checkpoint_folder(checkpoint)
    weights = digest_of(folder / WEIGHTS)
    model, card = load_checkpoint(folder)
    content = load(card.data, "test", data_root, download).images[:images]
    done = 0
    with training_bar("Measuring", len(content)) as tell:

        def on_batch(count: int) -> None:
            nonlocal done
            done += count
            tell(done)

        found = measure(
            model,
            content,
            card.training.binarisation,
            seed=seed,
            data=card.data,
            weights=weights,
            on_batch=on_batch,
        )
    if as_json:
        print(found.to_json(), end="")
    else:
        _show(checkpoint, found)
    if save:  # last, so that what was measured is not lost where it cannot be saved
        if digest_of(folder / WEIGHTS) != weights:
            raise ValueError(f"{folder.name} has changed meanwhile, so nothing was saved.")
        write_atomic(folder / CARRY, found.to_json().encode())
        if not as_json:
            print(f"Saved as {folder.name}/{CARRY}.")


def _show(name: str, found: Carry) -> None:
    """A line for each step, and what they say together."""
    print(
        f"{name} on the first {found.images:,} test images of {found.data}, seed {found.seed}: "
        f"{found.loss:.2f} nats (standard error {found.standard_error:.2f})"
    )
    print("step    KL  lost without it  standard error")
    for t, (kl, lost, error) in enumerate(
        zip(found.steps, found.lost, found.lost_error, strict=True), start=1
    ):
        print(f"{t:4d} {kl:5.2f} {lost:16.2f} {error:15.2f}")
    print(in_words(found))
