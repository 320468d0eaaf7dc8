"""``python -m draw_core classify train | evaluate | publish``."""

import dataclasses
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from draw_core.base import environment
from draw_core.base.fields import Precision
from draw_core.cli.classify_progress import measure, train_with_bar
from draw_core.cli.common import (
    DataRoot,
    Download,
    OnDevice,
    Threads,
    after_trial,
    as_path,
    as_typed,
    messages,
    named_as_typed,
    new_checkpoint,
    plain_errors,
    use_threads,
)
from draw_core.data.composed.composites import open_composer
from draw_core.data.registry import describe, pinned
from draw_core.families.glimpse.card import ClassifierCard, MeasuredError, Network
from draw_core.families.glimpse.checkpoint import (
    list_classifiers,
    load_classifier,
    round_classifier,
    save_classifier,
)
from draw_core.families.glimpse.config import CONFIGS, ClassifierTraining, Kind
from draw_core.runs.registry import runs_root
from draw_core.store.card import CLASSIFIER_FORMAT, Weights, check_notes
from draw_core.store.checkpoint import LARGEST_MOVE, CheckpointError, checkpoint_root

if TYPE_CHECKING:
    from draw_core.families.glimpse.settings import RunSettings
    from draw_core.families.glimpse.train import Classifier

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="A classifier that finds a digit in clutter with DRAW's window, and its baseline.",
)
_NAME = "cluttered-classifier"
_TRAINING = {field.name for field in dataclasses.fields(ClassifierTraining)}
_GLIMPSES = {"num_steps", "hidden_size", "read_size"}
_DRAW_ONLY = _GLIMPSES | {"window_rate", "window_clip"}


@app.command("train")
def train(
    run_dir: Annotated[
        Path | None,
        typer.Option(
            parser=as_path,
            help="Folder of the training. Default: a new one in .classifiers in $DRAW_RUNS_DIR, "
            "else in runs/.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        Kind, typer.Option(help="draw looks through a window; conv is the baseline without one.")
    ] = "draw",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on; the settings of the folder hold.")
    ] = False,
    data: Annotated[
        str, typer.Option(help="cluttered, or cluttered:mnist, cluttered:strokes.")
    ] = "cluttered",
    data_root: DataRoot = None,
    download: Download = False,
    steps: Annotated[int | None, typer.Option(help="Weight updates in all.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images per update.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate of Adam, reached after the warm-up.")
    ] = None,
    window_rate: Annotated[
        float | None, typer.Option(help="Share of it at which the window's head learns (draw).")
    ] = None,
    window_clip: Annotated[
        float | None, typer.Option(help="Largest norm of the gradient of one window (draw).")
    ] = None,
    warmup_steps: Annotated[
        int | None, typer.Option(help="Updates until the highest rate; cosine decay to 0 follows.")
    ] = None,
    grad_clip: Annotated[float | None, typer.Option(help="Largest norm of the gradient.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights and image order.")] = None,
    validation: Annotated[
        int | None,
        typer.Option(
            help="Training digits that are measured instead; pieces of them remain in the clutter."
        ),
    ] = None,
    precision: Annotated[
        Precision | None,
        typer.Option(
            help="Of the factors of matrix products. Default: bfloat16 where the processor "
            "multiplies it faster.",
            show_default=False,
        ),
    ] = None,
    num_steps: Annotated[int | None, typer.Option(help="T: glimpses per image (draw).")] = None,
    hidden_size: Annotated[int | None, typer.Option(help="LSTM units (draw).")] = None,
    read_size: Annotated[int | None, typer.Option(help="N of the N x N window (draw).")] = None,
    save_every: Annotated[
        int, typer.Option(min=1, help="Updates between saving and measuring.")
    ] = 1000,
    threads: Threads = 1,
    device: OnDevice = "auto",
) -> None:
    """Train one of the two networks in a folder of its own.

    Ctrl-C saves and stops; the same command with --resume goes on and, on a processor, gives the
    weights that an uninterrupted training would have given.
    """
    from draw_core.families.glimpse.run import ClassifierRun
    from draw_core.families.glimpse.train import fault_of
    from draw_core.learning.device import CPU, fast_precision, pick

    options = locals().copy()
    given = {k: v for k, v in options.items() if v is not None}
    console = messages()
    with plain_errors():
        use_threads(threads)
        where = pick(device)  # before a folder is made
        if resume:
            if run_dir is None:
                raise ValueError("Say with --run-dir which training to go on with.")
            run = ClassifierRun(run_dir)
            composer = open_composer(run.settings().data, "train", data_root, download)
        else:
            data = pinned(data, data_root, prefer_mnist=download)
            with named_as_typed(options):
                given = {"precision": fast_precision(where), **given}
                settings = _settings(kind, data, data_root, given, save_every)
            composer = open_composer(data, "train", data_root, download)
            settings.digits(composer)
            run = ClassifierRun.create(run_dir or _new_folder(), settings)
        if where != CPU:
            state = run.state()
            where = after_trial(
                where, lambda there: fault_of(there, state.model, state.config, composer), console
            )
        again = as_typed(
            train, options, "data-root", "threads", "device"
        )  # the folder knows the others
        again = {"resume": True, "run-dir": run.folder, **again}
        train_with_bar(run, composer, console, where, again)


