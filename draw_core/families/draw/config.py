"""A frozen description of a DRAW network. Standard library only."""

from dataclasses import dataclass, replace
from typing import Literal, Self

from draw_core.base.fields import NETWORK, WINDOWS, setting
from draw_core.families.family import NetworkConfig

InitialCanvas = Literal["blank", "data_mean"]


@dataclass(frozen=True)
class DrawConfig(NetworkConfig):
    """Sizes and switches of a DRAW network (Gregor et al. 2015, arXiv 1502.04623).

    Each field says what it is. With ``read_attention`` or ``write_attention`` off, the network sees
    or paints the whole image (eqs 17, 18) and the grid of N x N points is unused. A ``"data_mean"``
    canvas is free and starts at the logit of the training mean; a ``"blank"`` one has a logit per
    channel. ``max_write_side``, which the paper does not have, bounds N delta: the filters are then
    no wider than the largest stride, so that a small window cannot paint the whole page.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    num_steps: int = setting(
        16,
        "steps",
        "How often the network looks at the image and adds a stroke. More steps paint more "
        "finely; time and memory grow in proportion.",
        group=NETWORK,
        symbol="T",
        limits=(1, 1024),
    )
    z_size: int = setting(
        32,
        "latent numbers per step",
        "How many random numbers steer one stroke. They carry everything that the encoder "
        "tells the decoder.",
        group=NETWORK,
        symbol="z",
        limits=(1, 8192),
    )
    enc_size: int = setting(
        256,
        "encoder units",
        "Memory of the LSTM that looks at the image while the network learns. It is not needed "
        "to paint new images.",
        group=NETWORK,
        symbol="hᵉⁿᶜ",
        limits=(1, 16384),
        step=16,
    )
    dec_size: int = setting(
        256,
        "decoder units",
        "Memory of the LSTM that paints: what it knows of the strokes so far.",
        group=NETWORK,
        symbol="hᵈᵉᶜ",
        limits=(1, 16384),
        step=16,
    )
    read_size: int = setting(
        5,
        "points per side, reading",
        "The encoder sees N × N numbers of the image in one step.",
        group=WINDOWS,
        symbol="N",
        limits=(1, 1024),
        needs="read_attention",
    )
    write_size: int = setting(
        7,
        "points per side, writing",
        "The patch of one stroke has N × N numbers.",
        group=WINDOWS,
        symbol="N",
        limits=(1, 1024),
        needs="write_attention",
    )
    read_attention: bool = setting(
        True,
        "Read through a window",
        "On: the encoder sees a small grid of points that it moves and zooms. Off: it sees the "
        "whole image at every step.",
        group=WINDOWS,
    )
    write_attention: bool = setting(
        True,
        "Write through a window",
        "On: the decoder paints a small patch where its window stands. Off: it paints on every "
        "pixel at every step.",
        group=WINDOWS,
    )
    initial_canvas: InitialCanvas = setting(
        "blank",
        "first canvas",
        "What the network begins to paint on.",
        group=NETWORK,
        symbol="c₀",
        options={
            "blank": "dark: one learned value",
            "data_mean": "the mean of the training images",
        },
    )
    max_write_side: float | None = setting(
        None,
        "widest window, writing",
        "The largest side of the window, as a share of the page's: 0.3 makes it a pen that has "
        "to travel. 0 sets no bound, as in the paper.",
        group=WINDOWS,
        limits=(0, 1),
        step=0.05,
        without="no bound of the window",
        needs="write_attention",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_write_side is not None and self.max_write_side > 1:
            raise ValueError(
                f"max_write_side is {self.max_write_side!r}; set it to a number above 0 and up to "
                "1, a share of the page's side, or leave it out."
            )
        if self.max_write_side is not None and not self.write_attention:
            raise ValueError(
                "max_write_side bounds the write window, and write attention is off: leave it out."
            )
        if self.read_attention:
            self._check_patch("read_size", self.read_size)
        if self.write_attention:
            self._check_patch("write_size", self.write_size)

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
        return 2 * (self.channels * self.read_size**2 if self.read_attention else self.pixels)

    @property
    def write_length(self) -> int:
        """Numbers in w_t, what the decoder writes in one step (eqs 18, 28)."""
        return self.channels * self.write_size**2 if self.write_attention else self.pixels

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

    @property
    def latent_steps(self) -> int:
        """T: every step has latents."""
        return self.num_steps

    @property
    def latents_per_step(self) -> int:
        """All that it has."""
        return self.z_size

    @property
    def pace(self) -> str:
        """In how many steps it makes a picture."""
        return "1 step" if self.num_steps == 1 else f"{self.num_steps} steps"

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Its most telling numbers."""
        return (
            ("T", f"{self.num_steps} steps"),
            ("h", f"{self.dec_size} units"),
            ("z", f"{self.z_size}"),
        )

    def flops_per_image(self) -> float:
        """Arithmetic of one image in one update, roughly: forward once, backward twice that."""
        counts = self.count_parameters()
        products = sum(v for k, v in counts.items() if not k.startswith("initial"))
        c, h, w = self.shape
        n, m = self.read_size, self.write_size
        read = 2 * c * (n * h * w + n * n * w) * self.read_attention
        write = c * (m * m * w + m * h * w) * self.write_attention
        return 6.0 * self.num_steps * (products + read + write)

    def memory_per_image(self) -> int:
        """Bytes that one image of a batch leaves behind for its gradient, roughly."""
        side = self.height + self.width
        points = self.read_size * self.read_attention + self.write_size * self.write_attention
        step = 7 * (self.enc_size + self.dec_size) + 6 * self.z_size + 2 * self.read_length
        step += 2 * self.write_length + 4 * self.pixels
        return 2 * 4 * self.num_steps * (step + 4 * side * points)

    def bytes_per_sample(self) -> int:
        """The most bytes that the film of one of its samples takes, unpacked."""
        numbers = self.write_length + self.z_size + 2 * (5 + 8) + 1  # two windows and the KL
        return self.pixels + self.num_steps * (self.pixels + 4 * numbers + self.dec_size)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a table says of the network."""
        same = self.enc_size == self.dec_size
        units = f"{self.enc_size} each" if same else f"{self.enc_size} and {self.dec_size}"
        return (
            ("Steps, T", str(self.num_steps)),
            ("Reads", self._reads()),
            ("Writes", self._writes()),
            ("Units of encoder and decoder, h", units),
            ("Latent numbers per step, z", str(self.z_size)),
            (
                "First canvas",
                "one dark value" if self.initial_canvas == "blank" else "the mean image",
            ),
        )

    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next."""
        found = []
        if self.write_attention and self.max_write_side is None:
            found.append("set the *widest window* to 0.3")
        if self.read_attention and self.write_attention:
            found.append("switch both windows off")
        elif not self.write_attention:
            found.append("let it write through a window")
        found.append(f"take {2 * self.num_steps} steps instead of {self.num_steps}")
        return tuple(found)

    @property
    def in_short(self) -> str:
        """What it is in a few words."""
        if not self.write_attention:
            place = "on the whole page at once"
        elif self.max_write_side is None:
            place = "through a window of any size"
        else:
            share = f"{100 * self.max_write_side:.0f}\N{NO-BREAK SPACE}%"
            place = f"through a window of at most {share} of the page"
        return f"{self.num_steps} steps, writes {place}"

    @property
    def own(self) -> str:
        """What it has that the paper's network has not."""
        if self.max_write_side is None:
            return ""
        return (
            f"It was built so that its window is never wider than {100 * self.max_write_side:.0f} "
            "% of the page; the paper has no such bound."
        )

    def _reads(self) -> str:
        n = self.read_size
        what = f"{n}×{n} window on picture" if self.read_attention else "whole picture"
        return f"{what} and error: {self.read_length:,} numbers"

    def _writes(self) -> str:
        if not self.write_attention:
            return f"whole canvas: {self.write_length:,} numbers"
        text = f"{self.write_size}×{self.write_size} window: {self.write_length:,} numbers"
        if self.max_write_side is None:
            return text
        return f"{text}; never wider than {100 * self.max_write_side:.0f} % of the page"

    def for_images(self, channels: int, height: int, width: int) -> Self:
        """The same network for images of another shape, its windows no larger than they allow."""
        largest = max(2, min(height, width))
        return replace(
            self,
            channels=channels,
            height=height,
            width=width,
            read_size=min(self.read_size, largest),
            write_size=min(self.write_size, largest),
        )
