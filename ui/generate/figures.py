"""Arrays to Plotly figures. Imports neither Streamlit nor torch."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

WRITE = "#ea580c"  # the window's colour, a shade darker so that lines stand out on white too


def window_centre(params: NDArray[np.float32], step: int) -> go.Figure:
    """Centre (g_x, g_y) of one window over the steps, in pixels (arguments: see below)."""
    curves = {"x (g<sub>x</sub>)": params[:, 0], "y (g<sub>y</sub>)": params[:, 1]}
    return _over_steps("Centre of the window", curves, step)


def window_grid(params: NDArray[np.float32], step: int) -> go.Figure:
    """Stride delta and spread sigma of one window over the steps, in pixels.

    Args:
        params: ``[T, 5]`` as (g_x, g_y, delta, sigma2, gamma), in 0-based pixels.
        step: 0..T, marked by a line.
    """
    curves = {"stride δ": params[:, 2], "spread σ": np.sqrt(params[:, 3])}
    return _over_steps("Stride and spread of its points", curves, step)


def _over_steps(title: str, curves: dict[str, NDArray[np.float32]], step: int) -> go.Figure:
    """Two curves that also differ by line and marker, each named at its end."""
    num_steps = len(next(iter(curves.values())))
    steps = np.arange(1, num_steps + 1)
    styles = [("solid", "circle"), ("dot", "diamond")]
    highest = max(float(values[-1]) for values in curves.values())
    # One dictionary, because Plotly checks a figure anew with each part that is added to one.
    lines = [
        {
            "type": "scatter",
            "x": steps,
            "y": values,
            "name": name,
            "mode": "lines+markers",
            "line": {"color": WRITE, "dash": dash, "width": 2},
            "marker": {"symbol": symbol, "size": 6},
            "hovertemplate": "step %{x}: %{y:.2f} px<extra>" + name + "</extra>",
        }
        for (name, values), (dash, symbol) in zip(curves.items(), styles, strict=True)
    ]
    names = [
        {
            "x": num_steps,
            "y": float(values[-1]),
            "text": name,
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            # One above and one below, so that names of curves that meet do not.
            "yanchor": "bottom" if values[-1] == highest else "top",
        }
        for name, values in curves.items()
    ]
    now = {"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "y domain"}
    every = max(1, -(-num_steps // 16))
    layout = {
        "title": {"text": title},
        "showlegend": False,
        "height": 300,
        "margin": {"l": 10, "r": 10, "t": 44, "b": 10},
        "xaxis": {
            "title": {"text": "step t"},
            "range": [0.5, num_steps * 1.2 + 0.5],
            "tickvals": steps[::every],
        },
        "yaxis": {"title": {"text": "pixels"}, "rangemode": "tozero"},
        "annotations": names,
        "shapes": [{**now, "line": {"width": 1.5, "color": "gray"}}] if step > 0 else [],
    }
    return go.Figure({"data": lines, "layout": layout})
