"""A page with the loop of one reconstruction, or of two with other noise beside it."""

import os
from pathlib import Path

import numpy as np
import streamlit as st

import ui.kit.page  # noqa: F401 - its filter of the log
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.engine import ENGINE
from draw_core.families.rebuilt import Rebuilt
from draw_core.store.checkpoint import load_checkpoint
from ui.diagram.loop import About, loop, pack
from ui.kit.view import View


def picture(seed: int, config: DrawConfig) -> np.ndarray:
    """A random picture of the size that the network knows."""
    shape = (config.channels, config.height, config.width)
    return np.random.default_rng(seed).integers(256, size=shape, dtype=np.uint8)


def run(name: str, seed: int) -> Rebuilt:
    """A picture rebuilt by the checkpoint of that name, with noise of the same seed."""
    model, card = load_checkpoint(Path(os.environ["DRAW_CHECKPOINTS"]) / name)
    return ENGINE.reconstruct(model, picture(seed, card.config), "grey", seed)


def main() -> None:
    """Shows the picture that the address names."""
    st.set_page_config(layout="wide")
    st.title("Loop")
    name = st.query_params.get("model", "mnist-attention")
    seed = st.number_input("Seed", value=int(st.query_params.get("seed", 5)))
    now = run(name, seed)
    view = None if "play" in st.query_params else View(0, 0)
    data = pack(now, About(name, seed, drawn=True), view=view, link={"seed": seed})
    st.text(f"lab {loop(data, key='loop')}")


if __name__ == "__main__":
    main()
