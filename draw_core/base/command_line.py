"""The command lines that this program prints: whole, and quoted so that they can be pasted.

Standard library only.
"""

import itertools
import os
import shlex
import subprocess
from collections.abc import Mapping

PROGRAM = ("python", "-m", "draw_core")

# Stand for folders whose paths are nobody else's business, as in the documentation.
DATA_ROOT, RUN = "DIR", "RUN"


def command(
    words: str, *arguments: object, options: Mapping[str, object] | None = None, here: bool = False
) -> str:
    """``python -m draw_core`` and what follows.

    Args:
        words: the command, such as ``"train"``.
        arguments: what stands without the name of an option.
        options: by name. True is ``--name``, False ``--no-name``, and None leaves the option out.
        here: whether it is for a shell of this computer, which may be that of Windows; else it is
            for those of Linux and macOS.
    """
    more: list[str] = []
    for name, value in (options or {}).items():
        if isinstance(value, bool):
            more.append(_flag(name if value else f"no_{name}"))
        elif value is not None:
            more += [_flag(name), str(value)]
    texts = [str(argument) for argument in arguments]
    if any(text.startswith("-") for text in texts):
        texts = [*more, "--", *texts]  # what follows these are no options
    else:
        texts += more
    line = [*PROGRAM, *words.split(), *texts]
    return subprocess.list2cmdline(line) if here and os.name == "nt" else shlex.join(line)


def with_options(line: str, options: Mapping[str, object]) -> str:
    """A command line with further options, those that it has already left as they are."""
    words = _split(line)
    if words is None or tuple(words[:3]) != PROGRAM:
        return line
    new = {name: value for name, value in options.items() if _flag(name) not in words}
    return line + command("", options=new).removeprefix(shlex.join(PROGRAM))


def whole(stored: str) -> str:
    """The command lines of a card, which may be several, with the folder that they share.

    A run that was made longer is named ``RUN`` by the lines that go on with it, and so must it be
    by the line that begins it.
    """
    lines = stored.splitlines()
    if any("--resume" in line for line in lines[1:]):
        lines[0] = with_options(lines[0], {"run_dir": RUN})
    return "\n".join(lines)


def data_of(line: str) -> str | None:
    """The data set that a command line names with ``--data``."""
    pairs = itertools.pairwise(_split(line) or [])
    return next((after for before, after in pairs if before == "--data"), None)


def with_data(stored: str, data: str) -> str:
    """Command lines with another name of the data set; without those that cannot be read."""
    lines = []
    for line in stored.splitlines():
        words = _split(line)
        if words is not None:
            pairs = itertools.pairwise(["", *words])
            lines.append(shlex.join(data if before == "--data" else word for before, word in pairs))
    return "\n".join(lines)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _split(line: str) -> list[str] | None:
    try:
        return shlex.split(line)
    except ValueError:  # of a card that somebody else wrote
        return None
