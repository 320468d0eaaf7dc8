"""The browser components: their scripts, markup and styles, read when they are registered."""

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ui.kit.linker import linked

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parents[1]


def component(name: str, path: str, *styles: str) -> "ComponentRenderer":
    """A component in a frame of its own.

    Args:
        name: of the component, one for each in the whole app.
        path: of its script, its markup and the style of its own if it has one, in the folder ``ui``
            and without ``.js``, ``.html`` and ``.css``.
        styles: others, before its own and after what all components have.
    """
    own = [f"{path}.css"] if (_HERE / f"{path}.css").is_file() else []
    return st.components.v2.component(
        name,
        html=source(f"{path}.html"),
        css=source("kit/base.css", *styles, *own, "kit/media.css"),
        js=linked(f"{path}.js"),
    )


def source(*names: str) -> str:
    """The text of some files of the folder ``ui``, one after the other.

    An HTML comment with the name of a file stands for that file, and one with the name of a script
    for what a worker has to run.
    """
    text = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
    text = re.sub(r"<!-- ([\w/]+\.html) -->", lambda match: source(match[1]), text)
    return re.sub(r"<!-- ([\w/]+\.js) -->", lambda match: _worker(match[1]), text)


def _worker(path: str) -> str:
    return html.escape(f"{linked(path)}serve(self);")
