"""The row of numbers that turns to a figure; keys N and P turn to the next and the one before."""

import json
from collections.abc import Callable, Collection

from ui.kit.session import reported
from ui.kit.source import component
from ui.paper.contents import BY_KEY, CONTENTS

_KEY = "paper_nav"
_component = component("draw_paper_nav", "paper/nav")


def nav(chosen: str, owned: Collection[str], on_choice: Callable[[str], None]) -> None:
    """Shows the contents.

    Args:
        chosen: the key of the entry that is shown.
        owned: every parameter that an entry puts into the address; they go with it.
        on_choice: is called with the key of another one, before the page runs again.
    """

    def choice() -> None:
        wanted = reported(_KEY, "figure")
        if isinstance(wanted, str) and wanted in BY_KEY:
            on_choice(wanted)

    told = ("key", "kind", "number", "name", "title")
    entries = [{name: getattr(entry, name) for name in told} for entry in CONTENTS]
    payload = json.dumps({"entries": entries, "chosen": chosen, "owned": sorted(owned)})
    # In a list: Streamlit then sends the text as it is, without loading pandas to look at it.
    _component(key=_KEY, data=[payload], on_figure_change=choice)
