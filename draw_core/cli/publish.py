"""``python -m draw_core publish``."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from jaxtyping import UInt8
from rich.console import Console
from torch import Tensor, nn

from draw_core.base.files import write_atomic
from draw_core.cli.cards import test_result
from draw_core.cli.common import (
    DataRoot,
    Download,
    Threads,
    as_path,
    messages,
    use_threads,
)
from draw_core.cli.evaluate_progress import Stopped, measure
from draw_core.data.datasets import Images, load, require_shape
from draw_core.data.registry import describe
from draw_core.measure.carry import CARRY
from draw_core.measure.evaluate import Bound, Result, evaluate
from draw_core.measure.evaluate_tally import QUICK_IMAGES
from draw_core.runs.history import METRICS, read_history
from draw_core.runs.registry import is_run_id
from draw_core.runs.run import CONFIG, Run, RunError
from draw_core.store.card import Card, Weights
from draw_core.store.checkpoint import (
    LARGEST_MOVE,
    CheckpointError,
    checkpoint_root,
    load_checkpoint,
    make_preview,
    round_weights,
    save_checkpoint,
)
from draw_core.store.curve import CURVE

CURVE_POINTS = 400


def publish(
    run_folder: Annotated[Path, typer.Argument(parser=as_path, help="Folder of a finished run.")],
    name: Annotated[str, typer.Argument(help="Name of the checkpoint, in $DRAW_CHECKPOINTS.")],
    note: Annotated[
        list[str] | None,
        typer.Option(help="A sentence for the card on what makes it train well; may be repeated."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Noise samples of each test image.")] = 1,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite the checkpoint of that name.")
    ] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Publish a run that was stopped before its end.")
    ] = False,
    data_root: DataRoot = None,
    download: Download = False,
    threads: Threads = 0,
) -> None:
    """Make a checkpoint of a finished run: weights, card, preview and the curve of its costs.

    Weights are stored in half precision if this moves the bound (of a classifier: the
    cross-entropy) over the whole test set by less than 0.05 nats, else in float32. The card states
    the result of the weights as they are stored.
    """
    console = messages()
    use_threads(threads)
    if not is_run_id(name):
        raise ValueError(f"{name!r} cannot name a checkpoint; use letters, digits and hyphens.")
    target = checkpoint_root() / name
    if target.resolve() == run_folder.resolve():
        raise ValueError(f"{name} is the folder of the run itself; choose another name.")
    if target.exists() and not replace:
        raise ValueError(f"There is a checkpoint {name} already; add --replace to overwrite it.")
    _require_finished(run_folder, unfinished)
    model, card = load_checkpoint(run_folder)
    card = dataclasses.replace(card, notes=tuple(note) if note else card.notes)
    card.check()
    images, labels = load(card.data, "test", data_root, download)
    card = dataclasses.replace(card, data_title=describe(card.data, data_root).title)
    require_shape(images, card.config.shape)
    try:
        weights, model, bound = _choose(model, card, Images(images, labels), samples, console)
    except Stopped:
        console.print("Stopped; nothing was published.")
        raise typer.Exit(130) from None
    card = dataclasses.replace(card, test=test_result(bound, card, card.data))
    card.check()
    save_checkpoint(target, model, card, make_preview(model), weights)
    for other in (CURVE, CARRY):  # of the weights that were there
        (target / other).unlink(missing_ok=True)
    if (run_folder / METRICS).is_file():
        costs = read_history(run_folder, CURVE_POINTS).costs()
        write_atomic(target / CURVE, costs.to_json().encode())
    size = sum(file.stat().st_size for file in target.iterdir() if file.is_file())
    print(f"Published {name} with {weights} weights, {size / 1e6:.2f} MB.")
    print(card.protocol())


def _require_finished(folder: Path, unfinished: bool) -> None:
    """Makes sure that nobody trains these weights, and that they are meant to be the last."""
    if not folder.is_dir():
        raise CheckpointError(f"There is no run folder {folder}.")
    if not (folder / CONFIG).exists():
        return  # a checkpoint from elsewhere
    try:
        state = Run(folder).status().state
    except RunError as error:
        raise CheckpointError(str(error)) from error
    if state in ("queued", "starting", "running", "paused"):
        raise CheckpointError(f"The run {folder.name} is still in training ({state}).")
    if state != "finished" and not unfinished:
        raise CheckpointError(
            f"The run {folder.name} was {state} before its end; add --unfinished to publish it."
        )


def _choose(
    model: nn.Module, card: Card, test: Images, samples: int, console: Console
) -> tuple[Weights, nn.Module, Result]:
    """The precision to store, the network as it is then, and its result; prints both results."""
    what = card.objective

    def tested(model: nn.Module, words: str) -> Result:
        how, labels = card.training.binarisation, test.labels
        return measure(
            model, test.images, console, how, words=words, samples=samples, labels=labels
        )

    full = _known(model, card, test.images, samples) or tested(model, "float32")
    print(f"float32  {what.said(full.value, 4)}")
    try:
        halved = round_weights(model)
    except ValueError as error:
        print(f"float16  cannot be used: {error}")
        return "float32", model, full
    half = tested(halved, "float16")
    move = half.cost - full.cost
    cost = f"{what.lowered} moved by {move:+.4f} nats" if what.lowered else ""
    moved = cost or f"moved by {move:+.4f}"
    print(f"float16  {what.said(half.value, 4)}, {moved}")
    if abs(move) < LARGEST_MOVE:
        return "float16", halved, half
    return "float32", model, full


def _known(
    model: nn.Module, card: Card, images: UInt8[Tensor, "N C H W"], samples: int
) -> Bound | None:
    """What the run's card states, if it states all that is needed, of these very weights."""
    test = {k: v for k, v in (card.test or {}).items() if k != "protocol"}
    if (test.get("images"), test.get("samples"), test.get("seed")) != (len(images), samples, 0):
        return None
    if not {"first_1000", "standard_error", "kl"} <= test.keys():
        return None
    quick = evaluate(model, images[:QUICK_IMAGES], binarisation=card.training.binarisation)
    if abs(quick.nll_bound - test["first_1000"]) > 1e-3:
        return None
    return Bound(**{**test, "kl": tuple(test["kl"])})
