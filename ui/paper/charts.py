"""Arrays and published values to Plotly figures. Imports neither Streamlit nor torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

# Blue and orange mean reading and writing; ours stand out by the strength of the ink.
_GREY, _TEXT, _INK = "#8a8a92", "currentColor", "#6b6b73"
_GAP = "\N{NO-BREAK SPACE}"  # between a dot, or the bar of its error, and its text
_VALUE, _END = 125, 112  # pixels at the right: a value with its error, the name of a curve


@dataclass(frozen=True)
class Dot:
    """One value on an axis.

    Attributes:
        kind: "paper", "others", "later" or "ours".
        error: its standard error, if it is known.
    """

    name: str
    value: float
    text: str
    kind: str
    error: float | None = None


_STYLES = {  # title, symbol of Plotly, colour, and a sign like it
    "others": ("others", "circle-open", _GREY, "○"),
    "paper": ("the paper's DRAW", "circle", _GREY, "●"),
    "later": ("later work", "diamond-open", _GREY, "◇"),
    "ours": ("ours", "circle", _TEXT, "●"),
}


def legend(values: Sequence[Dot]) -> str:
    """What the dots of :func:`dots` are, in a line of HTML, which breaks where it must."""
    kinds = {dot.kind for dot in values}
    return " ".join(
        '<span style="white-space: nowrap; margin-right: 0.9rem">'
        f'<span aria-hidden="true" style="color: {colour}; font-size: 1.25em">{sign}</span> '
        f"{escape(title)}</span>"
        for kind, (title, _, colour, sign) in _STYLES.items()
        if kind in kinds
    )


def dots(values: Sequence[Dot], axis: str, ink: str | None = None) -> go.Figure:
    """Values on one axis, a row each, the best on top; the name of each stands above its line.

    Names and values have room of their own on a phone as on a projector: a name runs over the
    whole width, and a value may pass the end of the axis into the margin.

    Args:
        ink: colour of names, values and our own dots; greys if absent.
    """
    order = sorted(values, key=lambda dot: -dot.value)  # Plotly begins at the bottom
    names = [_strong(dot.name, dot) for dot in order]
    figure = go.Figure()
    lowest, most = min(dot.value for dot in values), max(dot.value for dot in values)
    # A line that ends at its dot is read as a bar, whose length says something only from 0 on.
    from_zero = lowest < most / 2
    for dot in order:
        figure.add_shape(
            type="line",
            x0=0,
            x1=dot.value if from_zero else 1,
            xref="x" if from_zero else "paper",
            y0=_strong(dot.name, dot),
            y1=_strong(dot.name, dot),
            layer="below",
            line={"color": "rgba(138, 138, 146, 0.35)", "width": 1, "dash": "dot"},
        )
        figure.add_annotation(
            xref="paper",
            x=0,
            y=_strong(dot.name, dot),
            text=_strong(dot.name, dot),
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            yshift=7,
            font={"size": 13, "color": ink},
        )
    for kind, (title, symbol, given, _) in _STYLES.items():
        colour = (ink or _INK) if given == _TEXT else given
        own = [dot for dot in order if dot.kind == kind]
        if not own:
            continue
        errors = [dot.error or 0 for dot in own]
        figure.add_scatter(
            x=[dot.value for dot in own],
            y=[_strong(dot.name, dot) for dot in own],
            error_x={"array": errors, "visible": any(errors), "color": colour, "thickness": 1.5},
            name=title,
            mode="markers+text",
            text=[_GAP * (5 if dot.error else 2) + _strong(dot.text, dot) for dot in own],
            textposition="middle right",
            cliponaxis=False,
            marker={
                "symbol": symbol,
                "size": 13,
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            textfont={"size": 13.5, "color": ink},
            customdata=[escape(f"{dot.name}: {dot.text}") for dot in own],
            hovertemplate="%{customdata}<extra></extra>",
        )
    span = max(most - lowest, 1.0)
    begin = 0.0 if from_zero else max(0.0, lowest - 0.12 * span)
    figure.update_xaxes(title_text=axis, range=[begin, most + 0.05 * span], zeroline=False)
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, showticklabels=False, ticks="", showgrid=False
    )
    figure.update_layout(
        height=74 + 42 * len(values),
        margin={"l": 4, "r": _VALUE, "t": 10, "b": 10},
        showlegend=False,
    )
    return figure


def _strong(text: str, dot: Dot) -> str:
    """Ours in bold, so that they are found at a glance."""
    return f"<b>{escape(text)}</b>" if dot.kind == "ours" else escape(text)


@dataclass(frozen=True)
class Curve:
    """One cost over training.

    Attributes:
        name: what it is of.
        step: updates made, increasing.
        cost: in nats.
        dash: a line style of Plotly, so that curves differ by more than colour.
    """

    name: str
    step: NDArray[np.float32]
    cost: NDArray[np.float32]
    dash: str = "solid"


def costs(curves: Sequence[Curve], unit: str, ink: str | None = None) -> go.Figure:
    """Costs over the updates of training, each curve named at its end; solid ones in ``ink``."""
    figure = go.Figure()
    last = max(float(curve.step[-1]) for curve in curves)
    ends = [float(curve.cost[-1]) for curve in curves]
    for curve, end in zip(curves, ends, strict=True):
        few = len(curve.step) <= 60
        figure.add_scatter(
            x=curve.step,
            y=curve.cost,
            name=curve.name,
            mode="lines+markers" if few else "lines",
            line={"color": (ink or _INK) if curve.dash == "solid" else _GREY, "dash": curve.dash},
            marker={"size": 6},
            hovertemplate="%{y:.1f} " + unit + "<extra>" + curve.name + "</extra>",
        )
        figure.add_annotation(
            x=float(curve.step[-1]),
            y=end,
            text=f"{curve.name}<br>{end:.1f}",
            showarrow=False,
            xanchor="left",
            align="left",
            xshift=8,
            yshift=6 if end == max(ends) else -6,
            yanchor="bottom" if end == max(ends) else "top",
        )
    figure.update_xaxes(title_text="updates", range=[0, last], rangemode="tozero")
    # The first values are so high that the rest would be a flat line.
    values = np.concatenate([curve.cost[len(curve.cost) // 50 :] for curve in curves])
    low, high = float(values.min()), float(np.quantile(values, 0.97))
    room = 0.06 * max(high - low, 1e-3)
    figure.update_yaxes(title_text=f"cost, {unit} per image", range=[low - room, high + 2 * room])
    figure.update_layout(
        showlegend=False,
        height=430,
        hovermode="x unified",
        margin={"l": 10, "r": _END, "t": 20, "b": 10},
    )
    return figure
