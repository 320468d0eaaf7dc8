"""``python -m draw_core train``."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from jaxtyping import UInt8
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from torch import Tensor

from draw_core.cli.common import (
    DataName,
    DataRoot,
    Download,
    Threads,
    plain_errors,
    use_threads,
)
from draw_core.config import DrawConfig, TrainConfig
from draw_core.data import default_root, load
from draw_core.evaluate import evaluate
from draw_core.runs import RunFolder
from draw_core.train import Metrics, TrainingDiverged, TrainState, new_model
from draw_core.train import train as training_steps

# Kept short so that little is lost if the machine dies; saving takes a fraction of a second.
SAVE_EVERY_S = 60.0
BINARISATION = "Bernoulli, drawn anew each time an image is seen"


def train(
    out: Annotated[Path, typer.Option(help="Folder of the run; made if absent.")],
    data: DataName = "mnist",
    data_root: DataRoot = None,
    download: Download = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the run in --out; its own settings hold, not the options."
        ),
    ] = False,
    steps: Annotated[int, typer.Option(help="Weight updates in all.")] = TrainConfig.steps,
    batch_size: Annotated[int, typer.Option(help="Images per update.")] = TrainConfig.batch_size,
    learning_rate: Annotated[
        float, typer.Option(help="Highest rate of Adam, reached after the warm-up.")
    ] = TrainConfig.learning_rate,
    warmup_steps: Annotated[
        int, typer.Option(help="Updates until the highest rate; cosine decay to 0 follows.")
    ] = TrainConfig.warmup_steps,
    grad_clip: Annotated[
        float, typer.Option(help="Largest norm of the gradient.")
    ] = TrainConfig.grad_clip,
    seed: Annotated[
        int, typer.Option(help="Of weights, image order, binarisation and noise.")
    ] = TrainConfig.seed,
    num_steps: Annotated[
        int, typer.Option(help="T: glimpses and brush strokes per image.")
    ] = DrawConfig.num_steps,
    z_size: Annotated[int, typer.Option(help="Latent variables per step.")] = DrawConfig.z_size,
    enc_size: Annotated[int, typer.Option(help="Encoder LSTM units.")] = DrawConfig.enc_size,
    dec_size: Annotated[int, typer.Option(help="Decoder LSTM units.")] = DrawConfig.dec_size,
    read_size: Annotated[
        int, typer.Option(help="N of the N x N read window.")
    ] = DrawConfig.read_size,
    write_size: Annotated[
        int, typer.Option(help="N of the N x N write window.")
    ] = DrawConfig.write_size,
    read_attention: Annotated[
        bool, typer.Option(help="Read through the window, or the whole image.")
    ] = True,
    write_attention: Annotated[
        bool, typer.Option(help="Write through the window, or on the whole canvas.")
    ] = True,
    initial_canvas: Annotated[
        Literal["blank", "data_mean"],
        typer.Option(help="Where painting starts: an empty page, or the mean training image."),
    ] = "blank",
    threads: Threads = 0,
) -> None:
    """Train a network and save it as a checkpoint.

    Ctrl-C saves and stops; the same command with --resume goes on exactly where it was, and gives
    the weights that an uninterrupted run would have given. When all updates are made, the bound
    over the whole test set is written to card.json and 64 samples to preview.npz.
    """
    console = Console(stderr=True)
    with plain_errors():
        use_threads(threads)
        root = data_root or default_root()
        images = load(data, "train", root, download)
        run = RunFolder(out)
        if resume:
            if not run.exists:
                raise ValueError(f"There is no run in {out}. Leave out --resume to start one.")
            state = run.resume()
            done = f"step {state.step:,} of {state.config.steps:,}"
            console.print(f"Going on from {done}, with the settings that the run was begun with.")
        else:
            if run.exists:
                raise ValueError(
                    f"{out} already holds a run. Add --resume to go on with it, or choose "
                    "another --out."
                )
            config = DrawConfig(
                height=images.shape[2],
                width=images.shape[3],
                channels=images.shape[1],
                num_steps=num_steps,
                z_size=z_size,
                enc_size=enc_size,
                dec_size=dec_size,
                read_size=read_size,
                write_size=write_size,
                read_attention=read_attention,
                write_attention=write_attention,
                initial_canvas=initial_canvas,
            )
            training = TrainConfig(
                steps=steps,
                batch_size=batch_size,
                learning_rate=learning_rate,
                warmup_steps=warmup_steps,
                grad_clip=grad_clip,
                seed=seed,
            )
            state = TrainState(new_model(config, images, seed), training)
            command = ["python", "-m", "draw_core", *_without_paths(sys.argv[1:])]
            run.begin(state, data, len(images), BINARISATION, command)
        parameters = sum(p.numel() for p in state.model.parameters())
        console.print(f"{parameters:,} parameters, {len(images):,} images, run in {out}")
        if state.step < state.config.steps and not _loop(state, images, run, console):
            console.print(f"Stopped and saved after step {state.step:,}. Go on with --resume.")
            return
        test = evaluate(state.model, load(data, "test", root, download))
        run.finish(state, test)
        console.print(
            f"Test bound {test.nll_bound:.2f} nats "
            f"(L_x {test.L_x:.2f} + L_z {test.L_z:.2f}) over {test.images:,} images"
        )


def _loop(
    state: TrainState, images: UInt8[Tensor, "N C H W"], run: RunFolder, console: Console
) -> bool:
    """Trains, shows progress and saves; False if the user stopped it."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[nats]:7.2f} nats"),
        TextColumn("{task.fields[rate]:5.0f} images/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    meter = _Meter(state.config.batch_size)
    saved_at = time.monotonic()
    metrics: Metrics | None = None
    with (
        stop_on_interrupt() as stopped,
        Progress(*columns, console=console, speed_estimate_period=120) as progress,
    ):
        task = progress.add_task(
            "train", total=state.config.steps, completed=state.step, nats=float("nan"), rate=0.0
        )
        try:
            for metrics in training_steps(state, images):
                nats, rate = meter.update(metrics.loss)
                progress.update(task, completed=state.step, nats=nats, rate=rate)
                if time.monotonic() - saved_at > SAVE_EVERY_S:
                    run.save(state, metrics)
                    saved_at = time.monotonic()
                if stopped():
                    break
        except TrainingDiverged:
            run.save(state)
            raise
    run.save(state, metrics)
    return state.step >= state.config.steps


class _Meter:
    """Smooths the loss over about a hundred steps and counts images per second."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self.nats: float | None = None
        self.seconds: float | None = None
        self.last = time.monotonic()

    def update(self, loss: float) -> tuple[float, float]:
        now = time.monotonic()
        self.nats = loss if self.nats is None else 0.99 * self.nats + 0.01 * loss
        took = now - self.last
        self.seconds = took if self.seconds is None else 0.95 * self.seconds + 0.05 * took
        self.last = now
        return self.nats, self.batch_size / self.seconds


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


def _without_paths(arguments: list[str]) -> list[str]:
    """The arguments as they go on the card: without the folders of this machine."""
    kept: list[str] = []
    option = ""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if option == "--data-root":
            option = ""
        elif option == "--out":
            kept.append(_relative(argument))
            option = ""
        elif name == "--data-root":
            option = "" if equals else name
        elif name == "--out" and equals:
            kept.append(f"--out={_relative(value)}")
        else:
            kept.append(argument)
            option = argument
    return kept


def _relative(path: str) -> str:
    return Path(path).name if Path(path).is_absolute() else path
