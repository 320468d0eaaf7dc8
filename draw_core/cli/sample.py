"""``python -m draw_core sample``."""

from pathlib import Path
from typing import Annotated

import typer

from draw_core.base.files import write_atomic
from draw_core.cli.common import (
    Threads,
    as_path,
    require_painter,
    use_threads,
)
from draw_core.store.checkpoint import checkpoint_folder, load_checkpoint


def sample(
    checkpoint: Annotated[
        str, typer.Argument(help="Name of a shipped checkpoint, or a run folder.")
    ],
    out: Annotated[
        Path,
        typer.Option(parser=as_path, help="A .png of the last canvases, or a .gif of all steps."),
    ],
    n: Annotated[int, typer.Option(min=1, max=1024, help="Number of samples.")] = 64,
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="The same seed paints the same samples.")
    ] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="Spread of the latents; 1 is the model's own prior.")
    ] = 1.0,
    scale: Annotated[int, typer.Option(min=1, max=16, help="Screen pixels per image pixel.")] = 4,
    threads: Threads = 0,
) -> None:
    """Paint samples and save them as one picture, still or moving."""
    from draw_core.families.registry import engine_of
    from draw_core.film.montage import encode_montage

    use_threads(threads)
    kind = out.suffix.lower()
    if kind not in (".png", ".gif"):
        raise ValueError(f"--out is {out.name}; let it end in .png or .gif.")
    model, card = load_checkpoint(checkpoint_folder(checkpoint))
    require_painter(checkpoint, card)
    film = engine_of(card.config).generate(model, n, seed, temperature)
    write_atomic(out, encode_montage(film, kind[1:], scale))
    print(f"{n} samples in {out}")
