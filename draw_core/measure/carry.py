"""What each step of a network carries: nats, and what is lost where its latents are left out.

``carry.json`` beside the weights of a checkpoint holds what :func:`measure` found of them:
``{"format": "draw-carry/1", "unit": "nats", "weights": "9f86...", "data": "mnist", "images": 1000,
"seed": 0, "loss": 82.1, "standard_error": 0.8, "lost": [...], "lost_error": [...], "kl": [[...],
...]}``. No torch at import.
"""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from draw_core.base.fields import Binarisation, is_number

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from torch import Tensor, nn

CARRY, FORMAT = "carry.json", "draw-carry/1"
IMAGES = 1000
# Steps of images in all rollouts: of 1,000 images and T = 128 it is 8 million.
MOST_WORK = 10_000_000
_MAX_BYTES, _MOST_STEPS, _MOST_LATENTS = 1 << 20, 1024, 8192
# A loss of fewer standard errors is none that these images show, and one of fewer nats is none.
_SHOWN, _NOTHING = 2.0, 0.01

_PLAIN = ("loss", "standard_error", "images", "seed", "data", "weights")

Doubles = NDArray[np.float64]


class CarryError(ValueError):
    """What the steps carry cannot be measured or read; the message says why, in one sentence."""


@dataclass(frozen=True, eq=False)
class Carry:
    """What T steps of Z latents carry, in nats: means over images.

    Attributes:
        kl: ``[T, Z]``, KL(Q(z_t | h_enc_t) || P(z)) of each latent, the terms of L_z (eq 10).
        lost: ``[T]``, by how much L_x + L_z (eq 12) grows where the latents of this one step are
            drawn from the prior N(0, I) instead of Q. They are not sent then, so L_z is without
            their KL; the other steps are sent, and those after it are encoded anew, because they
            see the error. Below 0, the step costs more than it helps.
        lost_error: ``[T]``, the standard error of ``lost`` over the images.
        loss: L_x + L_z with all steps. standard_error: of it, over the images.
        images: so many, the first of the test set.
        seed: of the binarisation and of the noise, one sample for each image; both draws are those
            of :func:`draw_core.measure.evaluate.evaluate`. Where the prior takes the place of Q it
            uses the same noise, z_t = eps_t for z_t = mu_t + sigma_t eps_t.
        data: name of the data set.
        weights: the digest of the weights' file; "" where they lie in none.
    """

    kl: Doubles
    lost: Doubles
    lost_error: Doubles
    loss: float
    standard_error: float
    images: int
    seed: int
    data: str
    weights: str = ""

    @property
    def steps(self) -> Doubles:
        """The KL of each step, ``[T]``; they sum to L_z."""
        sums: Doubles = self.kl.sum(axis=1)
        return sums

    @property
    def free(self) -> NDArray[np.bool_]:
        """The steps ``[T]`` that could be left out.

        Their loss is below two standard errors, or below a hundredth of a nat.
        """
        return self.lost < np.maximum(_SHOWN * self.lost_error, _NOTHING)

    def to_json(self) -> str:
        """As JSON text, latents to a ten-thousandth of a nat."""
        values = {
            "format": FORMAT,
            "unit": "nats",
            "weights": self.weights,
            "data": self.data,
            "images": self.images,
            "seed": self.seed,
            "loss": round(self.loss, 4),
            "standard_error": round(self.standard_error, 4),
            "lost": np.round(self.lost, 4).tolist(),
            "lost_error": np.round(self.lost_error, 4).tolist(),
            "kl": np.round(self.kl, 4).tolist(),
        }
        return json.dumps(values, allow_nan=False, separators=(",", ":")) + "\n"


def load_carry(folder: Path, weights: Path) -> Carry | None:
    """What lies in a checkpoint's folder; None if there is nothing.

    Args:
        weights: the file of the network's weights, of which it must be.

    Raises:
        CarryError: if the file is damaged, or of other weights.
    """
    path = folder / CARRY
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CarryError(f"{CARRY} is too large to be what the steps of a network carry.")
        text, digest = path.read_text(encoding="utf-8"), digest_of(weights)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CarryError(f"{CARRY} cannot be read ({error}).") from error
    found = _parsed(text)
    if found.weights != digest:
        raise CarryError(f"{CARRY} was measured with other weights than those that lie beside it.")
    return found


