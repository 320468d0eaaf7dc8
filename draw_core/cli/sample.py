"""``python -m draw_core sample``."""

from pathlib import Path
from typing import Annotated

import typer

from draw_core import api
from draw_core.base.files import write_atomic
from draw_core.cli.common import Threads, as_path, use_threads
from draw_core.export.kinds import KINDS, Wanted, encode


def sample(
    checkpoint: Annotated[
        str, typer.Argument(help="Name of a shipped checkpoint, or a run folder.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            parser=as_path,
            help="The ending says what it is: "
            + "; ".join(f"{ending}, {kind.about}" for ending, kind in KINDS.items())
            + ".",
        ),
    ],
    n: Annotated[int, typer.Option(min=1, max=1024, help="Number of samples.")] = 64,
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="The same seed paints the same samples.")
    ] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="Spread of the latents; 1 is the model's own prior.")
    ] = 1.0,
    only: Annotated[
        int | None,
        typer.Option(min=1, help="One of the samples, from 1; else all, or in an .svg the first."),
    ] = None,
    step: Annotated[
        int | None, typer.Option(min=0, help="The step that an .svg shows; else the last.")
    ] = None,
    scale: Annotated[int, typer.Option(min=1, max=16, help="Screen pixels per image pixel.")] = 4,
    threads: Threads = 0,
) -> None:
    """Paint samples and save them: as a picture, still or moving, a drawing, a table or arrays."""
    use_threads(threads)
    ending = out.suffix.lower()
    if ending not in KINDS:
        raise ValueError(f"--out is {out.name}; let it end in {', '.join(KINDS)}.")
    if only is not None and only > n:
        raise ValueError(f"--only is {only}, but there are {n} samples.")
    film = api.generate(api.load(checkpoint), n, seed, temperature)
    wanted = Wanted(None if only is None else only - 1, step, scale)
    write_atomic(out, encode(film, ending, wanted))
    what = f"{n} samples" if only is None else f"sample {only}"
    print(f"{what} in {out}")
