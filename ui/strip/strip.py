"""Films: rollouts with a row for each sample and a column for each step, as in the paper.

One browser component. Python sends the rollouts once; scrubbing, playing and pointing happen in the
browser, and nothing is reported.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from safetensors.numpy import save

from draw_core.families.draw.config import DrawConfig
from draw_core.film.rollout import Rollout
from ui.kit.linker import linked
from ui.kit.source import source
from ui.kit.view import View

_component = st.components.v2.component(
    "draw_paper_strip",
    html=source("strip/strip.html"),
    css=source("player/player.css", "strip/strip.css", "kit/media.css"),
    js=linked("strip/strip.js"),
)


@dataclass(frozen=True)
class Group:
    """Rows of one model.

    Attributes:
        title: what stands above them.
        rollout: the samples; all are shown.
        config: of the model.
        note: what must be known of its pictures, below the one that is enlarged.
    """

    title: str
    rollout: Rollout
    config: DrawConfig
    note: str = ""


def pack(
    groups: Sequence[Group],
    *,
    view: View | None = None,
    link: Mapping[str, str] | None = None,
) -> bytes:
    """Films as the bytes that :func:`strip` sends.

    Args:
        groups: one or more; if their numbers of steps differ they are played at the same share.
        view: where to start, the sample counted over all groups; None plays.
        link: what the address shall say beside the step and sample; None leaves it alone.

    Raises:
        ValueError: if there is no group.
    """
    if not groups:
        raise ValueError("There is nothing to show.")
    tensors: dict[str, np.ndarray] = {}
    digest = hashlib.blake2b(digest_size=8)
    for number, group in enumerate(groups):
        tensors[f"{number}.canvases"] = np.ascontiguousarray(group.rollout.canvases)
        if group.rollout.write_params is not None:
            params = np.ascontiguousarray(group.rollout.write_params)
            tensors[f"{number}.write_params"] = params
        digest.update(group.title.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].tobytes())
    meta = {
        "id": digest.hexdigest(),
        "groups": [
            {"title": one.title, "write_size": one.config.write_size, "note": one.note}
            for one in groups
        ],
        "step": view.step if view else None,
        "sample": view.sample if view else None,
        "link": None if link is None else dict(link),
    }
    return save(tensors, metadata={"strip": json.dumps(meta)})


def strip(data: bytes, *, key: str) -> None:
    """Shows the films; ``data`` is from :func:`pack`."""
    _component(key=key, data=data)
