"""A convolutional classifier, which sees the whole image at once: the baseline of Table 1."""

from draw_core.families.classifier_config import ClassifierTraining
from draw_core.families.conv.config import ConvConfig
from draw_core.families.conv.presets import PRESETS
from draw_core.families.family import ERROR, Family

FAMILY = Family(
    name="conv",
    title="Convolutions",
    about="It names what is on a picture, which it sees as a whole, through small filters.",
    symbols=(
        "The network looks for small patterns all over the image, *filters*, and for patterns of "
        "these patterns. Parameters are the numbers that it learns."
    ),
    config=ConvConfig,
    objective=ERROR,
    presets=PRESETS,
    abilities=frozenset({"classify"}),
    parts={"first": "first filters", "second": "second filters", "answer": "to the answers"},
    engine="draw_core.families.conv.engine",
    film="draw_core.families.conv.film",
    training=ClassifierTraining,
)
