"""What a training will need: arithmetic, memory, time. Pure functions."""

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.runs.estimate import (
    Measured,
    duration,
    flops_per_image,
    images_to_see,
    seconds_needed,
    spoken,
)

__all__ = ["Measured", "duration", "flops_per_image", "images_to_see", "memory_bytes"]
__all__ += ["seconds_needed", "spoken"]

# Interpreter, PyTorch and its libraries, before there is any network.
_BASE_BYTES = 400 << 20


def memory_bytes(model: DrawConfig, training: TrainConfig, images: int | None) -> int:
    """Memory of one training, roughly: weights with Adam's moments, and what T steps remember.

    Args:
        images: how many images are held in memory, if that is known.
    """
    pixels = model.channels * model.height * model.width
    weights = 8 * 4 * sum(model.count_parameters().values())
    side = model.height + model.width
    filters = (
        4
        * side
        * (model.read_size * model.read_attention + model.write_size * model.write_attention)
    )
    step = 7 * (model.enc_size + model.dec_size) + 6 * model.z_size + 2 * model.read_length
    step += 2 * model.write_length + 4 * pixels + filters
    batch = min(training.batch_size, images or training.batch_size)
    held = pixels * (images or 60_000)
    return int(_BASE_BYTES + weights + 2 * 4 * batch * model.num_steps * step + held)
