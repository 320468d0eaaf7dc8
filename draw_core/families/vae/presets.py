"""Ready-made settings to train with. Standard library only."""

from draw_core.base.settings import TrainConfig
from draw_core.families.family import UNTIL_THE_TIME_IS_UP, Preset, named
from draw_core.families.vae.config import VaeConfig

PRESETS = named(
    Preset(
        "one-minute",
        "One minute",
        "Most samples can be read; all of them are blurred, as a VAE's are.",
        VaeConfig(),
        TrainConfig(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=60.0,
            batch_size=100,
            learning_rate=3e-3,
            warmup_steps=100,
        ),
    ),
    Preset(
        "ten-minutes",
        "Ten minutes",
        "The same network, near the best that it can learn.",
        VaeConfig(),
        TrainConfig(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=600.0,
            batch_size=100,
            learning_rate=2e-3,
            warmup_steps=200,
        ),
    ),
    Preset(
        "paper",
        "Paper",
        "The network of Burda et al., for 300 passes over the digits.",
        VaeConfig(),
        TrainConfig(steps=180_000, batch_size=100, learning_rate=1e-3, warmup_steps=1000),
    ),
)
