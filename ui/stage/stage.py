"""The Stage: one browser component that plays a film.

Python sends the whole film once, as safetensors bytes; scrubbing, playing and pointing happen in
the browser. After a pause the component reports which step and sample are shown.
"""

import time
from collections.abc import Mapping
from typing import Any

from draw_core.film.film import Film
from draw_core.film.tracks import Patches
from ui.kit import wire
from ui.kit.session import Slot, reported
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

PAINTED_S = 0.12
_SENT: Slot[int | None] = Slot("stage_sent", None)

_component = component("draw_stage", "stage/stage", "player/player.css")


def pack(
    film: Film,
    *,
    view: View | None = None,
    link: Mapping[str, str | int] | None = None,
    keep: bool = False,
    compact: bool = False,
    live: Mapping[str, Any] | None = None,
) -> bytes:
    """A film as the bytes that :func:`stage` sends.

    Args:
        film: what to play; with ``kl`` the timeline shows nats, else the ink of each step. Its
            original is shown beside it.
        view: where to start; None starts at the blank canvas and plays if the visitor allows
            motion.
        link: what the address bar shall say beside the step and sample, which it follows;
            None leaves it alone.
        keep: whether new pictures of as many steps appear at the step where the visitor is, and go
            on playing if they do: for the same samples of a network that learns meanwhile.
        compact: whether, where there is little room, the samples are small and all details are
            folded away, because something else follows that should be near.
        live: the network, for a player that lets it paint in the browser.
    """
    if not film.windows("write"):  # then w_t is the change of the canvas itself
        film = film.without(Patches)
    told = {"keep": keep, "compact": compact, "live": live}
    return player.pack({"": film}, told, view=view, link=link)


def stage(data: bytes, *, key: str) -> View | None:
    """Shows the Stage and returns what the visitor last rested at, or None before that.

    Args:
        data: from :func:`pack`; the same bytes leave the Stage as it is.
        key: of the component; its state is ``st.session_state[key]``.

    A step that was reported of other pictures is not returned: these may stand at another one.
    """
    _component(key=key, data=data, on_view_change=lambda: None)
    report = reported(key, "view")
    if isinstance(report, dict) and "id" in report and report["id"] != wire.told(data)["id"]:
        return None
    return View.of(report)


def let_paint(data: bytes) -> None:
    """Gives the browser the time to paint a new film before it has to lay out what follows it.

    Args:
        data: that :func:`stage` has just shown.
    """
    sent = hash(data)
    if _SENT.get() != sent:
        _SENT.put(sent)
        time.sleep(PAINTED_S)
