"""Command lines as the real program reads them."""

import shlex

import typer

from draw_core import cli


def parsed(line: str) -> tuple[str, dict[str, object]]:
    """The command of a printed line and the values of its options, as the program reads them."""
    python, _, module, *arguments = shlex.split(line)
    assert (python, module) == ("python", "draw_core")
    command, path = typer.main.get_command(cli.app), []
    context = command.make_context("draw_core", arguments, resilient_parsing=True)
    while hasattr(command, "commands"):
        name, command, arguments = command.resolve_command(context, arguments)
        path.append(name)
    context = command.make_context(name, arguments)
    return " ".join(path), {k: v for k, v in context.params.items() if v is not None}
