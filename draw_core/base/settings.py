"""A frozen description of a training. Standard library only."""

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

from draw_core.base.fields import Binarisation, Precision, is_positive, known_fields


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """How a network is trained: Adam, linear warm-up, then cosine decay to zero.

    Attributes:
        steps: weight updates in all.
        seconds: time spent on updates after which training ends, if ``steps`` has not ended it
            before; None for no limit. Such a run depends on the speed of the machine.
        batch_size: images per update.
        learning_rate: the highest, reached after the warm-up.
        warmup_steps: updates over which the rate rises in equal parts.
        grad_clip: largest norm of the gradient; longer ones are shortened to it.
        seed: of the initial weights, the order of images, the binarisation and the noise.
        binarisation: how a grey value v in 0..255 becomes a pixel x. ``"bernoulli"`` draws x = 1
            with probability v / 255 at each sight, ``"threshold"`` makes v >= 128 a 1, ``"grey"``
            is x = v / 255, for which L_x is no likelihood in the strict sense.
        precision: to which the matrix products of weights are rounded: their factors, results and
            weight gradients. States, losses, weights and Adam's moments are float32.
        compiled: whether ``torch.compile`` translates the unrolled network first, which takes
            a minute or more, not counted in ``seconds``, and needs a C++ compiler.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    steps: int = 30_000
    seconds: float | None = None
    batch_size: int = 128
    learning_rate: float = 3e-3
    warmup_steps: int = 300
    grad_clip: float = 5.0
    seed: int = 0
    binarisation: Binarisation = "bernoulli"
    precision: Precision = "float32"
    compiled: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "warmup_steps", "seed"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name} must be a whole number, not {value!r}.")
        for name in ("learning_rate", "grad_clip"):
            if not is_positive(getattr(self, name)):
                raise ValueError(f"{name} is {getattr(self, name)!r}; set it to a number above 0.")
        if self.seconds is not None and not is_positive(self.seconds):
            raise ValueError(
                f"seconds is {self.seconds!r}; set it to a number above 0, or leave it out."
            )
        for name, least in (("steps", 1), ("batch_size", 1), ("seed", 0), ("warmup_steps", 0)):
            value = getattr(self, name)
            if value < least:
                raise ValueError(f"{name} is {value}; set it to {least} or more.")
            if value > (2**63 - 1 if name == "seed" else 10**9):
                raise ValueError(f"{name} is {value:,}, too large to be meant.")
        for name, kind in (("binarisation", Binarisation), ("precision", Precision)):
            options = get_args(kind)
            if getattr(self, name) not in options:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; choose one of {', '.join(options)}."
                )
        if not isinstance(self.compiled, bool):
            raise ValueError(f"compiled must be true or false, not {self.compiled!r}.")

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """The inverse of :meth:`to_dict`; a field that is absent takes its default.

        Raises:
            ValueError: if a field is unknown or its value cannot work.
        """
        return cls(**known_fields(cls, values))