def _new_folder() -> Path:
    """One of its own beside the runs, in whose list a classifier has no place."""
    return runs_root() / ".classifiers" / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def _settings(
    kind: Kind, data: str, root: Path | None, given: dict[str, Any], save_every: int
) -> "RunSettings":
    """The defaults with the user's options.

    Raises:
        ValueError: if an option is not one of this kind, or its value cannot work.
    """
    from draw_core.families.glimpse.settings import RunSettings

    dataset = describe(data, root)
    channels, height, width = dataset.shape
    sizes = {"height": height, "width": width, "channels": channels}
    training: dict[str, Any] = {}
    for name, value in given.items():
        if name in _DRAW_ONLY and kind != "draw":
            raise ValueError(f"--{name.replace('_', '-')} is an option of --kind draw only.")
        if name in _TRAINING:
            training[name] = value
        elif name in _GLIMPSES:
            sizes[name] = value
    return RunSettings(
        kind=kind,
        model=CONFIGS[kind].from_dict({**sizes, "classes": len(dataset.classes)}),
        training=ClassifierTraining.from_dict(training),
        data=data,
        save_every=save_every,
    )


@app.command("evaluate")
def evaluate(
    name: Annotated[str, typer.Argument(help="Name of a published classifier, or its folder.")],
    images: Annotated[int, typer.Option(min=1, help="How many test images.")] = 10_000,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="The convolutional network instead.")
    ] = False,
    data_root: DataRoot = None,
    download: Download = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    threads: Threads = 1,
    device: OnDevice = "auto",
) -> None:
    """Print the error on composite test images, in percent."""
    from draw_core.families.glimpse.evaluate import fault_of
    from draw_core.learning.device import CPU, pick

    with plain_errors():
        use_threads(threads)
        where = pick(device)
        loaded = load_classifier(_folder(name))
        model = loaded.baseline if baseline else loaded.model
        if model is None:
            raise CheckpointError(f"{name} has no baseline.")
        data = loaded.card.data
        if where != CPU:
            composer = open_composer(data, "test", data_root, download)
            where = after_trial(where, lambda device: fault_of(device, model, composer), messages())
        result = measure(model.to(where), data, images, data_root, download)
    if as_json:
        print(json.dumps(dataclasses.asdict(result)))
        return
    print(
        f"{result.error:.2f} % errors (standard error {result.standard_error:.2f}), cross-entropy "
        f"{result.loss:.4f} nats, over {result.images:,} images"
    )
    if result.after_glimpse:
        print("after each glimpse: " + ", ".join(f"{e:.2f} %" for e in result.after_glimpse))
    print(result.protocol)


