"""Ready-made settings to train with. Standard library only."""

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.family import UNTIL_THE_TIME_IS_UP, Preset, named

PRESETS = named(
    Preset(
        "one-minute",
        "One minute",
        "A small network: digits of 28×28 pixels can be read, though some stay smudged.",
        DrawConfig(
            num_steps=8,
            z_size=12,
            enc_size=128,
            dec_size=128,
            read_size=5,
            write_size=7,
            initial_canvas="data_mean",
        ),
        TrainConfig(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=60.0,
            batch_size=64,
            learning_rate=1.4e-2,
            warmup_steps=100,
        ),
    ),
    Preset(
        "ten-minutes",
        "Ten minutes",
        "A larger network with more strokes: clean digits, most of them convincing.",
        DrawConfig(
            num_steps=12,
            z_size=24,
            enc_size=256,
            dec_size=256,
            read_size=5,
            write_size=7,
            initial_canvas="data_mean",
        ),
        TrainConfig(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=600.0,
            batch_size=100,
            learning_rate=6e-3,
            warmup_steps=200,
        ),
    ),
    Preset(
        "paper",
        "Paper",
        "The paper's own MNIST network, which reads 2×2 and writes 5×5 points; it takes "
        "by far the longest to learn.",
        DrawConfig(num_steps=64, z_size=100, enc_size=256, dec_size=256, read_size=2, write_size=5),
        TrainConfig(
            steps=180_000, batch_size=100, learning_rate=1e-3, warmup_steps=1000, grad_clip=5.0
        ),
    ),
)
