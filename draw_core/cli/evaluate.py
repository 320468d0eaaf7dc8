"""``python -m draw_core evaluate``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from draw_core.base.command_line import command
from draw_core.cli.cards import test_result, update_card
from draw_core.cli.common import (
    DataRoot,
    Download,
    OnDevice,
    Threads,
    as_path,
    as_typed,
    messages,
    use_threads,
)
from draw_core.cli.evaluate_progress import Stopped, measure
from draw_core.data.datasets import load, require_shape
from draw_core.families.objective import Objective
from draw_core.learning.device import CPU, pick
from draw_core.measure.evaluate import BLOCK, Bound, ErrorRate, fault_of
from draw_core.measure.evaluate_tally import NOISE_SAMPLES
from draw_core.store.card import Card
from draw_core.store.checkpoint import CARD, checkpoint_folder, load_checkpoint


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
    images: Annotated[
        int | None,
        typer.Option(min=1, help="Only the first so many test images.", show_default=False),
    ] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="Noise samples of each image, averaged.")
    ] = NOISE_SAMPLES,
    iwae: Annotated[
        int,
        typer.Option(
            min=0,
            help="Also the importance-weighted bound (Burda et al. 2016) with so many samples of "
            "each image; 0 leaves it out.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the binarisation and the noise.")] = 0,
    batch_size: Annotated[
        int, typer.Option(min=1, max=BLOCK, help="Images in memory at a time.")
    ] = BLOCK,
    state: Annotated[
        Path | None,
        typer.Option(
            parser=as_path,
            help="File for an unfinished evaluation. Default: one in ~/.cache/draw-explorer.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the unfinished evaluation.")
    ] = False,
    save: Annotated[
        bool, typer.Option("--save", help="Write the result onto the card of the checkpoint.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    threads: Threads = 0,
    device: OnDevice = "auto",
) -> None:
    """Print the negative log-likelihood over the whole test set or the bound on it, in nats.

    Of a classifier it is the share of test images that it takes for something else, in percent.

    Test images are binarised as the training images were, with a fixed seed. Ctrl-C saves and
    stops; the same command with --resume goes on where it was, on a processor to the very same
    result.
    """
    options = locals().copy()
    console = messages()
    use_threads(threads)
    where = pick(device)
    folder = checkpoint_folder(checkpoint)
    model, card = load_checkpoint(folder)
    data = data or card.data
    if card.family.classifies and (iwae or resume or state):
        raise ValueError("Errors are counted at once; leave out --iwae, --resume and --state.")
    if iwae and not card.objective.bound:
        raise ValueError("This likelihood is exact, so there is no bound to tighten; drop --iwae.")
    if save and (data != card.data or images is not None):
        raise ValueError(
            f"A card states the {card.objective.name} on the whole test set of {card.data}; "
            "leave out --save, or --data and --images."
        )
    content, labels = (part[:images] for part in load(data, "test", data_root, download))
    require_shape(content, card.config.shape)
    how = card.training.binarisation
    if fault := fault_of(where, model, content, how):
        console.print(fault, soft_wrap=True)
        where = CPU
    try:
        bound = measure(
            model.to(where),
            content,
            console,
            how,
            name=folder.resolve().name,
            seed=seed,
            samples=samples,
            iwae=iwae,
            batch_size=batch_size,
            state=state,
            resume=resume,
            labels=labels,
        )
    except Stopped as stopped:
        more = {**as_typed(evaluate, options), "resume": True}
        again = command("evaluate", checkpoint, options=more, here=True)
        kept = f" and saved in {stopped.state}. Go on with: {again}"
        console.print(
            f"Stopped at {stopped.share:.0%}{kept if stopped.state else '; nothing was kept.'}",
            soft_wrap=True,
        )
        raise typer.Exit(130) from None  # as after any interrupt: nothing was printed
    result = test_result(bound, card, data)
    if as_json:
        print(json.dumps(result))
    elif isinstance(bound, ErrorRate):
        _show_errors(checkpoint, data, bound, result["protocol"])
    else:
        _show(checkpoint, data, bound, card.objective, result)
    if save:  # last, so that what was measured is not lost where it cannot be saved
        update_card(folder, card, test={**_kept(card, result), **result})
        if not as_json:
            print(f"Saved on {folder.name}/{CARD}.")


def _kept(card: Card, result: dict[str, Any]) -> dict[str, Any]:
    """The importance-weighted bound that is on the card, if this evaluation did not measure it."""
    before = card.test or {}
    alike = all(before.get(k) == result.get(k) for k in ("images", "seed", "protocol"))
    names = ("iwae", "iwae_samples", "iwae_standard_error")
    return {k: before[k] for k in names if alike and k in before and "iwae" not in result}


def _show(name: str, data: str, bound: Bound, what: Objective, result: dict[str, Any]) -> None:
    """A table for a person, the KL of the steps, and how the images were binarised."""
    console = Console(highlight=False, markup=False, emoji=False)
    each = f"{bound.samples} noise sample{'s' if bound.samples > 1 else ''} each, "
    each = each if what.bound else ""
    print(f"{name} on {bound.images:,} test images of {data}, {each}seed {bound.seed}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    # Grey values have no likelihood: the network gives none to them, only a cross-entropy.
    heading = what.heading if bound.bits_per_dim is None else "mean cost"
    table.add_column(f"{heading} per image", no_wrap=True)
    table.add_column("nats", justify="right")
    table.add_column("standard error", justify="right")
    for figure in what.figures:
        error = bound.standard_error if figure is what.figure else None
        table.add_row(figure.printed, f"{result[figure.key]:.3f}", _error(error))
    if bound.iwae is not None:
        label = f"importance-weighted, K = {bound.iwae_samples}"
        table.add_row(label, f"{bound.iwae:.3f}", _error(bound.iwae_standard_error))
    console.print(table)
    if bound.bits_per_dim is not None:
        print(f"{bound.bits_per_dim:.4f} bits per dimension of the {what.name}")
    kl = [f"{value:7.3f}" for value in result.get("kl", ())]
    if kl:
        print(f"KL of each step, first to last, which sum to L_z (T = {len(kl)}):")
    for first in range(0, len(kl), 8):
        print("".join(kl[first : first + 8]))
    console.print(result["protocol"])


def _show_errors(name: str, data: str, found: ErrorRate, about: str) -> None:
    """How often it errs, and would err before its last glimpse."""
    print(f"{name} on {found.images:,} test images of {data}")
    print(
        f"{found.error:.2f} % errors (standard error {found.standard_error:.2f}), cross-entropy "
        f"{found.loss:.4f} nats"
    )
    if found.after_glimpse:
        print("after each glimpse: " + ", ".join(f"{e:.2f} %" for e in found.after_glimpse))
    print(about)


def _error(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
