"""The styles and markup of the browser components, read when they are registered."""

import re
from pathlib import Path

_HERE = Path(__file__).parents[1]


def source(*names: str) -> str:
    """The text of some files of the folder ``ui``, one after the other.

    An HTML comment with the name of a file stands for that file.
    """
    text = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"<!-- ([\w/]+\.html) -->", lambda match: source(match[1]), text)
