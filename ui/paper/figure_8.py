"""Figure 8: two digits on one canvas."""

import streamlit as st

from draw_core.base.command_line import command
from ui.kit.text import plain
from ui.models import about, command_lines
from ui.models.catalogue import Model
from ui.paper import choice, commands
from ui.paper.film import film

MODEL, DATA = "mnist-two-digits", "two_digits"


def show() -> dict[str, str] | None:
    """The film of a model that learned pairs of digits."""
    return film(
        "8",
        choice.having(_fits, MODEL),
        f"The model {MODEL}, which paints two digits on 60 × 60 pixels, is not on this server yet. "
        "These commands, one after the other, train one:",
        commands.SHIPPED["mnist-two-digits"],
        rows=5,
        after=_verdict,
    )


def _verdict(entry: Model) -> None:
    """On how many samples a classifier reads two digits, if it was asked."""
    found = entry.card.readable
    if found is None:
        return
    st.markdown(
        f"**A classifier reads two digits on {found.readable} of {found.samples} samples** (seed "
        f"{found.seed}), {100 * found.readable / found.samples:.0f} %. It learned to read from "
        f"the data set “{plain(about.learned_from(entry.card))}”. On its real test pages, where "
        f"some digits touch or cross, it reads two digits on {found.two:.0f} %, and the right ones "
        f"on {found.right:.0f} %. It is fooled by {found.fooled:.0f} % of the pages that hold one "
        "digit, three digits, or digits patched together from quarters of others."
    )
    if not entry.run:  # the command knows the shipped ones
        options = {"n": found.samples, "seed": found.seed, "steps": found.steps}
        line = command_lines.placed(
            command("judge", entry.folder.name, options=options), entry.data
        )
        st.caption(
            "This command counts them. It trains its classifier anew, which may read a few more or "
            "fewer where it has another number of threads."
        )
        command_lines.show(line)
        command_lines.explain(line)


def _fits(entry: Model) -> bool:
    return entry.data.startswith(DATA) or entry.name == MODEL
