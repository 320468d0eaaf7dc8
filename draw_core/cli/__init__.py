"""The command line, ``python -m draw_core``: train, evaluate, publish and others."""

from collections.abc import Callable

import typer

from draw_core.cli import (
    bench,
    carry,
    evaluate,
    images,
    judge,
    publish,
    reader,
    sample,
    train,
)
from draw_core.cli.common import plain_errors

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: nothing is cut in a narrow terminal
    help="Train, evaluate and sample DRAW (Gregor et al. 2015, arXiv 1502.04623) and its like.",
)


def _add(name: str, function: Callable[..., None], short_help: str | None = None) -> None:
    """A command; a fault that its user can mend ends it with one sentence.

    Args:
        short_help: for the list of commands, where its own first sentence is too long.
    """
    app.command(name, short_help=short_help)(plain_errors()(function))


_add("train", train.train, "Train a network, in a run folder.")
_add("evaluate", evaluate.evaluate, "Print the bound, or the error, over the test images.")
_add("carry", carry.carry, "Print what each step of a network carries.")
_add("sample", sample.sample)
_add("bench", bench.bench)
_add("images", images.images)
_add("judge", judge.judge, "Count the samples that show digits.")
_add("publish", publish.publish, "Make a checkpoint of a finished run.")
_add("reader", reader.reader, "Train the classifier that names samples.")
