"""A frozen description of a DRAW network. Standard library only."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Literal

from draw_core.base.fields import is_positive, known_fields

InitialCanvas = Literal["blank", "data_mean"]

# Far above anything useful; a configuration from a file must not ask for all memory or all time.
_LARGEST = {
    "height": 1024,
    "width": 1024,
    "channels": 16,
    "num_steps": 1024,
    "z_size": 8192,
    "enc_size": 16384,
    "dec_size": 16384,
    "read_size": 1024,
    "write_size": 1024,
}


@dataclasses.dataclass(frozen=True)
class DrawConfig:
    """Sizes and switches of a DRAW network (Gregor et al. 2015, arXiv 1502.04623).

    Attributes:
        height, width, channels: image size in pixels (the paper's B, A) and colour channels.
        num_steps: T, the number of glimpses and brush strokes.
        z_size: latent variables per step.
        enc_size, dec_size: units of the encoder and decoder LSTM.
        read_size, write_size: N, the attention grid is N x N filters. Unused without attention.
        read_attention, write_attention: look through the window (eqs 19-29), or at the whole
            image (eqs 17-18).
        initial_canvas: ``"blank"``, one learned dark logit per channel, so that every stroke is the
            pen's; or ``"data_mean"``, a free canvas that starts at the logit of the training mean.
        max_write_side: largest side N delta of the write window, as a share of the page's longer
            side, above 0 and up to 1; None for no bound, as in the paper, which has no such option.
            Its filters then are no wider than the largest stride, however small delta is, so that
            a small window cannot paint the whole page all the same.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    height: int = 28
    width: int = 28
    channels: int = 1
    num_steps: int = 16
    z_size: int = 32
    enc_size: int = 256
    dec_size: int = 256
    read_size: int = 5
    write_size: int = 7
    read_attention: bool = True
    write_attention: bool = True
    initial_canvas: InitialCanvas = "blank"
    max_write_side: float | None = None

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type is int and (not isinstance(value, int) or isinstance(value, bool)):
                raise ValueError(f"{field.name} must be a whole number, not {value!r}.")
            if field.type is int and value < 1:
                raise ValueError(f"{field.name} is {value}; set it to 1 or more.")
            if field.type is int and value > _LARGEST[field.name]:
                largest = _LARGEST[field.name]
                raise ValueError(f"{field.name} is {value}; set it to {largest} or less.")
            if field.type is bool and not isinstance(value, bool):
                raise ValueError(f"{field.name} must be true or false, not {value!r}.")
        if self.initial_canvas not in ("blank", "data_mean"):
            raise ValueError(
                f'initial_canvas is {self.initial_canvas!r}; choose "blank" or "data_mean".'
            )
        if self.max_write_side is not None:
            self._check_side(self.max_write_side)
        if self.read_attention:
            self._check_patch("read_size", self.read_size)
        if self.write_attention:
            self._check_patch("write_size", self.write_size)

    def _check_side(self, side: float) -> None:
        if not (is_positive(side) and side <= 1):
            raise ValueError(
                f"max_write_side is {side!r}; set it to a number above 0 and up to 1, a share of "
                "the page's side, or leave it out."
            )
        if not self.write_attention:
            raise ValueError(
                "max_write_side bounds the write window, and write attention is off: leave it out."
            )

    def _check_patch(self, name: str, size: int) -> None:
        longest = max(self.height, self.width)
        if size < 2:
            raise ValueError(
                f"{name} is {size}; set it to 2 or more, because the stride of a grid "
                "needs at least two filters (eq. 24)."
            )
        if size > longest:
            raise ValueError(
                f"{name} is {size}, larger than the image's {longest} pixels: such a patch holds "
                f"nothing the image does not. Set it to {longest} or less, or switch attention off."
            )

    @property
    def max_write_delta(self) -> float | None:
        """The largest stride of the write window in pixels, or None for no bound."""
        if self.max_write_side is None:
            return None
        return self.max_write_side * max(self.height, self.width) / self.write_size

    @property
    def read_length(self) -> int:
        """Numbers in r_t, what the encoder reads of x and x_hat in one step (eqs 17, 27)."""
        side = self.read_size**2 if self.read_attention else self.height * self.width
        return 2 * self.channels * side

    @property
    def write_length(self) -> int:
        """Numbers in w_t, what the decoder writes in one step (eqs 18, 28)."""
        side = self.write_size**2 if self.write_attention else self.height * self.width
        return self.channels * side

    def count_parameters(self) -> dict[str, int]:
        """Trained numbers of each part of the network, by the names of its modules."""

        def lstm(inputs: int, units: int) -> int:  # four gates, and PyTorch's two biases
            return 4 * units * (inputs + units + 2)

        canvas = 1 if self.initial_canvas == "blank" else self.height * self.width
        return {
            "encoder": lstm(self.read_length + self.dec_size, self.enc_size),
            "decoder": lstm(self.z_size, self.dec_size),
            "posterior": (self.enc_size + 1) * 2 * self.z_size,
            "read_window": (self.dec_size + 1) * 5 * self.read_attention,
            "write_window": (self.dec_size + 1) * 5 * self.write_attention,
            "write_content": (self.dec_size + 1) * self.write_length,
            "initial_canvas": self.channels * canvas,
            "initial_enc": 2 * self.enc_size,
            "initial_dec": 2 * self.dec_size,
        }

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "DrawConfig":
        """The inverse of :meth:`to_dict`; a field that is absent takes its default.

        Raises:
            ValueError: if a field is unknown or its value cannot work.
        """
        return cls(**known_fields(cls, values))

    def to_json(self) -> str:
        """The configuration as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "DrawConfig":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: if the text is no JSON object or holds a value that cannot work.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"The configuration is not valid JSON: {error}.") from error
        return cls.from_dict(values)
