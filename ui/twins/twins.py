"""Twins: one browser component that plays two models on one timeline.

Python sends both rollouts once; playing and scrubbing happen in the browser, which keeps the
address up to date. Nothing is reported back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from safetensors.numpy import save

from draw_core.families.draw.config import DrawConfig
from draw_core.film.rollout import Rollout
from ui.kit.linker import linked
from ui.kit.source import source
from ui.kit.view import View

Pace = Literal["steps", "share"]

_component = st.components.v2.component(
    "draw_twins",
    html=source("twins/twins.html"),
    css=source("player/player.css", "diagram/clock.css", "twins/twins.css", "kit/media.css"),
    js=linked("twins/twins.js"),
)


@dataclass(frozen=True)
class Twin:
    """One of the two.

    Attributes:
        name: what it is called, as plain text.
        rollout: what it paints; of a single sample and with its KL where it rebuilds an image.
        config: of the network.
        nll: L_x in nats at the end of a reconstruction; None when generating.
        looks: what each finished sample looks like, as for :func:`ui.stage.stage.pack`.
        note: stands by its canvas, as plain text.
    """

    name: str
    rollout: Rollout
    config: DrawConfig
    nll: float | None = None
    looks: Sequence[str] = ()
    note: str = ""


def pack(
    a: Twin,
    b: Twin,
    *,
    view: View | None = None,
    pace: Pace | None = None,
    autoplay: bool = True,
    link: Mapping[str, str | int] | None = None,
) -> bytes:
    """Two rollouts as the bytes that :func:`twins` sends.

    Args:
        a, b: of as many samples each; of any shapes and numbers of steps.
        view: where to start; None starts at step 0 and plays. It counts only when the
            component appears: new data leave the visitor at their step, or start again if it plays.
        pace: whether both stand at the same step or at the same share of their way, where their
            numbers of steps differ; None leaves it as the visitor had it. As ``view``, it counts
            only at first.
        autoplay: whether to play when ``view`` is None and the visitor allows motion.
        link: what the address bar shall say beside step, sample and pace; None leaves it alone.

    Raises:
        ValueError: if the numbers of samples differ, or only one of them is a reconstruction.
    """
    if a.rollout.num_samples != b.rollout.num_samples:
        raise ValueError(
            f"There are {a.rollout.num_samples} samples of one and {b.rollout.num_samples} of the "
            "other; show as many of each."
        )
    if len({x is None for twin in (a, b) for x in (twin.rollout.kl, twin.nll)}) != 1:
        raise ValueError("Compare two reconstructions or two generations.")
    same = a.rollout is b.rollout
    tensors = {f"a.{name}": array for name, array in _tensors(a).items()}
    if not same:
        tensors |= {f"b.{name}": array for name, array in _tensors(b).items()}
    metas = {letter: _meta(twin) for letter, twin in (("a", a), ("b", b))}
    digest = hashlib.blake2b(json.dumps(metas).encode(), digest_size=8)
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].tobytes())
    meta = {
        "id": digest.hexdigest(),
        **metas,
        "same": same,
        "step": view.step if view else None,
        "sample": view.sample if view else None,
        "pace": pace,
        "autoplay": autoplay,
        "link": None if link is None else dict(link),
    }
    return save(tensors, metadata={"twins": json.dumps(meta)})


def twins(data: bytes, *, key: str) -> None:
    """Shows both.

    Args:
        data: from :func:`pack`; the same bytes leave everything as it is.
        key: of the component.
    """
    _component(key=key, data=data)


def _meta(twin: Twin) -> dict[str, Any]:
    c = twin.config
    return {
        "name": twin.name,
        "read_size": c.read_size,
        "write_size": c.write_size,
        "nll": twin.nll,
        "looks": list(twin.looks),
        "note": twin.note,
    }


def _tensors(twin: Twin) -> dict[str, NDArray[Any]]:
    """What is shown of a rollout, by name."""
    rollout = twin.rollout
    tensors: dict[str, NDArray[Any] | None] = {
        "canvases": rollout.canvases,
        "write_params": rollout.write_params,
        "read_params": rollout.read_params,
        "kl": rollout.kl,
    }
    return {name: np.ascontiguousarray(v) for name, v in tensors.items() if v is not None}
