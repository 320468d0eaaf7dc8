"""A page with films whose write windows stand where the address says."""

import numpy as np
import streamlit as st

import ui.kit.page  # noqa: F401 - its filter of the log
from tests.support import films
from ui.strip.strip import Group, pack, strip

N, SIDE, STEPS = 5, 20, 4
# g_x, g_y and delta of windows that are 5 delta wide, on pictures of 20 pixels.
WINDOWS = {
    "within": (9.5, 9.5, 1.0),
    "across": (9.5, 4.0, 6.0),  # one side of the frame lies in the picture
    "past": (9.5, 9.5, 4.5),
    "beside": (30.0, 9.5, 1.0),
}


def group(places: list[str], channels: int) -> Group:
    """A sample for each place, where its window stands in step 2; for "none" there is no window."""
    shape = (STEPS + 1, len(places), channels, SIDE, SIDE)
    canvases = np.zeros(shape, np.uint8)
    canvases[1:, :, 0] = 255
    attention = "none" not in places
    params = None
    if attention:
        there = [[*WINDOWS[place], 1.0, 1.0] for place in places]
        within = [[*WINDOWS["within"], 1.0, 1.0]] * len(places)
        params = np.array([within, there, within, within], np.float32)
    size = N if attention else SIDE
    patches = np.zeros((STEPS, len(places), channels, size, size), np.float32)
    return Group(", ".join(places), films.painted(canvases, patches, params))


def main() -> None:
    """Shows the film of the places that the address names."""
    st.set_page_config(layout="wide")
    st.title("Strip")
    query = st.query_params
    places = query.get("places", "within").split(",")
    strip(key="strip", data=pack([group(places, int(query.get("channels", 1)))], link={}))


if __name__ == "__main__":
    main()
