"""Ready-made settings to train with. Standard library only."""

import dataclasses
from dataclasses import dataclass

from draw_core.base.fields import Precision
from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig

# More updates than any machine makes within a limit of time.
_UNTIL_THE_TIME_IS_UP = 1_000_000


@dataclass(frozen=True)
class Preset:
    """A network and how to train it.

    Attributes:
        name: on the command line and in addresses.
        title: as a person reads it.
        about: one sentence: what it is for.
        model: the network for 28 x 28 images with one channel; see :meth:`model_for`.
        training: how it is trained, for black and white images and in float32; see
            :meth:`training_for`.
    """

    name: str
    title: str
    about: str
    model: DrawConfig
    training: TrainConfig

    def model_for(self, channels: int, height: int, width: int) -> DrawConfig:
        """The network for images of another shape, its windows no larger than they allow.

        Raises:
            ValueError: if a size is not positive or is too large.
        """
        largest = max(2, min(height, width))
        return dataclasses.replace(
            self.model,
            channels=channels,
            height=height,
            width=width,
            read_size=min(self.model.read_size, largest),
            write_size=min(self.model.write_size, largest),
        )

    def training_for(self, channels: int, precision: Precision) -> TrainConfig:
        """How the preset trains with images of so many channels.

        Colour images keep their values: a colour in black and white is a rare one.
        """
        binarisation = self.training.binarisation if channels == 1 else "grey"
        return dataclasses.replace(self.training, binarisation=binarisation, precision=precision)


PRESETS = {
    preset.name: preset
    for preset in [
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
                steps=_UNTIL_THE_TIME_IS_UP,
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
                steps=_UNTIL_THE_TIME_IS_UP,
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
            DrawConfig(
                num_steps=64, z_size=100, enc_size=256, dec_size=256, read_size=2, write_size=5
            ),
            TrainConfig(
                steps=180_000, batch_size=100, learning_rate=1e-3, warmup_steps=1000, grad_clip=5.0
            ),
        ),
    ]
}
