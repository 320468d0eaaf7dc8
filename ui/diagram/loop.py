"""The Stage in its reconstruction form: one image through the network, as its own loop.

Python sends every tensor of every step once; stepping, slow motion and pointing happen in the
browser. After a pause the component reports the step; a wish to see a window in the lab, at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from draw_core.film.description import describe
from draw_core.film.film import Film
from ui.kit.session import reported
from ui.kit.source import component
from ui.kit.view import View
from ui.player import film as player

if TYPE_CHECKING:  # it needs torch, which a page imports after its first paint
    from draw_core.families.draw.reconstruct import Reconstruction

_component = component(
    "draw_loop", "diagram/loop", "player/player.css", "diagram/clock.css", "diagram/tensors.css"
)


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


@dataclass(frozen=True)
class Result:
    """What the visitor does with the loop.

    Attributes:
        view: where the visitor last rested, always of sample 0; its step is None while it plays.
            None before that.
        lab: the window that the visitor last asked to take to the lab; None before that.
    """

    view: View | None
    lab: Wish | None


def pack(
    now: "Reconstruction",
    *,
    before: "Reconstruction | None" = None,
    before_words: str = "",
    view: View | None = None,
    autoplay: bool = True,
    link: Mapping[str, str | int] | None = None,
) -> bytes:
    """A reconstruction as the bytes that :func:`loop` sends.

    Args:
        now: what to play.
        before: an earlier reconstruction by the same network, to play beside it.
        before_words: what sets the earlier one apart, such as "without the upper stroke".
        view: where to start; None starts at step 0 and plays. It counts only when the component
            appears: new data leave the visitor at their step, or start again if it plays.
        autoplay: whether to play when ``view`` is None and the visitor allows motion.
        link: what the address bar shall say beside the step; None leaves it alone.

    Raises:
        ValueError: if ``before`` has other shapes than ``now``.
    """
    films, more = {"": _shown(now.film)}, _arrays(now)
    if before is not None:
        earlier, arrays = _shown(before.film), _arrays(before)
        if _shapes(earlier, arrays) != _shapes(films[""], more):
            raise ValueError("The earlier reconstruction is of another network.")
        films["before."] = earlier
        more |= {f"before.{name}": array for name, array in arrays.items()}
    told = {
        "nll": now.nll,
        "latent_loss": now.latent_loss,
        "before_words": before_words,
        "step": view.step if view else None,
        "autoplay": autoplay,
    }
    return player.pack(films, told, more=more, named=[before_words], link=link)


def loop(data: bytes, *, key: str) -> Result:
    """Shows the loop and returns what the visitor did.

    Args:
        data: from :func:`pack`; the same bytes leave the loop as it is.
        key: of the component; its state is ``st.session_state[key]``.
    """
    _component(key=key, data=data, on_view_change=lambda: None, on_lab_change=lambda: None)
    return Result(View.of(reported(key, "view")), Wish.of(reported(key, "lab")))


def _shown(film: Film) -> Film:
    """What is shown of a film; of the decoder's memory every digit is sent beside it."""
    return replace(film, tracks=tuple(track for track in film.tracks if track.name != "memory"))


def _arrays(run: "Reconstruction") -> dict[str, NDArray[Any]]:
    """What is sent of a run beside its film, without a sample axis."""
    names = ("x", "read_patches", "mu", "log_sigma", "h_enc", "h_dec")
    arrays = {name: getattr(run, name) for name in names}
    return {name: array for name, array in arrays.items() if array is not None}


def _shapes(film: Film, more: Mapping[str, NDArray[Any]]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in (describe(film)[0] | dict(more)).items()}
