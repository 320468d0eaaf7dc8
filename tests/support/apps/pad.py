"""A page with a pad, and below it what Python got of the drawing."""

import base64

import numpy as np
import streamlit as st

import ui.kit.page  # noqa: F401 - its filter of the log
from ui.kit.picture import Picture
from ui.pad.pad import pad

ramp = np.zeros((1, 28, 28), np.uint8)
ramp[0, 4:8, 4:24] = 255
colour = st.query_params.get("colour") == "yes"
base = Picture(np.repeat(ramp, 3, axis=0) if colour else ramp, "a bar", "bar")
other = Picture(base.pixels.transpose(0, 2, 1).copy(), "an upright bar", "upright")


@st.fragment
def show() -> None:
    wide = Picture(np.full((1, 20, 30), 255, np.uint8), "a wide page", "wide")
    thumbs = [("bar", base), ("upright", other), ("wide", wide)]
    drawing = pad(base, "bar", key="pad", binary=not colour, thumbs=thumbs, shelf="Bars")
    got = drawing.pixels if drawing else base.pixels
    told = f"{drawing.name} {drawing.edited}" if drawing else "nothing"
    st.text(f"pixels: {base64.b64encode(got.tobytes()).decode()}")
    st.text(f"told: {told}")  # last: who has read it finds the pixels there


st.title("Pad")
show()
