"""One step of one sample as an SVG with its windows, as the Stage draws them, for slides.

Every shape says itself how it looks, since programs for slides read no style sheets.
"""

import base64
from xml.etree import ElementTree as ET

import numpy as np

from draw_core.export.pictures import step_png
from draw_core.film.arrays import Floats
from draw_core.film.film import Film
from draw_core.film.tracks import Windows

SIDE = 640  # of the longer side, in units of the drawing
COLOURS = {"write": "#f97316", "read": "#3b82f6"}
_NEUTRAL = "#ffffff"
_DASHES = {"write": None, "read": "7 5"}
_CROSS = 0.6  # half a cross at the centre, in pixels of the canvas
_TRAIL = 64  # windows before


def svg(film: Film, sample: int, step: int) -> bytes:
    """The canvas after a step, and the windows that acted in it with their way so far.

    The border of a window holds the cells of all its points, each one stride wide, and is the wider
    the sharper its filters are (1 / sigma); points are circles of radius sigma (eqs 19-24).

    Args:
        sample: 0..B-1.
        step: 0..T; before the first there is no window.

    Raises:
        IndexError: if there is no such sample or step.
        ValueError: for images with neither one nor three channels.
    """
    film = film.only(sample)
    _, height, width = film.values(step).shape[1:]
    unit = SIDE / max(height, width)  # of the drawing, per pixel of the canvas
    root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg")
    _set(root, width=width * unit, height=height * unit, viewBox=f"-0.5 -0.5 {width} {height}")
    ET.SubElement(root, "title").text = f"Sample {sample + 1}, step {step} of {film.num_steps}"
    # So large already that no program has to enlarge it, which many do by blurring.
    png = step_png(film, step, max(1, round(unit)))
    href = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    picture = ET.SubElement(root, "image", href=href)
    _set(picture, x=-0.5, y=-0.5, width=width, height=height, style="image-rendering: pixelated")
    clip = ET.SubElement(ET.SubElement(root, "clipPath", id="page"), "rect")
    _set(clip, x=-0.5, y=-0.5, width=width, height=height)
    layer = ET.SubElement(root, "g", {"clip-path": "url(#page)", "fill": "none"})
    tracks = sorted(film.of(Windows), key=lambda windows: windows.name == "write")  # over others
    if step:
        for windows in tracks:
            if windows.points is not None:
                _draw(layer, windows, step, unit, trail=len(film.segments) == 1)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _draw(layer: ET.Element, windows: Windows, step: int, unit: float, *, trail: bool) -> None:
    corners = windows.corners()[:step, 0]  # [t, 4, 2]
    centres = corners.mean(axis=1)
    centre, now = centres[-1], corners[-1]
    stride = float(np.hypot(*(now[1] - now[0]))) / (windows.points or 1)
    sigma = None
    if "sigma2" in windows.labels:
        variance = windows.parameters[step - 1, 0, windows.labels.index("sigma2")]
        sigma = float(np.sqrt(variance))
    group = ET.SubElement(layer, "g", id=windows.name)
    _set(group, stroke=COLOURS.get(windows.name, _NEUTRAL))
    dashes = _DASHES.get(windows.name, "2 4")
    dashes = dashes and " ".join(f"{float(d) / unit:.3g}" for d in dashes.split())
    if trail and step > 1:
        way = ET.SubElement(group, "polyline", points=_points(centres[-_TRAIL:]))
        _set(way, stroke_width=1.75 / unit, stroke_opacity=0.7, stroke_dasharray=dashes)
    points = ET.SubElement(group, "g")
    # Circles on top of one another must not hide the picture.
    faint = max(0.3, min(1, 1.5 * stride / (sigma or stride)))
    _set(points, stroke_width=1 / unit, stroke_opacity=0.55 * faint)
    for x, y in _grid(now, windows.points or 1):
        _set(ET.SubElement(points, "circle"), cx=x, cy=y, r=sigma or stride / 8)
    border = ET.SubElement(group, "polygon", points=_points(now))
    broad = min(9, max(1.25, 3 / (sigma or 2)))
    _set(border, stroke_width=broad / unit, stroke_dasharray=dashes, stroke_linejoin="round")
    (x, y), a = centre, _CROSS
    upright = f"M{x - a:.4g} {y:.4g}H{x + a:.4g}M{x:.4g} {y - a:.4g}V{y + a:.4g}"
    slanted = f"M{x - a:.4g} {y - a:.4g}L{x + a:.4g} {y + a:.4g}"
    slanted += f"M{x - a:.4g} {y + a:.4g}L{x + a:.4g} {y - a:.4g}"
    cross = ET.SubElement(group, "path", d=slanted if windows.name == "read" else upright)
    _set(cross, stroke_width=2.5 / unit)


def _grid(corners: Floats, n: int) -> Floats:
    """The N x N points of a window, row by row ``[N*N, 2]``: the middles of its cells."""
    share = (np.arange(n) + 0.5) / n
    down, right = (axis.reshape(-1, 1) for axis in np.meshgrid(share, share, indexing="ij"))
    top_left, top_right, _, bottom_left = corners
    points: Floats = top_left + right * (top_right - top_left) + down * (bottom_left - top_left)
    return points


def _points(places: Floats) -> str:
    return " ".join(f"{x:.5g},{y:.5g}" for x, y in places)


def _set(element: ET.Element, **attributes: int | float | str | None) -> None:
    """Attributes of a shape, whose names have a hyphen for the underscore; None sets none."""
    for name, value in attributes.items():
        if value is not None:
            text = value if isinstance(value, str) else f"{value:.5g}"
            element.set(name if name == "viewBox" else name.replace("_", "-"), text)
