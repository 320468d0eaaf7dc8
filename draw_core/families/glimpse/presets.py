"""Ready-made settings to train with. Standard library only."""

from draw_core.families.family import UNTIL_THE_TIME_IS_UP, Preset, named
from draw_core.families.glimpse.config import GlimpseConfig, GlimpseTraining

PRESETS = named(
    Preset(
        "one-minute",
        "One minute",
        "It reads most handwritten digits in four glimpses.",
        GlimpseConfig(num_steps=4, hidden_size=128, read_size=8),
        GlimpseTraining(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=60.0,
            learning_rate=3e-3,
            warmup_steps=100,
            grad_clip=1.0,
        ),
    ),
    Preset(
        "ten-minutes",
        "Ten minutes",
        "Eight glimpses, near the best that they can learn of digits without clutter.",
        GlimpseConfig(hidden_size=128),
        GlimpseTraining(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=600.0,
            learning_rate=2e-3,
            warmup_steps=200,
            grad_clip=1.0,
        ),
    ),
    Preset(
        "paper",
        "Paper",
        "The sizes of the paper, for digits in clutter; it takes hours.",
        GlimpseConfig(),
        GlimpseTraining(steps=40_000, learning_rate=2e-3, warmup_steps=200, grad_clip=1.0),
    ),
)
