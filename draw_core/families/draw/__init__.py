"""DRAW, a recurrent variational autoencoder that paints (Gregor et al. 2015)."""

from draw_core.families.draw.advice import advice
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.presets import PRESETS
from draw_core.families.family import BOUND, Family

FAMILY = Family(
    name="draw",
    title="DRAW",
    about="It paints step by step and learns where to put its window, a small grid of points.",
    symbols=(
        "The network paints a picture in *T* steps, one stroke each. Its two recurrent networks "
        "(LSTMs) remember what was done so far in *h* units each, and *z* random numbers steer "
        "each stroke. Parameters are the numbers that it learns."
    ),
    config=DrawConfig,
    objective=BOUND,
    presets=PRESETS,
    abilities=frozenset({"generate", "reconstruct", "carry"}),
    parts={
        "encoder": "encoder LSTM",
        "decoder": "decoder LSTM",
        "posterior": "to the latent numbers",
        "read_window": "aiming the read window",
        "write_window": "aiming the write window",
        "write_content": "what is written",
        "initial_canvas": "first canvas",
        "initial_enc": "first encoder state",
        "initial_dec": "first decoder state",
    },
    engine="draw_core.families.draw.engine",
    film="draw_core.families.draw.film",
    advice=advice,
)