@app.command("publish", short_help="Make a checkpoint of a training.")
def publish(
    run_dir: Annotated[
        Path, typer.Argument(parser=as_path, help="Folder of a training with --kind draw.")
    ],
    baseline: Annotated[
        Path | None,
        typer.Option(parser=as_path, help="Folder of a training with --kind conv."),
    ] = None,
    name: Annotated[str, typer.Option(help="What the checkpoint is called.")] = _NAME,
    note: Annotated[
        list[str] | None,
        typer.Option(help="What makes it train well, for its card; may be given several times."),
    ] = None,
    images: Annotated[int, typer.Option(min=1, help="How many test images.")] = 10_000,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite the checkpoint of that name.")
    ] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Publish trainings that have not ended.")
    ] = False,
    data_root: DataRoot = None,
    download: Download = False,
    threads: Threads = 1,
) -> None:
    """Make a checkpoint of a training and its baseline, with their test errors on its card.

    Weights are stored in half precision if this moves the cross-entropy on the test images by less
    than 0.05 nats, else in float32. The card states the errors of the weights as they are stored.
    """
    from draw_core.families.glimpse.run import ClassifierRun

    with plain_errors():
        use_threads(threads)
        notes = tuple(note or ())
        check_notes(notes)  # before anything is measured, which takes minutes
        folder = new_checkpoint(name, filter(None, (run_dir, baseline)), replace, CLASSIFIER_FORMAT)
        found: dict[Kind, tuple[Network, Classifier]] = {}
        data = ClassifierRun(run_dir).settings().data
        given: tuple[tuple[Kind, Path | None], ...] = (("draw", run_dir), ("conv", baseline))
        for kind, path in given:
            if path is None:
                continue
            run = ClassifierRun(path)
            settings, state = run.settings(), run.state()
            if settings.kind != kind or settings.data != data:
                raise ValueError(f"{path} holds a training of {settings.kind} on {settings.data}.")
            if not state.done and not unfinished:
                raise ValueError(
                    f"{path} has made {state.step:,} of {settings.training.steps:,} updates; go on "
                    "with --resume, or add --unfinished."
                )

            def test(model: "Classifier", words: str) -> MeasuredError:
                return measure(model, data, images, data_root, download, words)

            found[kind] = _choose(kind, run.network(state), state.model, test)
        network, model = found["draw"]
        other, other_model = found.get("conv", (None, None))
        card = ClassifierCard(data=data, model=network, baseline=other, notes=notes)
        weights = other_model.state_dict() if other_model else None
        save_classifier(folder, card, model.state_dict(), weights)
    print(f"Published {name} in {folder}")


def _choose(
    kind: Kind,
    network: Network,
    model: "Classifier",
    test: Callable[["Classifier", str], MeasuredError],
) -> "tuple[Network, Classifier]":
    """The network in the precision to store, with its errors; prints those of both precisions."""

    def show(weights: Weights, found: MeasuredError, end: str = "") -> None:
        print(f"{kind}, {weights}: {found.error:.2f} % errors over {found.images:,} images{end}")

    full = test(model, f"{kind}, float32")
    show("float32", full)
    network = dataclasses.replace(network, test=full)
    try:
        rounded = round_classifier(model)
    except ValueError as error:
        print(f"{kind}, float16: cannot be used: {error}")
        return network, model
    half = test(rounded, f"{kind}, float16")
    move = half.loss - full.loss
    show("float16", half, f", cross-entropy moved by {move:+.4f} nats")
    if abs(move) < LARGEST_MOVE:
        return dataclasses.replace(network, test=half, weights="float16"), rounded
    return network, model


def _folder(name: str) -> Path:
    folder = environment.path(name)
    if folder is not None and folder.is_dir():
        return folder
    names = [entry.name for entry in list_classifiers(checkpoint_root())]
    if environment.cleaned(name) in names:
        return checkpoint_root() / environment.cleaned(name)
    raise CheckpointError(
        f"There is no classifier {name!r}; published are: {', '.join(names) or 'none'}."
    )
