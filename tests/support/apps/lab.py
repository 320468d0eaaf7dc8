"""A page that is nothing but the attention lab, with pictures and a model that are made up."""

import numpy as np
import streamlit as st

import ui.kit.page  # noqa: F401 - its filter of the log
from ui.kit.picture import Picture
from ui.lab import address as lab_address
from ui.lab.lab import Askable, Asked, lab, pack, question

SHAPES = {"photo": (3, 100, 100), "digit": (1, 28, 28), "wide": (1, 24, 40)}
READ_N, WRITE_N, STEPS = 5, 7, 6


def picture(name: str) -> Picture:
    """Soft blobs and a sharp bar, the same each time."""
    channels, height, width = SHAPES[name]
    random = np.random.default_rng(7)
    y, x = np.mgrid[:height, :width] / max(height, width)
    pixels = np.zeros((channels, height, width))
    for c in range(channels):
        for cx, cy, r in random.uniform((0, 0, 0.05), (1, 1, 0.3), (7, 3)):
            pixels[c] += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r)) / 3
    pixels[:, height // 4 : 3 * height // 4, width // 2 : width // 2 + max(2, width // 14)] = 1
    return Picture((255 * pixels.clip(0, 1)).astype(np.uint8), f"a made-up picture, {name}", name)


def asked() -> Asked:
    """Windows that go over the 28 × 28 picture, as if a model had moved them."""
    t = np.arange(STEPS)
    columns = (4 + 4 * t, 20 - 3 * t, 1 + 0.5 * t, 0.4 + 0.2 * t, 0.8 + 0.1 * t)
    read = np.stack(columns, axis=1).astype(np.float32)
    return Asked("made-up", READ_N, read, WRITE_N, read[::-1].copy())


def main() -> None:
    """Shows the picture that the address names."""
    st.set_page_config(layout="wide")
    name = st.query_params.get("image", "photo")
    if st.button("Another picture"):
        name = st.session_state["another"] = "photo"
    name = st.session_state.get("another", name)
    chosen = picture(name)
    _, height, width = chosen.pixels.shape
    if "start" not in st.session_state:
        st.session_state["start"] = lab_address.read(height, width)
    start, notices = st.session_state["start"]
    if notices:
        st.info("  \n".join(notices))
    wanted = question("lab")
    fits = chosen.pixels.shape == SHAPES["digit"]
    data = pack(
        chosen,
        window=start.window,
        n=start.n,
        pen=start.pen,
        full=start.full,
        asked=asked() if wanted and fits else None,
        choices=[Askable("made-up", "a made-up model", SHAPES["digit"])],
        link={"image": chosen.link},
    )

    @st.fragment
    def show() -> None:
        lab(data, key="lab", on_ask=lambda: st.session_state.update(rerun=True))
        if st.session_state.pop("rerun", False):
            st.rerun()

    show()


if __name__ == "__main__":
    main()
