"""A classifier that finds a digit in clutter with DRAW's window (the paper's section 4.1)."""

from draw_core.families.family import ERROR, Family
from draw_core.families.glimpse.config import GlimpseConfig, GlimpseTraining
from draw_core.families.glimpse.presets import PRESETS

FAMILY = Family(
    name="glimpse",
    title="Glimpses",
    about="It names what is on a picture after a few looks through a window that it moves.",
    symbols=(
        "The network takes *T* glimpses of an image through a window of *N* × *N* points. Its "
        "recurrent network (LSTM) of *h* units remembers them and aims the next one. Parameters "
        "are the numbers that it learns."
    ),
    config=GlimpseConfig,
    objective=ERROR,
    presets=PRESETS,
    abilities=frozenset({"classify"}),
    parts={
        "lstm": "LSTM",
        "window": "aiming the window",
        "answer": "to the answers",
        "initial": "first state",
    },
    engine="draw_core.families.glimpse.engine",
    film="draw_core.families.glimpse.film",
    training=GlimpseTraining,
)
