"""Text from files and addresses, on its way into a page."""

import re

_MARKUP = re.compile(r"([\\`*_\[\]<>$#|~]|:(?=[A-Za-z/]))")


def plain(text: str, limit: int = 300) -> str:
    """Text that Markdown shows as it is: no links, no pictures, no endless messages."""
    shown = text if len(text) <= limit else text[:limit] + "…"
    return _MARKUP.sub(r"\\\1", " ".join(shown.split()))
