"""How fast this machine trains, against a plain DRAW and against its own matrix products."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from draw_core.base.fields import Precision
from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.plain import PlainDRAW
from draw_core.families.draw.presets import PRESETS
from draw_core.learning.train import TrainState, new_model, train

# Name, network, batch size. The first is the one that figures are quoted for.
CASES: list[tuple[str, DrawConfig, int]] = [
    ("T=10 h=256 z=10 N=5", DrawConfig(num_steps=10, z_size=10, read_size=5, write_size=5), 100),
    *(
        (preset.title, preset.model, preset.training.batch_size)
        for preset in PRESETS.values()
        if isinstance(preset.model, DrawConfig)
    ),
]
_BLOCK_S = 0.5
_DATA = 2048
_GPU_SIZE = 8192  # of a product that takes far longer than the call that starts it


@dataclass(frozen=True)
class Result:
    """One configuration.

    Attributes:
        images_per_s: of this trainer.
        plain_images_per_s: of :class:`draw_core.families.draw.plain.PlainDRAW`, float32, Adam.
        ratio: median of the ratios of blocks that were measured in turns.
        share: of the machine's rate of products in the same precision, which the products of the
            network alone reach in the time of a whole update.
        first_update_s: time until the first update was made, compiling included.
    """

    name: str
    images_per_s: float
    plain_images_per_s: float
    ratio: float
    share: float
    first_update_s: float


def measure(
    name: str,
    model: DrawConfig,
    batch_size: int,
    *,
    precision: Precision,
    compiled: bool = False,
    seconds: float = 6.0,
    device: torch.device,
) -> Result:
    """Trains both networks in turns, on random images, with the threads that are set.

    Args:
        seconds: time for each of the two, warm-up not counted.
    """
    images = torch.randint(0, 256, (_DATA, 1, model.height, model.width), dtype=torch.uint8)
    config = TrainConfig(steps=10**7, batch_size=batch_size, precision=precision, compiled=compiled)
    began = time.perf_counter()
    network = new_model(model, images, seed=0).to(device)
    ours = train(TrainState(network, config), images)
    next(ours)
    first_update_s = time.perf_counter() - began
    plain = _plain(model, config, images, device)
    for _ in range(3):
        next(ours), next(plain)
    blocks = [
        (_rate(ours) * batch_size, _rate(plain) * batch_size)
        for _ in range(max(3, round(seconds / _BLOCK_S)))
    ]
    images_per_s = statistics.median(ours for ours, _ in blocks)
    peak = product_rate(torch.bfloat16 if precision == "bfloat16" else torch.float32, device)
    return Result(
        name=name,
        images_per_s=images_per_s,
        plain_images_per_s=statistics.median(plain for _, plain in blocks),
        ratio=statistics.median(ours / plain for ours, plain in blocks),
        share=images_per_s * product_operations(model) / peak,
        first_update_s=first_update_s,
    )


def _plain(
    model: DrawConfig, config: TrainConfig, images: torch.Tensor, device: torch.device
) -> Iterator[object]:
    network = PlainDRAW(model).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    while True:
        grey = images[torch.randint(0, len(images), (config.batch_size,))] / 255
        noise = torch.randn(model.num_steps, config.batch_size, model.z_size)
        loss = network.loss(torch.bernoulli(grey).to(device), noise.to(device))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.grad_clip)
        optimizer.step()
        yield loss.item()


def _rate(updates: Iterator[object]) -> float:
    """Updates per second over a block of time."""
    count, began = 0, time.perf_counter()
    while True:
        next(updates)
        count += 1
        took = time.perf_counter() - began
        if took >= _BLOCK_S:
            return count / took


def product_operations(config: DrawConfig) -> int:
    """Multiplications and additions in the products of weights in one image's training.

    The forward pass takes one product for each matrix and step, the backward pass two.
    """
    c = config
    heads = c.write_length + 5 * (c.read_attention + c.write_attention)
    weights = (
        4 * c.enc_size * (c.read_length + c.dec_size + c.enc_size)
        + 4 * c.dec_size * (c.z_size + c.dec_size)
        + 2 * c.z_size * c.enc_size
        + heads * c.dec_size
    )
    return 3 * 2 * weights * c.num_steps


def product_rate(dtype: torch.dtype, device: torch.device) -> float:
    """Operations per second of a large matrix product, the best of several."""
    size = 1024 if device.type == "cpu" else _GPU_SIZE
    a, b = (torch.randn(size, size).to(device, dtype) for _ in range(2))

    def seconds() -> float:
        began = time.perf_counter()
        (a @ b)[0, 0].item()  # a GPU has only been told to begin until a number is asked for
        return time.perf_counter() - began

    return 2 * size**3 / min(seconds() for _ in range(20))
