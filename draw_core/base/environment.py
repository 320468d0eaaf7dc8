"""What a person writes in options and environment variables: text, paths and numbers.

Every option and variable of this program is read here, so that all of them take the same.
Standard library only.
"""

import contextlib
import math
import os
import re
from pathlib import Path

# What is copied along with a path: blanks of no width, and the marks of writing direction that
# Windows puts before a path in its windows.
_UNSEEN = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
# Which marks end a quotation that begins so; languages differ.
_ENDED_BY = {
    '"': '"',
    "'": "'",
    "`": "`´'",
    "´": "´",
    **dict.fromkeys("“”„‟", "“”‟"),
    **dict.fromkeys("‘’‚‛", "‘’‛"),
    **dict.fromkeys("«»", "«»"),
    **dict.fromkeys("‹›", "‹›"),
}


class SettingError(ValueError):
    """An option or a variable cannot be used; the message says what to write, in one sentence."""


def cleaned(text: str) -> str:
    """The text without surrounding blanks and quotation marks."""
    while True:
        bare = text.strip().strip(_UNSEEN)
        if len(bare) > 1 and bare[-1] in _ENDED_BY.get(bare[0], ""):
            bare = bare[1:-1]
        if bare == text:
            return text
        text = bare


def path(text: str) -> Path | None:
    """The path that was written, with ``~`` and ``~user`` expanded; None if it is empty.

    Blanks and quotation marks around it are no part of it, unless a file has that very name.

    Raises:
        SettingError: if it begins with ``~`` and there is no such user or no home folder.
    """
    bare = cleaned(text)
    if not bare:
        return None
    if not bare.startswith("~"):
        # Asked of os.path, which takes a name that no file can have for an absent file.
        is_literal = bare != text and os.path.lexists(text)
        return Path(text if is_literal else bare)
    user, _, rest = re.sub(r"[/\\]" if os.name == "nt" else "/", "/", bare).partition("/")
    if user == "~":
        return home(f"so {bare} names no folder; write the whole path") / rest.lstrip("/")
    place = os.path.expanduser(user)  # noqa: PTH111 - pathlib's raises what says less
    if not os.path.isabs(place):  # noqa: PTH117 - it is text still
        raise SettingError(
            f"There is no user {user[1:]!r} on this computer, so {bare} names no folder; write the "
            f"whole path, or ./{bare} for a folder of that name."
        )
    return Path(place) / rest.lstrip("/")


def home(otherwise: str) -> Path:
    """The user's home folder. An empty or relative ``HOME`` counts as unset.

    Args:
        otherwise: ends the sentence of the error: what follows where there is none, and what to do.

    Raises:
        SettingError: if neither ``HOME`` nor the list of users knows one.
    """
    if os.name == "nt":
        written = os.path.expanduser("~")  # noqa: PTH111 - pathlib's raises what says less
    else:
        written = cleaned(os.environ.get("HOME", ""))
        if not written.startswith("/"):
            import pwd

            with contextlib.suppress(KeyError):
                written = pwd.getpwuid(os.getuid()).pw_dir
    if not os.path.isabs(written):  # noqa: PTH117 - it is text still
        raise SettingError(f"This user has no home folder, {otherwise}.")
    return Path(written)


def variable(name: str) -> str | None:
    """An environment variable, cleaned; None if it is not set or empty."""
    return cleaned(os.environ.get(name, "")) or None


def path_variable(name: str) -> Path | None:
    """The path that an environment variable names; None if it is not set or empty.

    Raises:
        SettingError: as :func:`path`; the sentence begins with the variable.
    """
    try:
        return path(os.environ.get(name, ""))
    except SettingError as error:
        raise SettingError(f"{name} cannot be used: {error}") from error


def number_variable(name: str, usual: float, unit: str) -> float:
    """The number, from 0 on, that an environment variable holds; the usual one if it is empty.

    Args:
        unit: what it counts, for the sentence of the error.

    Raises:
        SettingError: if it holds something else.
    """
    text = variable(name)
    if text is None:
        return usual
    with contextlib.suppress(ValueError):
        value = float(text)
        if 0 <= value < math.inf:
            return value
    raise SettingError(
        f"{name} is {text!r}; set it to a number of {unit}, such as 2.5, or leave it out."
    )
