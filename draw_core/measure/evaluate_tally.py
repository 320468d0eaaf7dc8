"""What an evaluation has measured so far, image by image; it can be stored and gone on with."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from draw_core.base.files import write_atomic
from draw_core.families.objective import BOUND, Objective

FORMAT = "draw-evaluation/1"
# Of so many images Bound.first_1000 speaks.
QUICK_IMAGES = 1000
# Of each image, where the command is not told another number.
NOISE_SAMPLES = 5

Doubles = NDArray[np.float64]


class TallyError(ValueError):
    """A stored evaluation cannot be gone on with; the message says why."""


@dataclass(frozen=True)
class Bound:
    """Upper bounds on -log p(x) in nats per image, or its very value; what is not known is None.

    Attributes:
        nll_bound: ``L_x + L_z`` (eq 12), the mean over images of the mean over noise samples.
        images: how many were measured, with ``samples`` noise samples each.
        seed: of the binarisation and of the latent noise.
        standard_error: of ``nll_bound`` over images: about how far it lies from the mean over
            all images of this kind.
        kl: the part of L_z that each step spends, T numbers.
        iwae: the importance-weighted bound (Burda et al. 2016, arXiv 1509.00519) with
            ``iwae_samples`` samples each, and its standard error over images.
        bits_per_dim: ``nll_bound / (C H W ln 2)``, for images whose grey values were kept.
        first_1000: the bound on the first 1,000 images with the first noise sample alone, by which
            it can be checked quickly that weights are the ones that were measured.
    """

    nll_bound: float
    L_x: float
    L_z: float
    images: int
    samples: int = 1
    seed: int = 0
    standard_error: float | None = None
    kl: tuple[float, ...] | None = None
    iwae: float | None = None
    iwae_samples: int | None = None
    iwae_standard_error: float | None = None
    bits_per_dim: float | None = None
    first_1000: float | None = None

    @property
    def value(self) -> float:
        """What the objective is about."""
        return self.nll_bound

    @property
    def cost(self) -> float:
        """What training lowers, in nats per image."""
        return self.nll_bound

    @property
    def parts(self) -> tuple[float, float]:
        """L_x and L_z."""
        return self.L_x, self.L_z

    def to_dict(self, objective: Objective = BOUND) -> dict[str, Any]:
        """What is known of the results of an objective, as plain JSON values."""
        return objective.results(self.value, vars(self))


class Tally:
    """Sums over the noise samples for every image, to which one pass after the other is added.

    A pass is one noise sample of one block of images. The first ``samples`` passes of a block count
    for the bound, the first ``iwae`` for the importance-weighted one.

    Attributes:
        done: passes added.
        nll, latent: sums of L_x and L_z over samples, of each image.
        first: L_x + L_z of the first sample, of each image.
        log_weight: log of the sum of p(x, z) / q(z | x) over samples, of each image.
        kl: sums over images and samples, of each step.
    """

    def __init__(self, images: int, num_steps: int, samples: int = 1, iwae: int = 0) -> None:
        """Raises ValueError if there are no images or no samples."""
        if images < 1:
            raise ValueError("There are no images to evaluate.")
        if not (1 <= samples <= 100_000 and 0 <= iwae <= 100_000):
            raise ValueError("Ask for 1 to 100,000 noise samples of each image.")
        self.samples, self.iwae = samples, iwae
        self.done = 0
        self.nll, self.latent, self.first = np.zeros((3, images))
        self.log_weight = np.full(images, -math.inf)
        self.kl = np.zeros(num_steps)

    @property
    def images(self) -> int:
        """How many images are measured."""
        return len(self.nll)

    @property
    def passes(self) -> int:
        """Noise samples of each image."""
        return max(self.samples, self.iwae)

    def add(
        self, start: int, sample: int, nll: Doubles, kl: Doubles, log_weight: Doubles | None
    ) -> None:
        """Adds one pass over the images from ``start`` on.

        Args:
            sample: which noise sample it is, from 0.
            nll: L_x of each image.
            kl: of each step and image, ``[T, B]``.
            log_weight: log p(x, z) - log q(z | x) of each image; needed for the first ``iwae``.
        """
        block = slice(start, start + len(nll))
        with np.errstate(invalid="ignore", over="ignore"):  # spoilt weights give no numbers
            if sample < self.samples:
                latent = kl.sum(axis=0)
                self.nll[block] += nll
                self.latent[block] += latent
                self.kl += kl.sum(axis=1)
                if sample == 0:
                    self.first[block] = nll + latent
            if sample < self.iwae:
                assert log_weight is not None
                self.log_weight[block] = np.logaddexp(self.log_weight[block], log_weight)
        self.done += 1

    def importance_bounds(self) -> Doubles:
        """The importance-weighted bound of each image: -log of the mean weight."""
        return math.log(self.iwae) - self.log_weight

    def bound(self, seed: int = 0, images: int | None = None) -> Bound:
        """The means over the images, or over the first ones that were measured to the end.

        ``bits_per_dim`` is left to who knows the size of the images.
        """
        count = self.images if images is None else images
        nll, latent = self.nll[:count] / self.samples, self.latent[:count] / self.samples
        L_x, L_z = float(nll.mean()), float(latent.mean())
        known: dict[str, Any] = {}
        if count == self.images:
            known["kl"] = tuple((self.kl / self.samples / count).tolist())
        if self.iwae:
            weighted = self.importance_bounds()[:count]
            known |= {"iwae": float(weighted.mean()), "iwae_samples": self.iwae}
            known["iwae_standard_error"] = _standard_error(weighted)
        if count >= QUICK_IMAGES:
            known["first_1000"] = float(self.first[:QUICK_IMAGES].mean())
        return Bound(
            nll_bound=L_x + L_z,
            L_x=L_x,
            L_z=L_z,
            images=count,
            samples=self.samples,
            seed=seed,
            standard_error=_standard_error(nll + latent),
            **known,
        )

    def save(self, path: Path, settings: Mapping[str, str | int]) -> None:
        """Writes everything in one step, with the settings it belongs to.

        Raises:
            OSError: if it cannot be written.
        """
        from safetensors.numpy import save

        about = {"format": FORMAT, "done": self.done, "settings": dict(settings)}
        content = save(self._arrays(), metadata={"evaluation": json.dumps(about)})
        write_atomic(path, content)

    def load(self, path: Path, settings: Mapping[str, str | int]) -> None:
        """Takes up what :meth:`save` wrote for the same settings.

        Raises:
            TallyError: if the file is missing, damaged, or of an evaluation with other settings.
        """
        if not path.is_file():
            raise TallyError(f"There is no evaluation to go on with in {path}; leave out --resume.")
        about, arrays = _read(path)
        found = about["settings"]
        for name in sorted(settings.keys() | found.keys()):
            if settings.get(name) != found.get(name):
                raise TallyError(
                    f"{path} belongs to an evaluation with other settings: its {name} is "
                    f"{_short(found.get(name))}, here it is {_short(settings.get(name))}."
                )
        mine, done = self._arrays(), about.get("done")
        if not (isinstance(done, int) and done >= 0 and _are_like(arrays, mine)):
            raise TallyError(f"{path} is damaged; delete it and begin anew without --resume.")
        self.done = done
        for name, array in mine.items():
            array[...] = arrays[name]

    def _arrays(self) -> dict[str, Doubles]:
        names = ("nll", "latent", "first", "log_weight", "kl")
        return {name: getattr(self, name) for name in names}


def require_stored(path: Path) -> None:
    """Makes sure that a file is an evaluation, of whatever settings, before it is written over.

    Raises:
        TallyError: if there is something else.
    """
    if not path.is_file():
        raise TallyError(f"{path} is no plain file, so no evaluation can be kept in it.")
    try:
        _read(path, arrays=False)
    except TallyError as error:
        raise TallyError(
            f"{path} is no stored evaluation, so it is left as it is; name another file."
        ) from error


def _read(path: Path, *, arrays: bool = True) -> tuple[dict[str, Any], dict[str, Doubles]]:
    """What a stored evaluation says about itself, and what it has measured unless left out."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {}).get("evaluation", "{}"))
            names = file.keys() if arrays else ()
            found = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise TallyError(f"{path} is damaged or is no stored evaluation ({error}).") from error
    ok = isinstance(about, dict) and about.get("format") == FORMAT
    if not ok or not isinstance(about.get("settings"), dict):
        raise TallyError(f"{path} is no stored evaluation.")
    return about, found


def _are_like(arrays: Mapping[str, Doubles], expected: Mapping[str, Doubles]) -> bool:
    """Whether arrays from a file have the names, shapes and types they must have, and no NaN."""
    return arrays.keys() == expected.keys() and all(
        (arrays[name].shape, arrays[name].dtype) == (array.shape, array.dtype)
        and not np.isnan(arrays[name]).any()
        for name, array in expected.items()
    )


def _short(value: object) -> str:
    """A value of a settings field, as an error names it."""
    return "absent" if value is None else str(value)[:60]


def _standard_error(values: Doubles) -> float | None:
    """Of the mean of independent values; None of a single one, which says nothing of it."""
    if len(values) < 2:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        return float(values.std(ddof=1) / math.sqrt(len(values)))
