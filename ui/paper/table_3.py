"""Table 3: the sizes of the networks."""

import streamlit as st

from draw_core.families.draw import published
from draw_core.families.draw.published import Sizes
from ui.kit.text import plain
from ui.models import command_lines
from ui.paper import ours, tables

_HEAD = ("", "Glimpses T", "Hidden units h", "Latents z", "Read size N", "Write size N")


def show() -> None:
    """The paper's rows, and ours from their cards."""
    rows = [(_row(row.task, row), False) for row in published.TABLE_3]
    st.markdown("## The paper's")
    tables.table(_HEAD, rows, numbers=range(1, 6), even=True)
    found = ours.sizes()
    st.markdown("## Ours, from the cards")
    if not found:
        st.info("No model is on this server yet.")
        return
    own = [(_row(f"{one.name} ({one.sizes.task})", one.sizes), True) for one in found]
    tables.table(_HEAD, own, numbers=range(1, 6), even=True)
    st.caption(
        "h counts the units of each LSTM, z the latents of each step; N is the number of filters "
        "per side of a window. – means that the network has no such part: a classifier writes "
        "nothing, and a network without attention has no window."
    )
    with st.expander("How each of ours was trained"):
        for one in found:
            st.markdown(f"**{plain(one.name)}**")
            tables.trained(one.training, one.notes)
        command_lines.explain(*(one.training for one in found))


def _row(name: str, sizes: Sizes) -> tuple[str, ...]:
    def side(n: int | None) -> str:
        return "–" if n is None else f"{n} × {n}"

    return (
        name,
        str(sizes.glimpses),
        str(sizes.h),
        "–" if sizes.z is None else str(sizes.z),
        side(sizes.read),
        side(sizes.write),
    )
