"""``python -m draw_core reader``."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from draw_core.cli.common import (
    DataRoot,
    Download,
    Threads,
    training_bar,
    use_threads,
)
from draw_core.data.registry import DATASETS, Split
from draw_core.measure.reader.network import WEIGHTS, Reader

if TYPE_CHECKING:
    from draw_core.measure.reader.examples import Source
    from draw_core.measure.reader.measure import Trust

TEST_PICTURES, TEST_PAGES = 10_000, 1_000  # pages take a hundred times as long


def reader(
    steps: Annotated[int, typer.Option(min=1, help="Updates of its weights.")] = 3000,
    measure: Annotated[
        bool, typer.Option("--measure", help="Train nothing: measure the one that is there.")
    ] = False,
    save: Annotated[
        bool, typer.Option("--save", help="Put it in the place of the one that is there.")
    ] = False,
    data_root: DataRoot = None,
    download: Download = False,
    threads: Threads = 0,
) -> None:
    """Train the small classifier that names the samples on the pages, and print how right it is.

    It learns from MNIST and the drawn strokes, in some minutes.
    """
    from draw_core.measure.reader.examples import Source, open_source
    from draw_core.measure.reader.learn import ReaderTraining, save as write, train, weights_of

    def sources(split: Split) -> dict[str, Source]:
        return {
            name: open_source(name, split, data_root, download) for name in ("mnist", "strokes")
        }

    if measure and save:
        raise ValueError("--measure trains nothing that --save could save; leave out one.")
    use_threads(threads)
    network = Reader.load()
    if not measure:
        learning = list(sources("train").values())
        with training_bar("Training the reader", steps) as on_step:
            judge = train(learning, ReaderTraining(steps=steps), on_step)
        network = Reader(weights_of(judge))
    print(f"{'percent of test pictures':<26}{'right':>7}{'wrong':>7}{'unclear':>9}  spoilt, read")
    for name, trust in _measured(network, sources("test")):
        print(
            f"{name:<26}{trust.right:>7.1f}{trust.wrong:>7.1f}{trust.unclear:>9.1f}"
            f"{trust.fooled:>14.1f}"
        )
    if save:
        write(judge, WEIGHTS)
        print(f"Saved as {WEIGHTS.name}.")


def _measured(network: Reader, sources: "dict[str, Source]") -> "Iterator[tuple[str, Trust]]":
    from draw_core.measure.reader.measure import pages, singles

    for name, source in sources.items():
        yield name, singles(network, source, len(DATASETS[name].classes), TEST_PICTURES)
    for name, source in sources.items():
        for kind, composed in source.pages.items():
            yield f"{kind}:{name}", pages(network, composed, TEST_PAGES)
