"""``python -m draw_core judge``."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from draw_core.cli.cards import update_card
from draw_core.cli.common import (
    DataRoot,
    Download,
    Threads,
    require_painter,
    training_bar,
    use_threads,
)
from draw_core.data.composed.composites import DIGIT, RECIPES, open_digits
from draw_core.data.registry import Split, pinned
from draw_core.store.card import Readable
from draw_core.store.checkpoint import CARD, checkpoint_folder, load_checkpoint

if TYPE_CHECKING:
    from torch import nn

    from draw_core.measure.judge import Judge

TEST_PAGES = 10_000
_PAGES = [name for name, recipe in RECIPES.items() if recipe.digits == 2]
_SINGLE = "mnist"
# Samples in memory at a time, all their canvases. Of a multiple of 16 the noise continues as if it
# had been drawn for all samples at once (DRAW.noise).
PART = 400


def judge(
    checkpoint: Annotated[
        str, typer.Argument(help="A network that paints digits of MNIST, one or two.")
    ],
    n: Annotated[int, typer.Option(min=1, max=4096, help="Number of samples.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of the samples.")] = 0,
    steps: Annotated[int, typer.Option(min=1, help="Updates of the judge.")] = 3000,
    data: Annotated[
        str | None,
        typer.Option(
            help="Pages that the classifier learns from and is tested on: two_digits or "
            "two_digits_apart. Default: what the network learned from.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Write the verdict onto the card of the checkpoint.")
    ] = False,
    data_root: DataRoot = None,
    download: Download = False,
    threads: Threads = 0,
) -> None:
    """Count the samples of a network on which a classifier reads a digit, or two where two belong.

    The classifier is trained first, in some minutes; how often it reads so many, and the right
    ones, on real test pages and on spoilt ones is printed beside the count.
    """
    from draw_core.measure.judge import SIDE, JudgeTraining, Pages, Singles, train, trust

    def open_pages(split: Split) -> Pages | Singles:
        digits, labels = open_digits(source or kind, split, data_root, download)
        if kind == _SINGLE:
            return Singles(digits, labels, split)
        return Pages(RECIPES[kind], digits, labels, split)

    use_threads(threads)
    folder = checkpoint_folder(checkpoint)
    model, card = load_checkpoint(folder)
    require_painter(checkpoint, card)
    single = card.data == _SINGLE
    side = DIGIT if single else SIDE
    known = [_SINGLE] if single else _PAGES
    if card.data.partition(":")[0] not in known or card.config.shape != (1, side, side):
        either = " or ".join([*_PAGES, _SINGLE])
        raise ValueError(f"{checkpoint} learned from {card.data}, not from {either}.")
    if data is not None and data.partition(":")[0] not in known:
        raise ValueError(f"--data is {data!r}; choose {' or '.join(known)}.")
    own, asked = (
        pinned(name, data_root, prefer_mnist=download) for name in (card.data, data or card.data)
    )
    if save and asked != own:
        raise ValueError(f"A card states what is read of {own}; leave out --save or --data.")
    kind, _, source = asked.partition(":")
    learning, tested = open_pages("train"), open_pages("test")
    with training_bar("Training the judge", steps) as on_step:
        network = train(learning, JudgeTraining(steps=steps), on_step)
    trusted = trust(network, tested, TEST_PAGES)
    answers = _read_samples(network, model, n, seed)
    found = Readable(
        samples=n,
        seed=seed,
        readable=sum(len(a) == tested.shown for a in answers),
        **asdict(trusted),
        steps=steps,
    )
    for start in range(0, n, 8):
        row = ("".join(map(str, digits)) or "-" for digits in answers[start : start + 8])
        print("  ".join(f"{text:>2}" for text in row))
    what, right = ("a digit", "right one") if single else ("two digits", "right ones")
    print(f"{found.readable} of {n} samples of seed {seed} are read as {what}")
    print(
        f"Of {TEST_PAGES:,} real test pages it reads {what} on {found.two:.1f} % and the {right} "
        f"on {found.right:.1f} %; of as many spoilt ones, {what} on {found.fooled:.1f} %."
    )
    if save:
        update_card(folder, card, readable=found)
        print(f"Saved on {folder.name}/{CARD}.")


def _read_samples(network: "Judge", model: "nn.Module", n: int, seed: int) -> list[tuple[int, ...]]:
    """The digits that the judge finds on the first n samples of a seed."""
    import numpy as np
    import torch

    from draw_core.families.engine import config_of
    from draw_core.families.registry import engine_of

    film = engine_of(config_of(model)).generate(model, n, seed)
    painted = torch.from_numpy(np.rint(255 * film.values(film.num_steps)).astype(np.uint8))
    return [digits for part in painted.split(PART) for digits in network.read(part)]
