"""The Stage in its reconstruction form: one image through the network, as its own loop.

Python sends every tensor of every step once; stepping, slow motion and pointing happen in the
browser. After a pause the component reports the step; a wish to see a window in the lab, at once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from safetensors.numpy import save

from draw_core.families.draw.config import DrawConfig
from ui.kit.linker import linked
from ui.kit.source import source
from ui.kit.view import View

if TYPE_CHECKING:  # it needs torch, which a page imports after its first paint
    from draw_core.families.draw.reconstruct import Reconstruction

_component = st.components.v2.component(
    "draw_loop",
    html=source("diagram/loop.html"),
    css=source("player/player.css", "diagram/clock.css", "diagram/loop.css", "kit/media.css"),
    js=linked("diagram/loop.js"),
)


@dataclass(frozen=True)
class Result:
    """What the visitor does with the loop.

    Attributes:
        view: where the visitor last rested, always of sample 0; its step is None while it plays.
            None before that.
        lab: ``{"kind": "read" | "write", "step": 1..T, "id": number}`` of the window that the
            visitor last asked to take to the lab; another wish has another id. None before that.
    """

    view: View | None
    lab: dict[str, Any] | None


def pack(
    now: "Reconstruction",
    config: DrawConfig,
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
        config: of the network that made it.
        before: an earlier reconstruction by the same network, to play beside it.
        before_words: what sets the earlier one apart, such as "without the upper stroke".
        view: where to start; None starts at step 0 and plays. It counts only when the component
            appears: new data leave the visitor at their step, or start again if it plays.
        autoplay: whether to play when ``view`` is None and the visitor allows motion.
        link: what the address bar shall say beside the step; None leaves it alone.

    Raises:
        ValueError: if ``before`` has other shapes than ``now``.
    """
    tensors = _tensors(now)
    if before is not None:
        earlier = _tensors(before)
        if _shapes(earlier) != _shapes(tensors):
            raise ValueError("The earlier reconstruction is of another network.")
        tensors |= {f"before.{name}": array for name, array in earlier.items()}
    digest = hashlib.blake2b(before_words.encode(), digest_size=8)
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].tobytes())
    meta = {
        "id": digest.hexdigest(),
        "read_size": config.read_size,
        "write_size": config.write_size,
        "nll": now.nll,
        "latent_loss": now.latent_loss,
        "before_words": before_words,
        "step": view.step if view else None,
        "autoplay": autoplay,
        "link": None if link is None else dict(link),
    }
    return save(tensors, metadata={"stage": json.dumps(meta)})


def loop(data: bytes, *, key: str) -> Result:
    """Shows the loop and returns what the visitor did.

    Args:
        data: from :func:`pack`; the same bytes leave the loop as it is.
        key: of the component; its state is ``st.session_state[key]``.
    """
    result: dict[str, Any] = _component(
        key=key,
        data=data,
        on_view_change=lambda: None,
        on_lab_change=lambda: None,
    )
    view = result.get("view")
    return Result(View(view["step"], 0) if view else None, result.get("lab"))


def _tensors(run: "Reconstruction") -> dict[str, NDArray[Any]]:
    """Every tensor of a run by name; those of the rollout keep their sample axis."""
    rollout = run.rollout
    tensors: dict[str, NDArray[Any] | None] = {
        "x": run.x,
        "canvases": rollout.canvases,
        "read_params": rollout.read_params,
        "write_params": rollout.write_params,
        "read_patches": run.read_patches,
        "write_patches": rollout.write_patches,
        "kl": rollout.kl,
        "mu": run.mu,
        "log_sigma": run.log_sigma,
        "z": rollout.z,
        "h_enc": run.h_enc,
        "h_dec": run.h_dec,
    }
    return {name: np.ascontiguousarray(v) for name, v in tensors.items() if v is not None}


def _shapes(tensors: Mapping[str, NDArray[Any]]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in tensors.items()}
