"""What makes DRAW train well: one small network, trained again with one thing changed each time.

    python -m benchmarks.recipe --data-root DIR [--updates 1500] [--seeds 2] [--only "blank canvas"]

The network of the preset One minute learns MNIST on one thread, always from the same number of
images. Printed are the bound L_x + L_z over the 10,000 test images (the mean of the seeds, and each
of them) and what the change is worth against the first line. Differences as small as those
between two seeds say nothing.
"""

import argparse
import copy
import dataclasses
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from draw_core.base.hardware import fast_precision
from draw_core.base.settings import TrainConfig
from draw_core.data.datasets import load
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.model import DRAW
from draw_core.families.draw.presets import PRESETS
from draw_core.learning.train import TrainingDiverged, TrainState, new_model, train
from draw_core.measure.evaluate import evaluate

PRESET = PRESETS["one-minute"]
DECAY = 0.99  # of the weights' average: about the last hundred updates


@dataclass(frozen=True)
class Trial:
    """One change to the network, its training or its first weights."""

    name: str
    model: dict[str, object] = field(default_factory=dict)
    training: dict[str, object] = field(default_factory=dict)
    share: float = 1.0  # of the images of an update; as many images in all
    constant: bool = False  # the rate stays where the warm-up leaves it
    weights: Callable[[DRAW], None] | None = None


def _plain_windows(model: DRAW) -> None:
    """First windows of sigma 1 and gamma 1, as random weights without a bias have them."""
    for head in (model.read_window, model.write_window):
        if head is not None:
            torch.nn.init.zeros_(head.bias)


RATE = PRESET.training.learning_rate
TRIALS = [
    Trial("as it is"),
    Trial("blank canvas", model={"initial_canvas": "blank"}),
    Trial("first windows of sigma 1, gamma 1", weights=_plain_windows),
    Trial("half the rate", training={"learning_rate": RATE / 2}),
    Trial("a quarter of the rate", training={"learning_rate": RATE / 4}),
    Trial("twice the rate", training={"learning_rate": 2 * RATE}),
    Trial("constant rate", constant=True),
    Trial("constant, half the rate", training={"learning_rate": RATE / 2}, constant=True),
    Trial("no warm-up", training={"warmup_steps": 0}),
    Trial("half the batch", share=0.5),
    Trial("twice the batch", share=2.0),
    Trial("gradients clipped at 1", training={"grad_clip": 1.0}),
    Trial("gradients not clipped", training={"grad_clip": 1e9}),
    Trial("32-bit products", training={"precision": "float32"}),
]


def measure(trial: Trial, seed: int, updates: int, root: Path | None) -> tuple[float, float]:
    """The bound of the last weights and of their moving average, in nats.

    Both are infinite where the training ran off.
    """
    images, test = (load("mnist", split, root).images for split in ("train", "test"))
    model, config, updates = _settings(trial, seed, updates)
    network = new_model(model, images, seed)
    if trial.weights:
        trial.weights(network)
    # A schedule that never gets far stays where its warm-up ended.
    schedule = dataclasses.replace(config, steps=updates * 1000 if trial.constant else updates)
    state = TrainState(network, schedule)
    average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
    try:
        for metrics in train(state, images):
            average.update_parameters(network)
            if metrics.step == updates:
                break
    except TrainingDiverged:
        return float("inf"), float("inf")
    return _bound(network, test), _bound(copy.deepcopy(average.module), test)


def _settings(trial: Trial, seed: int, updates: int) -> tuple[DrawConfig, TrainConfig, int]:
    model = dataclasses.replace(PRESET.model, **trial.model)
    training = PRESET.training_for(model.channels, fast_precision())
    changes = {
        "seconds": None,
        "seed": seed,
        "batch_size": round(training.batch_size * trial.share),
        **trial.training,
    }
    return model, dataclasses.replace(training, **changes), round(updates / trial.share)


def _bound(network: DRAW, test: Tensor) -> float:
    return evaluate(network, test).nll_bound


def table(arguments: argparse.Namespace) -> Iterator[str]:
    """The lines, each as soon as it is measured."""
    torch.set_num_threads(1)
    yield f"{'nats, and those of averaged weights':36}{'mean':>8}{'change':>8}  each seed"
    first = None
    for trial in TRIALS:
        if arguments.only and trial.name not in arguments.only:
            continue
        seeds = range(arguments.seeds)
        found = [measure(trial, seed, arguments.updates, arguments.data_root) for seed in seeds]
        for name, values in zip((trial.name, "  averaged"), zip(*found, strict=True), strict=True):
            mean = statistics.fmean(values)
            first = mean if first is None else first
            each = " ".join(f"{value:.2f}" for value in values)
            yield f"{name:36}{mean:8.2f}{mean - first:+8.2f}  {each}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data-root", type=Path, help="folder of the data sets")
    parser.add_argument("--updates", type=int, default=1500, help="of each training")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each kind")
    parser.add_argument("--only", nargs="+", choices=[trial.name for trial in TRIALS])
    for line in table(parser.parse_args()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
