"""Command lines as the real program reads them."""

import functools
import re
import shlex
from typing import Any

import typer
from click.testing import Result
from typer.testing import CliRunner

from draw_core import cli
from draw_core.base.fields import form
from draw_core.cli.train import _config
from draw_core.families.registry import DEFAULT, FAMILIES
from draw_core.runs.commands import DEFAULT_DATA
from draw_core.runs.config import RunConfig

_SETTINGS = form(*(c for family in FAMILIES.values() for c in (family.config, family.training)))


@functools.cache
def _program() -> Any:
    return typer.main.get_command(cli.app)


def parsed(line: str) -> tuple[str, dict[str, object]]:
    """The command of a printed line and the values of its options, as the program reads them."""
    python, _, module, *arguments = shlex.split(line)
    assert (python, module) == ("python", "draw_core")
    command, path = _program(), []
    context = command.make_context("draw_core", arguments, resilient_parsing=True)
    while hasattr(command, "commands"):
        name, command, arguments = command.resolve_command(context, arguments)
        path.append(name)
    context = command.make_context(name, arguments)
    return " ".join(path), {k: v for k, v in context.params.items() if v is not None}


def asked_for(options: dict[str, object], data: str | None = None) -> RunConfig:
    """What ``train`` with these options trains.

    Args:
        data: other images than those of the options.
    """
    return _config(
        FAMILIES[options.get("family", DEFAULT)],
        options.get("preset"),
        data or options.get("data", DEFAULT_DATA),
        None,
        bool(options.get("download")),
        options.get("name"),
        1,
        {name: value for name, value in options.items() if name in _SETTINGS},
    )


def ask(*arguments: object) -> Result:
    """The program in this process."""
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def fails(result: Result, message: str) -> None:
    """One sentence that says what is wrong, and no traceback."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert re.match(message, result.stderr, re.DOTALL), result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.output
