"""Small networks and what belongs to them, for tests that need one."""

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.model import DRAW
from draw_core.store.card import Card

# No two sizes are equal, so that a mixed-up axis shows. T * Z is no multiple of 16.
CONFIG = DrawConfig(
    height=5,
    width=7,
    channels=2,
    num_steps=3,
    z_size=4,
    enc_size=6,
    dec_size=8,
    read_size=2,
    write_size=3,
)
TRAINING = TrainConfig(steps=6, batch_size=4, learning_rate=0.01, warmup_steps=2, seed=1)


def config(**changes: object) -> DrawConfig:
    """:data:`CONFIG` with other values."""
    return DrawConfig.from_dict({**CONFIG.to_dict(), **changes})


def model(dtype: torch.dtype = torch.float32, **changes: object) -> DRAW:
    """A network with weights so large that windows move and every part matters."""
    network = DRAW(config(**changes)).to(dtype)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
    return network


def pixels(batch: int, network: DRAW, seed: int = 0) -> Tensor:
    """Random images in [0, 1] for a network."""
    c = network.config
    shape = (batch, c.channels, c.height, c.width)
    return torch.rand(shape, generator=seeded(seed)).to(network.initial_canvas)


def byte_images(count: int, seed: int = 0) -> Tensor:
    """Random ``uint8`` images for :data:`CONFIG`."""
    shape = (count, CONFIG.channels, CONFIG.height, CONFIG.width)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=seeded(seed))


def seeded(seed: int) -> torch.Generator:
    """A generator at the start of its stream."""
    return torch.Generator().manual_seed(seed)


def card(**changes: object) -> Card:
    """The card of a network of :data:`CONFIG`."""
    values: dict[str, object] = {
        "config": CONFIG,
        "training": TRAINING,
        "data": "mnist",
        "train_images": 10,
        "binarisation": "none",
        "command": "python -m draw_core train",
        "steps": 6,
        "wall_time_s": 1.5,
        "hardware": "a test",
        "torch_version": "0",
        "test": {"nll_bound": 3.0, "L_x": 2.0, "L_z": 1.0, "images": 10},
    }
    return Card(**{**values, **changes})  # type: ignore[arg-type]


def slopes_agree(
    parameters: Iterable[torch.nn.Parameter],
    loss: Callable[[], Tensor],
    every: int,
    abs_: float,
) -> None:
    """Holds one of every so many gradients against the difference of the loss around its weight."""
    step = 1e-6
    for parameter in parameters:
        for place in range(0, parameter.numel(), every):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    parameter.view(-1)[place] += sign * step
                    values.append(loss().item())
                    parameter.view(-1)[place] -= sign * step
            slope = (values[0] - values[1]) / (2 * step)
            assert parameter.grad.view(-1)[place].item() == pytest.approx(slope, rel=1e-4, abs=abs_)
