"""The Stage in its reconstruction form: one image through the network, as its own loop.

Python sends every tensor of every step once; stepping, slow motion and pointing happen in the
browser. The component reports only the wish to see a window in the lab.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from draw_core.families.rebuilt import Rebuilt
from ui.kit.session import reported
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

_component = component(
    "draw_loop", "diagram/loop", "player/player.css", "diagram/clock.css", "diagram/tensors.css"
)


@dataclass(frozen=True)
class Live:
    """What a browser needs to run the network itself.

    Attributes:
        url: of its weights.
        config: of the network, as JSON has it.
        binary: whether it sees black and white alone.
    """

    url: str
    config: dict[str, Any]
    binary: bool


@dataclass(frozen=True)
class About:
    """What is said of a run, and by what it is compared with the run before it.

    Attributes:
        model: its name.
        seed: of the noise; None for z = mu.
        drawn: whether the visitor drew the picture, or drew on it.
        grey: whether the network is to rebuild grey values, not black and white.
        usual: nats that a test image costs on average; None where that is not known.
        images: what the images are called that the network learned from.
    """

    model: str = ""
    seed: int | None = 0
    drawn: bool = False
    grey: bool = False
    usual: float | None = None
    images: str = ""


@dataclass(frozen=True)
class Wish:
    """A window to see in the lab.

    Attributes:
        kind: ``"read"`` or ``"write"``.
        step: 1..T.
        id: another one for each wish.
    """

    kind: str
    step: int
    id: object

    @classmethod
    def of(cls, report: object) -> "Wish | None":
        """What the browser says, which may be anything."""
        if not isinstance(report, dict) or not isinstance(report.get("step"), int):
            return None
        return cls(str(report.get("kind")), report["step"], report.get("id"))


def pack(
    now: Rebuilt,
    about: About,
    *,
    view: View | None = None,
    link: Mapping[str, str | int] | None = None,
    live: Live | None = None,
) -> bytes:
    """A reconstruction as the bytes that :func:`loop` sends.

    Args:
        now: what to play; the browser keeps the run before it, to play beside it.
        about: what is said of it.
        view: where to start; None starts at step 0 and plays if the visitor allows motion. It
            counts only when the component appears: new data leave the visitor at their step, or
            start again if it plays.
        link: what the address bar shall say beside the step; None leaves it alone.
        live: the network, for the browser to show what it makes of a drawing as it is drawn.
    """
    told: dict[str, Any] = {"nll": now.nll, "latent_loss": now.latent_loss}
    told |= {"about": asdict(about), "live": live and asdict(live)}
    start = {"step": view.step} if view else {}  # of the only sample
    named = [about.model, about.seed]
    return player.pack({"": now.film}, told | start, more={"x": now.x}, named=named, link=link)


def loop(data: bytes, *, key: str) -> Wish | None:
    """Shows the loop; returns the window that the visitor last asked to take to the lab, if any.

    Args:
        data: from :func:`pack`; the same bytes leave the loop as it is.
        key: of the component; its state is ``st.session_state[key]``.
    """
    _component(key=key, data=data, on_lab_change=lambda: None)
    return Wish.of(reported(key, "lab"))
