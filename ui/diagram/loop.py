"""The Stage in its reconstruction form: one image through the network, as its own loop.

Python sends every tensor of every step once; stepping, slow motion and pointing happen in the
browser. The component reports only the wish to see a window in the lab.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from draw_core.families.rebuilt import Rebuilt
from draw_core.film.description import describe
from draw_core.film.film import Film
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
        seed: of the noise; None for z = mu.
        binary: whether it sees black and white alone.
    """

    url: str
    config: dict[str, Any]
    seed: int | None
    binary: bool


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
    *,
    before: Rebuilt | None = None,
    before_words: str = "",
    view: View | None = None,
    link: Mapping[str, str | int] | None = None,
    live: Live | None = None,
) -> bytes:
    """A reconstruction as the bytes that :func:`loop` sends.

    Args:
        now: what to play.
        before: an earlier reconstruction by the same network, to play beside it.
        before_words: what sets the earlier one apart, such as "without the upper stroke".
        view: where to start; None starts at step 0 and plays if the visitor allows motion. It
            counts only when the component appears: new data leave the visitor at their step, or
            start again if it plays.
        link: what the address bar shall say beside the step; None leaves it alone.
        live: the network, for the browser to show what it makes of a drawing as it is drawn.

    Raises:
        ValueError: if ``before`` has other shapes than ``now``.
    """
    films, more = {"": now.film}, {"x": now.x}
    if before is not None:
        if _shapes(before.film) != _shapes(now.film):
            raise ValueError("The earlier reconstruction is of another network.")
        films["before."], more["before.x"] = before.film, before.x
    told: dict[str, Any] = {"nll": now.nll, "latent_loss": now.latent_loss}
    told |= {"before_words": before_words, "live": live and asdict(live)}
    start = {"step": view.step} if view else {}  # of the only sample
    return player.pack(films, told | start, more=more, named=[before_words], link=link)


def loop(data: bytes, *, key: str) -> Wish | None:
    """Shows the loop; returns the window that the visitor last asked to take to the lab, if any.

    Args:
        data: from :func:`pack`; the same bytes leave the loop as it is.
        key: of the component; its state is ``st.session_state[key]``.
    """
    _component(key=key, data=data, on_lab_change=lambda: None)
    return Wish.of(reported(key, "lab"))


def _shapes(film: Film) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in describe(film)[0].items()}
