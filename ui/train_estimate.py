"""What a training will need: arithmetic, memory, time. Pure functions."""

from dataclasses import dataclass

from draw_core.config import DrawConfig, TrainConfig

# Interpreter, PyTorch and its libraries, before there is any network.
_BASE_BYTES = 400 << 20


@dataclass(frozen=True)
class Measured:
    """A speed that was measured on this machine: images per second of a configuration."""

    images_per_s: float
    model: DrawConfig
    precision: str


def flops_per_image(model: DrawConfig) -> float:
    """Arithmetic of one image in one update, roughly: forward once, backward twice that."""
    counts = model.count_parameters()
    products = sum(v for k, v in counts.items() if not k.startswith("initial"))
    c, h, w = model.channels, model.height, model.width
    n, m = model.read_size, model.write_size
    read = 2 * c * (n * h * w + n * n * w) * model.read_attention
    write = c * (m * m * w + m * h * w) * model.write_attention
    return 6.0 * model.num_steps * (products + read + write)


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


def images_to_see(training: TrainConfig) -> int:
    """How many images a training looks at if only its updates end it."""
    return training.steps * training.batch_size


def seconds_needed(
    model: DrawConfig, training: TrainConfig, measured: Measured | None
) -> float | None:
    """How long a training takes at the speed of an earlier one, or None if there was none.

    The speed of another network is taken in proportion to the arithmetic of both.
    """
    limit = training.seconds
    if measured is None:
        return limit
    speed = measured.images_per_s * flops_per_image(measured.model) / flops_per_image(model)
    needed = images_to_see(training) / speed
    return needed if limit is None else min(limit, needed)


def duration(seconds: float) -> str:
    """A time as a person says it: two units at most."""
    s = max(0, round(seconds))
    if s < 90:
        return f"{s} s"
    if s < 90 * 60:
        return f"{s / 60:.0f} min" if s >= 600 or s % 60 == 0 else f"{s // 60} min {s % 60} s"
    if s < 48 * 3600:
        hours, minutes = divmod(round(s / 60), 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{round(s / 3600)} h"
    return f"{s / 86400:.1f} days"