def _parsed(text: str) -> Carry:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CarryError(f"{CARRY} is not valid JSON.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise CarryError(f'{CARRY} is of another kind: its "format" is not "{FORMAT}".')
    rows: Any = values.get("kl")
    lost: Any = values.get("lost")
    lost_error: Any = values.get("lost_error")
    ok = isinstance(rows, list) and 1 <= len(rows) <= _MOST_STEPS
    ok = ok and all(_numbers(row) and 1 <= len(row) <= _MOST_LATENTS for row in rows)
    ok = ok and len({len(row) for row in rows}) == 1
    ok = ok and all(_numbers(v) and len(v) == len(rows) for v in (lost, lost_error))
    ok = ok and all(is_number(values.get(name)) for name in ("loss", "standard_error"))
    counts = [values.get(name) for name in ("images", "seed")]
    ok = ok and all(type(v) is int and 0 <= v < 2**63 for v in counts)
    ok = ok and all(_is_word(values.get(name)) for name in ("data", "weights"))
    if not ok:
        raise CarryError(f"{CARRY} holds something that is no measurement.")
    arrays = [np.array(numbers, np.float64) for numbers in (rows, lost, lost_error)]
    found = Carry(arrays[0], arrays[1], arrays[2], **{name: values[name] for name in _PLAIN})
    if found.images < 1 or (found.kl < 0).any() or (found.lost_error < 0).any():
        raise CarryError(f"{CARRY} holds a number below what there can be.")
    return found


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(is_number(v, below=1e30) for v in values)


def _is_word(text: object) -> bool:
    return isinstance(text, str) and len(text) <= 200 and text.isprintable()


def digest_of(weights: Path) -> str:
    """By which the weights of a file are known again.

    Raises:
        OSError: if it cannot be read.
    """
    return hashlib.sha256(weights.read_bytes()).hexdigest()


def measure(
    model: "nn.Module",
    images: "UInt8[Tensor, 'N C H W']",
    binarisation: Binarisation,
    *,
    seed: int = 0,
    data: str = "",
    weights: str = "",
    on_batch: Callable[[int], None] | None = None,
) -> Carry:
    """Measures what the steps of a network carry; the fields of :class:`Carry` say what that is.

    The noise of an image depends on the seed and the image's place alone, so more images leave
    those of the first ones as they are. It takes about (T + 1) / 2 times as long as the bound.

    Args:
        images: the first of the test set.
        binarisation: how the network saw its training images.
        on_batch: is told how many images were just done.

    Raises:
        CarryError: if its family cannot be asked, there are no images, they would take too long,
            or the result is no number.
        ValueError: if the images do not fit the network.
    """
    from draw_core.base import seeds
    from draw_core.data.binarise import binarise
    from draw_core.data.datasets import require_shape
    from draw_core.families.engine import config_of, device_of
    from draw_core.families.registry import engine_of, family_of
    from draw_core.measure.evaluate import BLOCK, noise_source

    config = config_of(model)
    family, steps = family_of(config), config.latent_steps
    if "carry" not in family.abilities:
        raise CarryError(f"What a step carries is measured of DRAW, and this is a {family.title}.")
    if not len(images):
        raise CarryError("There are no images to measure with.")
    require_shape(images, config.shape)
    most = MOST_WORK * 2 // (steps * (steps + 1))
    if len(images) > most:
        raise CarryError(f"{len(images):,} images would take too long; take {max(1, most):,}.")
    engine, device = engine_of(config), device_of(model)
    kl = np.zeros((steps, config.latents_per_step))
    losses, without = [], []
    for index in range(math.ceil(len(images) / BLOCK)):
        block = images[index * BLOCK : (index + 1) * BLOCK]
        draw = seeds.generator(seed, seeds.Stream.BINARISE, index)
        x = binarise(block, draw, binarisation).to(device)
        found = engine.carried(model, x, engine.noise(model, len(x), noise_source(seed, index)))
        kl += found.kl.double().sum(dim=1).cpu().numpy()
        losses.append((found.nll + found.kl.sum(dim=(0, 2))).double().cpu().numpy())
        without.append(found.without.double().cpu().numpy())
        if on_batch:
            on_batch(len(x))
    loss = np.concatenate(losses)
    left = np.concatenate(without, axis=1)
    if not all(np.isfinite(numbers).all() for numbers in (loss, left, kl)):
        raise CarryError("What the steps carry is not a finite number: the weights are spoilt.")
    lost = left - loss
    several = len(loss) > 1  # the spread of one image is unknown, and said to be none
    root = math.sqrt(len(loss))
    return Carry(
        kl=kl / len(loss),
        lost=lost.mean(axis=1),
        lost_error=lost.std(axis=1, ddof=1) / root if several else np.zeros(steps),
        loss=float(loss.mean()),
        standard_error=float(loss.std(ddof=1) / root) if several else 0.0,
        images=len(loss),
        seed=seed,
        data=data,
        weights=weights,
    )


def in_words(carry: Carry) -> str:
    """Which step sends most, whose loss hurts most, and what could be left out: sentences."""
    sent, total = carry.steps, carry.steps.sum()
    most, worst = int(sent.argmax()), int(carry.lost.argmax())
    if total <= 0:
        return "No step sends anything."
    told = [f"Step {most + 1} sends most: {sent[most]:.1f} of {total:.1f} nats."]
    missed = "It is also the one" if most == worst else f"Step {worst + 1} is the one"
    missed += " that is missed most"
    told.append(f"{missed}: without it the loss is {carry.lost[worst]:.1f} nats higher.")
    free = np.flatnonzero(carry.free) + 1
    if not len(free):
        gentle = int(carry.lost.argmin())
        told.append(
            f"None could be left out for free: even without step {gentle + 1} the loss is "
            f"{carry.lost[gentle]:.2f} nats higher."
        )
    elif len(free) == len(sent):
        told.append("Each of them could be left out for free.")
    else:
        which = "Step" if len(free) == 1 else "Any one of the steps"
        told.append(
            f"{which} {_listed(free.tolist())} could be left out for free: the loss grows by less "
            "than two standard errors or a hundredth of a nat."
        )
    return " ".join(told)


def _listed(numbers: list[int]) -> str:
    """Whole numbers as text, neighbours drawn together: "3, 5 to 8 and 10"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{r[0]}" if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in runs]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
