"""The network unrolled in time beside a usual autoencoder, with one image going through it."""

from ui.kit.source import component

_component = component(
    "draw_paper_unrolled", "paper/unrolled", "player/player.css", "diagram/tensors.css"
)


def unrolled(data: bytes, *, key: str) -> None:
    """Shows a reconstruction; ``data`` is from :func:`ui.diagram.loop.pack`."""
    _component(key=key, data=data)
