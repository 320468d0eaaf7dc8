"""Arrays to Plotly figures. Imports neither Streamlit nor torch."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

READ, WRITE = "#3b82f6", "#f97316"


def window_over_time(params: NDArray[np.float32], step: int, colour: str = WRITE) -> go.Figure:
    """Centre, stride and spread of one window over the steps.

    Args:
        params: ``[T, 5]`` as (g_x, g_y, delta, sigma2, gamma), in 0-based pixels.
        step: 0..T, marked by a line.
        colour: of the window.
    """
    steps = np.arange(1, len(params) + 1)
    figure = make_subplots(
        rows=1,
        cols=2,
        horizontal_spacing=0.08,
        subplot_titles=("Centre of the window", "Stride and spread of its points"),
    )
    curves = [
        (1, "x (g<sub>x</sub>)", params[:, 0], "solid", "circle"),
        (1, "y (g<sub>y</sub>)", params[:, 1], "dot", "diamond"),
        (2, "stride δ", params[:, 2], "solid", "circle"),
        (2, "spread σ", np.sqrt(params[:, 3]), "dot", "diamond"),
    ]
    for column, name, values, dash, symbol in curves:
        figure.add_scatter(
            row=1,
            col=column,
            x=steps,
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 6},
            hovertemplate="step %{x}: %{y:.2f} px<extra>" + name + "</extra>",
            showlegend=False,
        )
        figure.add_annotation(  # the name stands at the end of its own line
            row=1,
            col=column,
            x=steps[-1],
            y=float(values[-1]),
            text=name,
            showarrow=False,
            xanchor="left",
            xshift=8,
        )
    if step > 0:
        figure.add_vline(x=step, line={"width": 1.5, "color": "gray"}, row=1, col="all")
    every = max(1, -(-len(params) // 16))
    figure.update_xaxes(
        title_text="step t", range=[0.5, len(params) * 1.14 + 0.5], tickvals=steps[::every]
    )
    figure.update_yaxes(title_text="pixels", rangemode="tozero")
    figure.update_layout(height=300, margin={"l": 10, "r": 10, "t": 36, "b": 10})
    return figure
