"""What a program or a notebook calls: load a network, let it paint, and let it rebuild a picture.

Nothing heavy is imported before one of the functions is called.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from draw_core.families.family import Ability
from draw_core.families.rebuilt import Rebuilt
from draw_core.families.registry import engine_of, family_of
from draw_core.film.film import Film
from draw_core.store.card import Card
from draw_core.store.checkpoint import checkpoint_folder, load_checkpoint

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Model:
    """A trained network.

    Attributes:
        name: as it was asked for.
        card: how it was trained and how well; ``card.config`` describes the network.
        network: in evaluation mode, in float32 on the processor.
    """

    name: str
    card: Card
    network: "nn.Module"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of its pictures."""
        return self.card.config.shape


def load(name_or_folder: str | Path) -> Model:
    """Reads a trained network. Nothing in its files is unpickled.

    Args:
        name_or_folder: the name of a shipped checkpoint, such as ``"mnist-pen"``, or the folder of
            a checkpoint or of a run.

    Raises:
        CheckpointError: if there is none, or a file of it is missing, damaged or foreign.
    """
    network, card = load_checkpoint(checkpoint_folder(str(name_or_folder)))
    return Model(str(name_or_folder), card, network)


def generate(model: Model, n: int = 64, seed: int = 0, temperature: float = 1.0) -> Film:
    """Lets a network paint new pictures (of DRAW: section 2.3 of the paper, eqs 13-16).

    Args:
        n: how many, 1 or more. More samples of a seed begin with the same ones.
        seed: names the noise, 0 to 2^63 - 1: the same seed gives the same pictures, on another
            machine up to rounding.
        temperature: by which the standard deviation of the noise is multiplied, 0 or more.

    Returns:
        A film of T steps: ``film.values(t)`` is the brightness after step t, float32
        ``[n, C, H, W]`` from 0 to 1; ``film.windows("write").parameters`` is float32 ``[T, n, 5]``
        (g_x and g_y in pixels from the centre of the first one, delta in pixels, sigma2 in square
        pixels, gamma) of a network that writes through a window; ``film.vectors("z").values`` is
        float32 ``[T, n, Z]``.

    Raises:
        ValueError: if the network paints nothing, n < 1, or the temperature is negative or not
            finite.
    """
    _require(model, "generate", "paints nothing")
    return engine_of(model.card.config).generate(model.network, n, seed, temperature)


def reconstruct(model: Model, image: NDArray[Any], seed: int | None = 0) -> Rebuilt:
    """Shows a network one picture and lets it paint it again (of DRAW: eqs 3-8).

    Args:
        image: uint8 ``[C, H, W]``, 0 to 255, white ink on black, or ``[H, W]`` where the network
            knows one channel. It is made black and white as in the network's training, which
            ``model.card.binarisation`` tells.
        seed: of the noise; None for z = mu, whose sum of losses bounds nothing.

    Returns:
        What it saw (``x``, float32 ``[C, H, W]`` from 0 to 1), the film of this one sample, and
        L_x and L_z in nats (``nll``, ``latent_loss``; eqs 9-12). The film has, beside what
        :func:`generate` says, the windows ``read``, the bars ``kl`` float32 ``[T, 1]`` in nats, and
        the vectors ``mu`` and ``log_sigma``.

    Raises:
        ValueError: if the network rebuilds nothing, or the picture has another shape than
            ``model.shape`` or another type than uint8.
    """
    _require(model, "reconstruct", "rebuilds nothing")
    if image.dtype != np.uint8:
        raise ValueError(f"The picture holds {image.dtype}; give whole numbers 0..255 as uint8.")
    how = model.card.training.binarisation
    pixels = np.array(image[None] if image.ndim == 2 else image)  # a copy, which can be written
    return engine_of(model.card.config).reconstruct(model.network, pixels, how, seed)


def _require(model: Model, ability: Ability, otherwise: str) -> None:
    family = family_of(model.card.config)
    if ability not in family.abilities:
        raise ValueError(f"{model.name} {otherwise}: it is of the kind {family.name}.")
