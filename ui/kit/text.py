"""Text from files and addresses, and pictures as text, on their way into a page."""

import base64
import re

_MARKUP = re.compile(r"([\\`*_\[\]<>$#|~]|:(?=[A-Za-z/]))")


def plain(text: str, limit: int = 300) -> str:
    """Text that Markdown shows as it is: no links, no pictures, no endless messages."""
    shown = text if len(text) <= limit else text[:limit] + "…"
    return _MARKUP.sub(r"\\\1", " ".join(shown.split()))


def data_url(png: bytes) -> str:
    """A PNG that travels with the page itself.

    Streamlit forgets a picture of its own when the next run does not show it, and a browser that
    asks for it a moment too late gets an error.
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
