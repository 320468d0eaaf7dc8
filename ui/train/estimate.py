"""What a training will need: arithmetic, memory, time. Pure functions."""

from draw_core.base.settings import TrainConfig
from draw_core.families.family import NetworkConfig
from draw_core.runs.estimate import (
    Measured,
    duration,
    images_to_see,
    seconds_needed,
    spoken,
)

__all__ = ["Measured", "duration", "images_to_see", "memory_bytes"]
__all__ += ["seconds_needed", "spoken"]

# Interpreter, PyTorch and its libraries, before there is any network.
_BASE_BYTES = 400 << 20


def memory_bytes(model: NetworkConfig, training: TrainConfig, images: int | None) -> int:
    """Memory of one training, roughly: weights with Adam's moments, what a batch leaves, images.

    Args:
        images: how many images are held in memory, if that is known.
    """
    weights = 8 * 4 * sum(model.count_parameters().values())
    batch = min(training.batch_size, images or training.batch_size)
    held = model.channels * model.height * model.width * (images or 60_000)
    return int(_BASE_BYTES + weights + batch * model.memory_per_image() + held)
