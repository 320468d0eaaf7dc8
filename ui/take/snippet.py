"""The code for what is shown: a few lines of Python that make the same film with ``draw_core``."""

import base64
import zlib
from typing import TYPE_CHECKING

import streamlit as st

from ui.models.catalogue import Model

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

_WIDTH = 88  # of a line with pixels


def of_samples(model: str, n: int, seed: int, temperature: float) -> str:
    """Code that paints these samples; ``film`` is what the page plays."""
    return f"""import draw_core

model = draw_core.load("{model}")
film = draw_core.generate(model, n={n}, seed={seed}, temperature={temperature:g})
print(film.values(film.num_steps).shape)  # brightness after the last step: sample, channel, y, x
"""


def of_picture(model: str, pixels: "UInt8[np.ndarray, 'C H W']", seed: int | None) -> str:
    """Code that rebuilds this picture; ``run.film`` is what the page plays."""
    packed = base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()
    lines = [packed[at : at + _WIDTH] for at in range(0, len(packed), _WIDTH)]
    quoted = "\n".join(f'    "{line}"' for line in lines)
    return f"""import base64
import zlib

import numpy as np

import draw_core

packed = (
{quoted}
)
pixels = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.uint8)
picture = pixels.reshape({", ".join(map(str, pixels.shape))})  # channel, y, x; 255 is white

model = draw_core.load("{model}")
run = draw_core.reconstruct(model, picture, seed={seed})
print(run.latent_loss, run.nll)  # L_z and L_x, in nats
"""


def show(entry: Model, code: str) -> None:
    """The code, folded away; none of a training, which has its folder on this server alone."""
    if entry.run is None:
        with st.expander("The same in Python", icon=":material/code:"):
            st.code(code, language="python")
            st.caption("It runs in a clone of this project, where its requirements are installed.")
