"""What is unwise about a training, with the reason. Pure functions.

What cannot work at all is refused by the configurations themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from draw_core.base.settings import TrainConfig
from draw_core.families.draw.published import DRAW
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of
from draw_core.runs.estimate import spoken

_LONG_S = 12 * 3600
# Interpreter, PyTorch and its libraries, before there is any network.
_BASE_BYTES = 400 << 20


@dataclass(frozen=True)
class Facts:
    """What advice needs to know of the data and of the machine.

    Attributes:
        data: name of the data set.
        train_images: how many there are, or None where that is unknown yet.
        held_images: how many of the images are in memory while a network learns, likewise.
        drawn: whether the images are drawings, mostly black and white.
        memory: bytes of memory of this machine, or None.
        bfloat16: whether this machine multiplies 16-bit numbers faster.
        cores: processor cores of this machine.
    """

    data: str
    train_images: int | None
    drawn: bool = True
    memory: int | None = None
    bfloat16: bool = False
    cores: int = 1
    held_images: int | None = None


def warnings(
    model: NetworkConfig,
    training: TrainConfig,
    facts: Facts,
    needed_s: float | None,
    threads: int = 0,
) -> list[str]:
    """What works badly, each in one sentence with its reason and what to do."""
    return [
        *family_of(model).advice(model),
        *_about_learning(training, facts),
        *_about_data(model, training, facts),
        *_about_machine(model, training, facts, needed_s),
        *_about_threads(threads, facts),
    ]


def _about_learning(training: TrainConfig, facts: Facts) -> Iterator[str]:
    rate = training.learning_rate
    if rate > 0.015:
        yield (
            f"**Learning rate {rate:g}** is high: above 0.015 the loss of this network tends to "
            "jump or to end in numbers that are not finite."
        )
    elif rate > 2e-3 and training.warmup_steps < 50:
        yield (
            f"**Learning rate {rate:g} with {training.warmup_steps} warm-up updates** starts at "
            "full speed on random weights. Use 100 or more, or a rate below 0.002."
        )
    if rate < 1e-4:
        yield (f"**Learning rate {rate:g}** is so low that little is learned in minutes.")
    if training.warmup_steps >= training.steps:
        yield (
            f"The **warm-up** of {training.warmup_steps:,} updates outlasts the training, which "
            f"ends after {training.steps:,}: it never reaches the full rate."
        )
    if training.grad_clip > 100:
        yield (
            f"**Gradient limit {training.grad_clip:g}** hardly ever acts: one bad batch can ruin "
            "the weights. 5 is usual."
        )
    elif training.grad_clip < 0.1:
        yield (
            f"**Gradient limit {training.grad_clip:g}** shortens every gradient, so that all "
            "batches count alike. 5 is usual."
        )
    if facts.train_images is not None and training.batch_size > facts.train_images:
        yield (
            f"**B = {training.batch_size:,}** is more than the {facts.train_images:,} images there "
            "are: all of them are one batch, and every update sees the same."
        )
    elif training.batch_size < 16:
        yield (
            f"**B = {training.batch_size}** makes noisy gradients and uses the processor badly: "
            "32 to 128 take hardly longer for each update."
        )
    elif training.batch_size > 1000:
        yield (
            f"**B = {training.batch_size:,}** leaves few updates in the time there is: 64 to 128 "
            "learn faster."
        )
    if training.steps < 100 and training.seconds is None:
        yield (
            f"After **{training.steps} updates** the pictures are still fog; a first digit takes "
            "some hundreds."
        )


def _about_data(model: NetworkConfig, training: TrainConfig, facts: Facts) -> Iterator[str]:
    black_and_white = training.binarisation in ("bernoulli", "threshold")
    if black_and_white and (model.channels > 1 or not facts.drawn):
        yield (
            "These are photographs, and **black or white pixels** turn them into noise: choose "
            "grey, which keeps the values as they are."
        )
    nats = family_of(model).objective.unit == "nats"
    if nats and facts.data == "mnist" and training.binarisation != "bernoulli":
        yield (
            f"With pixels **{training.binarisation}** the nats cannot be compared with the paper's "
            f"{DRAW.value:.2f}, which is for black and white pixels drawn from the grey values."
        )
    if facts.train_images is not None and facts.train_images < 1000:
        yield (
            f"**{facts.train_images:,} images** are few: the network will learn them by heart. "
            "When that happens, the test bound rises."
        )


def _about_machine(
    model: NetworkConfig, training: TrainConfig, facts: Facts, needed_s: float | None
) -> Iterator[str]:
    memory = memory_bytes(model, training, facts.held_images)
    if facts.memory is not None and memory > 0.5 * facts.memory:
        yield (
            f"This training needs roughly **{memory / 2**30:.1f} GB** of memory, and this machine "
            f"has {facts.memory / 2**30:.0f} GB: lower B, or take a smaller network."
        )
    if needed_s is not None and needed_s > _LONG_S:
        yield (
            f"This takes roughly **{spoken(needed_s)}** on this machine, judging by an earlier "
            "training. It goes on when you close the page, and you can stop it at any time."
        )
    if training.precision == "bfloat16" and not facts.bfloat16:
        yield ("This processor has no **bfloat16** products, so 16 bits are slower here than 32.")
    if training.compiled and training.seconds is not None and training.seconds < 1200:
        yield (
            f"**Compiling** takes a minute or more before the first update, for a training of "
            f"{spoken(training.seconds)}."
        )


def memory_bytes(model: NetworkConfig, training: TrainConfig, images: int | None) -> int:
    """Memory of one training, roughly: weights with Adam's moments, what a batch leaves, images.

    Args:
        images: how many images are held in memory, if that is known.
    """
    weights = 8 * 4 * sum(model.count_parameters().values())
    batch = min(training.batch_size, images or training.batch_size)
    held = model.pixels * (images or 60_000)
    return int(_BASE_BYTES + weights + batch * model.memory_per_image() + held)


def _about_threads(threads: int, facts: Facts) -> Iterator[str]:
    if threads >= max(2, facts.cores):
        yield (
            f"**{threads} threads** on {facts.cores} cores leave none for anything else: threads "
            "that wait for one another make each update many times slower. 0 leaves one core free."
        )
