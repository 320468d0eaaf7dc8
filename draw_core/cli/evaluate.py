"""``python -m draw_core evaluate``."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from draw_core.checkpoint import load_checkpoint
from draw_core.cli.common import (
    DataRoot,
    Download,
    Threads,
    checkpoint_folder,
    plain_errors,
    use_threads,
)
from draw_core.data.datasets import load, require_shape
from draw_core.data.registry import default_root
from draw_core.evaluate import evaluate as evaluate_bound


def evaluate(
    checkpoint: Annotated[
        str, typer.Argument(help="Name of a shipped checkpoint, or a run folder.")
    ],
    data: Annotated[
        str | None,
        typer.Option(help="Data set. Default: the one it was trained on.", show_default=False),
    ] = None,
    data_root: DataRoot = None,
    download: Download = False,
    seed: Annotated[int, typer.Option(help="Of the binarisation and the latent noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    threads: Threads = 0,
) -> None:
    """Print the bound on the negative log-likelihood over the whole test set, in nats.

    Test images are binarised as the training images were, with a fixed seed; each gets one latent
    sample.
    """
    with plain_errors():
        use_threads(threads)
        model, card = load_checkpoint(checkpoint_folder(checkpoint))
        images = load(data or card.data, "test", data_root or default_root(), download).images
        require_shape(images, model.config)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Evaluating", total=len(images))
            bound = evaluate_bound(
                model,
                images,
                seed,
                lambda n: progress.advance(task, n),
                card.training.binarisation,
            )
    if as_json:
        print(json.dumps(bound.to_dict()))
    else:
        print(
            f"{bound.nll_bound:.3f} nats = L_x {bound.L_x:.3f} + L_z {bound.L_z:.3f}, "
            f"over {bound.images:,} images"
        )
