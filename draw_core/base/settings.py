"""A frozen description of a training. Standard library only."""

from dataclasses import dataclass

from draw_core.base.fields import (
    LEARNING,
    LENGTH,
    MACHINE,
    Binarisation,
    Configuration,
    Precision,
    check,
    setting,
)


@dataclass(frozen=True)
class TrainConfig(Configuration):
    """How a network is trained: Adam, linear warm-up, then cosine decay to zero.

    Each field says what it is. With ``seconds`` a run depends on the speed of the machine.
    :func:`draw_core.data.binarise.binarise` tells of ``binarisation``. The ``precision`` is that of
    factors, results and weight gradients of matrix products; states, losses, weights and Adam's
    moments are float32. ``compiled`` needs a C++ compiler.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    steps: int = setting(
        30_000,
        "updates at most",
        "Training ends after so many updates of the weights, or when the time is up.",
        group=LENGTH,
        limits=(1, 10_000_000),
        step=1000,
    )
    seconds: float | None = setting(
        None,
        "seconds at most",
        "Training ends after so many seconds of work on the weights. 0 sets no limit.",
        group=LENGTH,
        limits=(0, 10_000_000),
        step=30,
        without="no limit of time",
    )
    batch_size: int = setting(
        128,
        "images per update",
        "The gradient is the mean over these images.",
        group=LEARNING,
        symbol="B",
        limits=(1, 100_000),
    )
    learning_rate: float = setting(
        3e-3,
        "learning rate",
        "The largest step of the Adam optimiser; it falls to zero towards the end along half a "
        "cosine.",
        group=LEARNING,
        symbol="η",
        limits=(1e-6, 1.0),
        step=5e-4,
    )
    warmup_steps: int = setting(
        300,
        "warm-up updates",
        "The learning rate rises from zero over so many updates. This keeps the first, largest "
        "gradients from doing harm.",
        group=LEARNING,
        limits=(0, 1_000_000),
        step=100,
    )
    grad_clip: float = setting(
        5.0,
        "gradient limit",
        "A longer gradient is shortened to this length, so that one bad batch cannot ruin the "
        "weights.",
        group=LEARNING,
        symbol="|g|",
        limits=(1e-3, 1e6),
    )
    seed: int = setting(
        0,
        "seed",
        "Names all random numbers: first weights, order of the images, noise. The same seed "
        "with the same settings trains the same network; under a limit of seconds nearly so, "
        "because the learning rate then follows the clock.",
        group=LENGTH,
        limits=(0, 2**31 - 1),
    )
    binarisation: Binarisation = setting(
        "bernoulli",
        "pixels",
        "How a grey value becomes a training pixel. The results of the paper are for black and "
        "white pixels.",
        group=LEARNING,
        symbol="x",
        options={
            "bernoulli": "black or white, drawn anew each time",
            "threshold": "black or white, cut at half",
            "grey": "grey, as they are",
        },
    )
    precision: Precision = setting(
        "float32",
        "precision",
        "The bits of the numbers that are multiplied; sums always have 32. 16 are faster on "
        "processors that have them.",
        group=MACHINE,
        options={"float32": "32 bits", "bfloat16": "16 bits (bfloat16)"},
    )
    compiled: bool = setting(
        False,
        "Compile first",
        "Translates the whole network before it trains. That takes minutes, which do not "
        "count as time of training, and pays off in trainings of an hour or more. Pause and "
        "stop act only after it.",
        group=MACHINE,
    )

    def __post_init__(self) -> None:
        check(self)
