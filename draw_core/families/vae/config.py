"""A frozen description of a one-shot VAE. Standard library only."""

from dataclasses import dataclass

from draw_core.base.fields import NETWORK, setting
from draw_core.families.family import NetworkConfig


@dataclass(frozen=True)
class VaeConfig(NetworkConfig):
    """Sizes of a variational autoencoder with one layer of latents.

    The defaults are those of Burda et al. 2016 (arXiv 1509.00519, section 5).

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    hidden_size: int = setting(
        200,
        "units per layer",
        "The encoder and the decoder have two layers of so many units each.",
        group=NETWORK,
        symbol="h",
        limits=(1, 16384),
        step=10,
    )
    z_size: int = setting(
        50,
        "latent numbers",
        "How many random numbers make a whole picture, all at once. They carry everything that "
        "the encoder tells the decoder.",
        group=NETWORK,
        symbol="z",
        limits=(1, 8192),
    )

    @property
    def latent_steps(self) -> int:
        """All latents are drawn at once."""
        return 1

    def count_parameters(self) -> dict[str, int]:
        """Trained numbers of each part of the network, by the names of its modules."""

        def layer(inputs: int, outputs: int) -> int:
            return (inputs + 1) * outputs

        h = self.hidden_size
        return {
            "encoder": layer(self.pixels, h) + layer(h, h),
            "posterior": layer(h, 2 * self.z_size),
            "decoder": layer(self.z_size, h) + layer(h, h),
            "canvas": layer(h, self.pixels),
        }

    @property
    def latents_per_step(self) -> int:
        """All that it has."""
        return self.z_size

    @property
    def drawn(self) -> str:
        """What is drawn at random for a sample."""
        return f"there were {self.z_size:,} of them"

    @property
    def pace(self) -> str:
        """In how many steps it makes a picture."""
        return "one step"

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Its most telling numbers."""
        return (("h", f"{self.hidden_size} units"), ("z", f"{self.z_size}"))

    def flops_per_image(self) -> float:
        """Arithmetic of one image in one update, roughly: forward once, backward twice that."""
        return 6.0 * sum(self.count_parameters().values())

    def memory_per_image(self) -> int:
        """Bytes that one image of a batch leaves behind for its gradient, roughly."""
        return 2 * 4 * (4 * self.hidden_size + 6 * self.z_size + 4 * self.pixels)

    def bytes_per_sample(self) -> int:
        """The most bytes that the film of one of its samples takes, unpacked."""
        return 2 * self.pixels + 4 * (self.z_size + 1)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What a table says of the network."""
        return (
            ("Steps, T", "1: the whole picture at once"),
            ("Reads", f"whole picture: {self.pixels:,} numbers"),
            ("Writes", f"whole canvas: {self.pixels:,} numbers"),
            ("Units of encoder and decoder, h", f"two layers of {self.hidden_size} each"),
            ("Latent numbers per step, z", str(self.z_size)),
        )

    def ideas(self) -> tuple[str, ...]:
        """What could be tried with it next."""
        return (
            f"give it {2 * self.hidden_size} units per layer instead of {self.hidden_size}",
            f"give it {2 * self.z_size} latent numbers instead of {self.z_size}",
            "let DRAW learn from the same images",
        )
