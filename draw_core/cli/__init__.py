"""The command line, ``python -m draw_core``: train, evaluate, publish and others."""

import typer

from draw_core.cli import (
    bench,
    evaluate,
    images,
    judge,
    publish,
    reader,
    sample,
    train,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: nothing is cut in a narrow terminal
    help="Train, evaluate and sample DRAW (Gregor et al. 2015, arXiv 1502.04623) and its like.",
)
# Where the first sentence of a command is too long for the list, a shorter one stands here.
app.command("train", short_help="Train a network, in a run folder.")(train.train)
app.command("evaluate", short_help="Print the bound, or the error, over the test images.")(
    evaluate.evaluate
)
app.command("sample")(sample.sample)
app.command("bench")(bench.bench)
app.command("images")(images.images)
app.command("judge", short_help="Count the samples that show digits.")(judge.judge)
app.command("publish", short_help="Make a checkpoint of a finished run.")(publish.publish)
app.command("reader", short_help="Train the classifier that names samples.")(reader.reader)
