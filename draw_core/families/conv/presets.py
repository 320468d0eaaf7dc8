"""Ready-made settings to train with. Standard library only."""

from draw_core.families.classifier_config import ClassifierTraining
from draw_core.families.conv.config import ConvConfig
from draw_core.families.family import UNTIL_THE_TIME_IS_UP, Preset, named

_MODEL = ConvConfig().for_images(1, 28, 28)

PRESETS = named(
    Preset(
        "one-minute",
        "One minute",
        "It reads nearly all handwritten digits.",
        _MODEL,
        ClassifierTraining(
            steps=UNTIL_THE_TIME_IS_UP,
            seconds=60.0,
            learning_rate=2e-3,
            warmup_steps=100,
            grad_clip=1.0,
        ),
    ),
    Preset(
        "paper",
        "Baseline",
        "The network that stands beside the glimpses in Table 1.",
        _MODEL,
        ClassifierTraining(steps=10_000, learning_rate=1e-3, warmup_steps=200, grad_clip=1.0),
    ),
)
