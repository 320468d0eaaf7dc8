"""Runs of a few kilobytes that train in seconds, and ways to wait for what they do."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from draw_core.base.settings import TrainConfig
from draw_core.families.conv.config import ConvConfig
from draw_core.families.draw.config import DrawConfig
from draw_core.families.family import NetworkConfig
from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.families.registry import family_of
from draw_core.runs.config import RunConfig
from draw_core.runs.execution import Observer
from draw_core.runs.registry import TRAINING, Run, create_run
from draw_core.store.checkpoint import load_tensors

MODEL = DrawConfig(
    num_steps=2, z_size=3, enc_size=8, dec_size=8, read_size=2, write_size=3
)  # fmt: skip
TRAINING_CONFIG = TrainConfig(steps=12, batch_size=8, learning_rate=0.01, warmup_steps=2, seed=1)
STEPS = TRAINING_CONFIG.steps


class At(Observer):
    """Does something after a step; remembers the steps."""

    def __init__(self, **actions) -> None:
        self.actions = {int(name[1:]): action for name, action in actions.items()}
        self.steps: list[int] = []

    def trained(self, metrics, status) -> None:
        """Called after each update."""
        self.steps.append(metrics.step)
        if metrics.step in self.actions:
            self.actions.pop(metrics.step)()


def config(mnist: Path, **changes: object) -> RunConfig:
    """A run on the fixture ``mnist_root``; changes to the training, the model or the run."""
    training, model, rest = {}, {}, {}
    for name, value in changes.items():
        target = training if hasattr(TRAINING_CONFIG, name) else model
        if not hasattr(TRAINING_CONFIG, name) and not hasattr(MODEL, name):
            target = rest
        target[name] = value
    values = {"name": "tiny", "data": "mnist", "threads": 1, "data_root": str(mnist), **rest}
    return RunConfig(
        model=DrawConfig.from_dict({**MODEL.to_dict(), **model}),
        training=TrainConfig.from_dict({**TRAINING_CONFIG.to_dict(), **training}),
        **values,
    )


def new(root: Path, mnist: Path, **changes: object) -> Run:
    """A new run folder below ``root``."""
    return create_run(config(mnist, **changes), root)


GLIMPSES = GlimpseConfig(num_steps=2, hidden_size=5, read_size=3)
CONVOLUTIONS = ConvConfig(filters_1=2, filters_2=3)


def new_classifier(
    root: Path, mnist: Path, model: NetworkConfig = GLIMPSES, **changes: object
) -> Run:
    """A new run folder of a network that names digits; changes to its training."""
    how = {"steps": STEPS, "batch_size": 8, "learning_rate": 0.01, "warmup_steps": 2, "seed": 1}
    training = family_of(model).training(**{**how, **changes})
    return create_run(
        RunConfig("tiny", "mnist", model, training, threads=1, data_root=str(mnist)), root
    )


def wait_for(condition: Callable[[], object], what: object = "", seconds: float = 120) -> None:
    """Returns when the condition holds; fails with ``what()`` if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.01)


def same_training(one: Run, other: Run) -> None:
    """Asserts that weights, moments and step are bit for bit the same."""
    tensors, others = load_tensors(one.folder / TRAINING), load_tensors(other.folder / TRAINING)
    assert tensors.keys() == others.keys()
    for name, value in tensors.items():
        if name != "seconds":  # how long the updates took
            assert torch.equal(value, others[name]), name
