"""The Stage of Generate, whose samples the network paints in the browser where it can run there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from draw_core.families.draw.config import DrawConfig
from ui.generate.asked import Asked
from ui.kit import seeds, state, wire
from ui.kit.session import reported
from ui.kit.source import component
from ui.kit.view import View
from ui.live import serve
from ui.models.catalogue import Model

_component = component("draw_live_stage", "generate/live_stage", "player/player.css")
_MOST = {"n": state.MAX_SAMPLES, "seed": seeds.MAX_SEED, "temperature": state.MAX_TEMPERATURE}


@dataclass(frozen=True)
class Report:
    """What the browser says.

    Attributes:
        view: where the visitor rested last; None before that.
        id: of the pictures that they looked at.
        asked: what they asked for; None before that.
        explains: whether the step is to be explained.
        names: whether it is asked what the samples look like.
        fails: whether the browser cannot run the network.
    """

    view: View | None
    id: str
    asked: Asked | None
    explains: bool
    names: bool
    fails: bool

    def view_of(self, data: bytes) -> View | None:
        """The view, if it is of the pictures that were sent: others may stand at another step."""
        return self.view if self.id in ("", wire.told(data)["id"]) else None


def live(entry: Model, asked: Asked) -> dict[str, Any] | None:
    """What a browser needs to paint samples itself; None where it cannot."""
    if not isinstance(entry.config, DrawConfig):
        return None
    try:
        urls = serve.addresses(entry.folder)
    except (OSError, ValueError):
        return None
    return {
        **urls,
        "config": entry.config.to_dict(),
        "asked": asdict(asked),
        "most": _MOST,
        "step": state.TEMPERATURE_STEP,
    }


def live_stage(data: bytes, *, key: str) -> Report:
    """Shows the Stage and what is asked of the network; returns what the visitor did there.

    Args:
        data: from :func:`ui.stage.stage.pack`; the same bytes leave the Stage as it is.
        key: of the component; its state is ``st.session_state[key]``.
    """
    _component(key=key, data=data, on_view_change=lambda: None, on_serve_change=lambda: None)
    return report_of(key)


def report_of(key: str) -> Report:
    """What the browser has said before; see :func:`live_stage`."""
    view = reported(key, "view")
    said: Mapping[str, Any] = view if isinstance(view, dict) else {}
    return Report(
        view=View.of(view),
        id=str(said.get("id", ""))[:100],
        asked=Asked.of(said.get("asked")),
        explains=said.get("explain") is True,
        names=said.get("names") is True,
        fails=reported(key, "serve") is True,
    )
