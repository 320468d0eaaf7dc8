"""``python -m draw_core bench``."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from draw_core.base.fields import Precision
from draw_core.base.hardware import has_compiler, job_threads
from draw_core.cli.common import OnDevice, use_threads


def bench(
    threads: Annotated[
        int, typer.Option(min=0, help="CPU threads; 0 is one fewer than there are cores.")
    ] = 0,
    precision: Annotated[
        Precision | None,
        typer.Option(help="Of the factors of matrix products. Default: the faster one."),
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compiled", help="Also measure with torch.compile; takes minutes.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=0.5, help="Time for each trainer and configuration.")
    ] = 6.0,
    only: Annotated[
        int | None, typer.Option(min=1, help="Measure only the first so many configurations.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    device: OnDevice = "auto",
) -> None:
    """Measure how fast this machine trains.

    The plain DRAW is written one operation at a time (LSTMCell, a linear layer for each quantity,
    float32, autograd) and trains in turns with this trainer, with the same threads and batches. The
    last column is the part of the machine's rate of large matrix products, in the same precision,
    that the products of the network reach.
    """
    from draw_core.learning.device import describe_hardware, fast_precision, pick
    from draw_core.measure.bench import CASES, measure

    use_threads(job_threads(threads))
    where = pick(device)
    precision = precision or fast_precision(where)
    console = Console(stderr=True)
    if compiled and not has_compiler():
        console.print("There is no C++ compiler, so --compiled is left out.")
        compiled = False
    results = []
    for name, model, batch_size in CASES[:only]:
        for compile_it in [False, *([True] if compiled else [])]:
            label = f"{name}, compiled" if compile_it else name
            with console.status(f"Measuring {label}"):
                results.append(
                    measure(
                        label,
                        model,
                        batch_size,
                        precision=precision,
                        compiled=compile_it,
                        seconds=seconds,
                        device=where,
                    )
                )
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in results]))
        return
    table = Table(title=f"{describe_hardware(where)}, {precision}", title_style="")
    table.add_column("configuration", no_wrap=True)
    for heading in ("images/s", "plain images/s", "ratio", "of product rate", "first update"):
        table.add_column(heading, justify="right")
    for r in results:
        table.add_row(
            r.name,
            f"{r.images_per_s:,.0f}",
            f"{r.plain_images_per_s:,.0f}",
            f"{r.ratio:.2f}",
            f"{r.share:.0%}",
            f"{r.first_update_s:.1f} s",
        )
    Console().print(table)
