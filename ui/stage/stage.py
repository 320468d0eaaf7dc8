"""The Stage: one browser component that plays a rollout.

Python sends the whole rollout once, as safetensors bytes; scrubbing, playing and pointing happen in
the browser. After a pause the component reports which step and sample are shown.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from safetensors.numpy import save

from draw_core.families.draw.config import DrawConfig
from draw_core.film.rollout import Rollout
from ui.kit.linker import linked
from ui.kit.source import source
from ui.kit.view import View

_component = st.components.v2.component(
    "draw_stage",
    html=source("stage/stage.html"),
    css=source("player/player.css", "kit/media.css"),
    js=linked("stage/stage.js"),
)


def pack(
    rollout: Rollout,
    config: DrawConfig,
    *,
    view: View | None = None,
    autoplay: bool = True,
    link: Mapping[str, str | int] | None = None,
    keep: bool = False,
    original: NDArray[np.uint8] | None = None,
    compact: bool = False,
    looks: Sequence[str] = (),
) -> bytes:
    """A rollout as the bytes that :func:`stage` sends.

    Args:
        rollout: what to play; with ``kl`` the timeline shows nats, else the ink of each step.
        config: of the model that painted it.
        view: where to start; None starts at the blank canvas and plays.
        autoplay: whether to play when ``view`` is None and the visitor allows motion.
        link: what the address bar shall say beside the step and sample, which it follows;
            None leaves it alone.
        keep: whether new pictures of as many steps appear at the step where the visitor is, and go
            on playing if they do: for the same samples of a network that learns meanwhile.
        original: ``[C, H, W]``, the image that ``rollout`` reconstructs, shown beside it.
        compact: whether, where there is little room, the samples are small and all details are
            folded away, because something else follows that should be near.
        looks: what each finished sample looks like, from :mod:`ui.kit.names`; a screen reader
            tells the samples apart by it.
    """
    tensors: dict[str, NDArray[Any]] = {"canvases": rollout.canvases}
    if original is not None:
        tensors["original"] = original
    if config.write_attention:  # without attention w_t is the change of the canvas itself
        tensors["write_patches"] = rollout.write_patches
    for name in ("write_params", "read_params", "kl", "z", "memory"):
        value = getattr(rollout, name)
        if value is not None:
            tensors[name] = value
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(tensors):
        digest.update(tensors[name].tobytes())
    meta = {
        "id": digest.hexdigest(),
        "read_size": config.read_size,
        "write_size": config.write_size,
        "step": view.step if view else None,
        "sample": view.sample if view else None,
        "autoplay": autoplay,
        "link": None if link is None else dict(link),
        "keep": keep,
        "compact": compact,
        "looks": list(looks),
    }
    return save(tensors, metadata={"stage": json.dumps(meta)})


def stage(data: bytes, *, key: str, on_view: Callable[[], None] | None = None) -> View | None:
    """Shows the Stage and returns what the visitor last rested at, or None before that.

    Args:
        data: from :func:`pack`; the same bytes leave the Stage as it is.
        key: of the component; its state is ``st.session_state[key]``.
        on_view: is called when the step or sample has changed and come to rest.

    A step that was reported of other pictures is not returned: these may stand at another one.
    """
    result: dict[str, Any] = _component(
        key=key, data=data, on_view_change=on_view or (lambda: None)
    )
    view = result.get("view")
    if not view or ("id" in view and view["id"] != _identity(data)):
        return None
    return View(view["step"], view["sample"])


def _identity(data: bytes) -> str:
    """The name that :func:`pack` gave to these pictures."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return str(json.loads(header["__metadata__"]["stage"])["id"])
