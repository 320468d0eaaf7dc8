"""How much slower the processor is where numbers next to 0 are not taken as 0.

    python -m benchmarks.tiny [--repeats 9]

For each shipped DRAW, on one thread and by turns: 64 samples, and the gradients of a batch of 100
drawings in 32-bit products. Printed are the medians, in ms, with such numbers and without them.
"""

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable

import torch

from draw_core.data.datasets import load
from draw_core.data.seen import as_seen
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.engine import ENGINE
from draw_core.learning.device import tiny_as_zero
from draw_core.store.checkpoint import load_checkpoint
from ui.models.catalogue import shipped


def by_turns(act: Callable[[int], object], repeats: int) -> str:
    """Medians of both, in ms, and their ratio."""
    times: tuple[list[float], list[float]] = [], []
    for turn in range(repeats + 1):
        for kept, zero in zip(times, (contextlib.nullcontext(), tiny_as_zero()), strict=True):
            with zero:
                began = time.perf_counter()
                act(turn)
                if turn:  # the first one warms up
                    kept.append(1000 * (time.perf_counter() - began))
    with_them, without = map(statistics.median, times)
    return f"{with_them:8.1f}{without:8.1f}{with_them / without:7.2f}"


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--repeats", type=int, default=9)
    repeats = options.parse_args().repeats
    torch.set_num_threads(1)
    print(f"{'':24}{'64 samples':>23}   {'an update':>20}")
    for name, entry in shipped().models.items():
        model, card = load_checkpoint(entry.folder)
        if not isinstance(card.config, DrawConfig):
            continue
        painted = by_turns(lambda seed, m=model: ENGINE.generate(m, 64, seed, 1.0), repeats)
        shape = (card.config.channels, card.config.height, card.config.width)
        images = load("strokes", "train").images[:100]
        learned = ""
        if images.shape[1:] == shape:
            x = torch.from_numpy(as_seen(images.numpy(), card.training.binarisation))
            given = ENGINE.given(model, x, None, torch.Generator().manual_seed(0))
            add = ENGINE.gradients(model.requires_grad_(True), len(x), None)
            learned = by_turns(lambda _, a=add, x=x, g=given: a(x, g), repeats)
        print(f"{name:24}{painted}   {learned}")


if __name__ == "__main__":
    main()
