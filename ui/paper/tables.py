"""What the tables share: the paper's values and ours as a chart and in full."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from draw_core.families.draw.published import Value
from ui.kit.text import plain
from ui.models import about, command_lines
from ui.paper import charts, shell
from ui.paper.ours import Ours

_STYLE = """
.stHtml .paper-scroll { overflow-x: auto; }
.stHtml table.paper { width: 100%; border-collapse: collapse; font-size: 0.95rem;
  font-variant-numeric: tabular-nums; }
.stHtml table.paper :is(th, td) { padding: 0.3rem 0.7rem 0.3rem 0; border: 0;
  border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent);
  text-align: left; vertical-align: top; }
.stHtml table.paper thead :is(th, td) { border-top: 0; font-weight: 600; }
.stHtml table.paper .number { text-align: right; white-space: nowrap; }
.stHtml table.paper :is(th, td):first-child { padding-left: 0.7rem; }
.stHtml table.paper .ours td:first-child { font-weight: 650; box-shadow: inset 4px 0 currentColor; }
@media (min-width: 641px) {
  .stHtml table.paper.even { table-layout: fixed; }
  .stHtml table.paper.even th:first-child { width: 36%; }
}
@media (max-width: 640px) {
  .stHtml table.paper { font-size: 0.82rem; }
  .stHtml table.paper thead .number { white-space: normal; vertical-align: bottom; }
  .stHtml table.paper :is(th, td) { padding-right: 0.35rem; }
}
"""


def compare(
    published: Sequence[Value],
    ours: Sequence[Ours],
    axis: str,
    absent: str,
    left_out: str,
    unit: str = "",
) -> None:
    """The chart at the left; ours with their commands and reasons at the right.

    Args:
        published: values of others.
        ours: of the same kind.
        axis: what they are.
        absent: is said if there are none of ours.
        left_out: which of ours are not of this kind, in a sentence, or nothing.
        unit: stands after the values of others, as it does after ours.
    """
    left, right = st.columns([7, 5], gap="large")
    dots = [
        charts.Dot(v.name, v.value, v.text + unit, _kind(v))  # all of one axis
        for v in published
    ]
    dots += [charts.Dot(o.name, o.value, o.text, "ours", o.error) for o in ours]
    best = min(dots, key=lambda dot: dot.value)
    with left.container(key="paper_chart"):  # stays in sight while ours are read: shell.css
        st.html(charts.legend(dots))
        st.plotly_chart(
            charts.dots(dots, axis, shell.ink()),
            config={"displayModeBar": False},
            alt=f"Dot chart of {len(dots)} values; the lowest is {best.name} with {best.text}. "
            "All values stand in the list below.",
        )
    with right:
        if not ours:
            st.info(absent)
        for one in ours:
            with st.container(border=True):
                st.markdown(f"**{plain(one.name)}: {one.text}**  \n{plain(one.why, 1000)}")
                command_lines.show(one.command)
                with st.expander("How it was trained"):
                    trained(one.training, one.entry.card.notes)
        for words in dict.fromkeys(one.entry.card.protocol() for one in ours):
            st.caption(plain(words, 1000))
        if any(one.error for one in ours):
            st.caption("± is the standard error over the test images.")
        if left_out:
            st.caption(plain(left_out, 1000))
        command_lines.explain(*(f"{one.command}\n{one.training}" for one in ours))
    with st.expander("All values as a table"):
        rows = [(v.name, v.text + unit, v.later or "the paper", False) for v in published]
        rows += [(o.name, o.text, f"the card of {o.entry.name}", True) for o in ours]
        table(
            ("Model", axis, "Source"),
            [((name, text, source), mine) for name, text, source, mine in rows],
            numbers=(1,),
        )


def _kind(value: Value) -> str:
    return "paper" if value.draw else "later" if value.later else "others"


def trained(command: str, notes: Sequence[str]) -> None:
    """What the card of a model says of its training."""
    command_lines.show(command)
    st.markdown(about.notes_as_list(notes))


def table(
    head: Sequence[str],
    rows: Sequence[tuple[Sequence[str], bool]],
    numbers: Sequence[int] = (),
    *,
    even: bool = False,
) -> None:
    """A table in the page's own type.

    Args:
        head: names of the columns.
        rows: the texts of each row, and whether it is one of ours.
        numbers: columns that hold numbers.
        even: whether its columns stand under those of another such table.
    """

    def cells(texts: Sequence[str], tag: str) -> str:
        parts = []
        for k, text in enumerate(texts):
            kind = ' class="number"' if k in numbers else ""
            scope = ' scope="col"' if tag == "th" else ""
            # A corner without a name heads nothing.
            name, of = (tag, scope) if text else ("td", "")
            parts.append(f"<{name}{kind}{of}>{escape(text)}</{name}>")
        return "".join(parts)

    body = "".join(
        f"<tr class='{'ours' if mine else 'theirs'}'>{cells(texts, 'td')}</tr>"
        for texts, mine in rows
    )
    st.html(
        f"<style>{_STYLE}</style><div class='paper-scroll' tabindex='0'>"
        f"<table class='paper{' even' if even else ''}'>"
        f"<thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table></div>"
    )
