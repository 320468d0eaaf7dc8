"""What trainings lower and tests measure, with all that is said of it. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One number of a network.

    Attributes:
        key: its name among the results of a test.
        metric: its name in :class:`draw_core.runs.history.History`.
        name: of its curve on training images.
        label: of its line in a table.
        learned: what its curve on training images is; "" if it has none.
        tested: what its curve on test images is; "" if it has none.
        printed: its line on the command line.
        unit: "nats" or "%".
        shown: how a table writes it, of a finished training and during one.
        needed: whether no result lacks it.
    """

    key: str
    metric: str
    name: str
    label: str
    learned: str = ""
    tested: str = ""
    printed: str = ""
    unit: str = "nats"
    shown: tuple[str, str] = ("{:.2f}", "{:.1f}")
    needed: bool = True


@dataclass(frozen=True)
class Objective:
    """What a training lowers, and a test measures.

    Attributes:
        name: as in "the bound".
        figures: the number that it is about, then its parts or what stands beside it.
        others: further names among the results of a test.
        title: of the results, in a table.
        verdict: what a value says of a network; it takes the value with its unit.
        apart: how much less or more of it another network has; it takes both.
        about: what its curves are, in Markdown.
        heading: what the numbers of a test are, on the command line.
        bound: whether the true value may be lower: it is measured with noise, and more samples of
            it tell more.
        lowered: what the updates lower, where that is not the number itself.
    """

    name: str
    figures: tuple[Figure, ...]
    others: frozenset[str]
    title: str
    verdict: str
    apart: str
    about: str
    heading: str = ""
    bound: bool = False
    lowered: str = ""

    @property
    def figure(self) -> Figure:
        """The number that it is about."""
        return self.figures[0]

    @property
    def unit(self) -> str:
        """Of this number."""
        return self.figure.unit

    @property
    def needed(self) -> frozenset[str]:
        """The names that all results of a test have."""
        return frozenset({"images", *(figure.key for figure in self.figures if figure.needed)})

    @property
    def known(self) -> frozenset[str]:
        """All names that the results of a test may have."""
        return self.needed | self.others | {figure.key for figure in self.figures}

    def of(self, test: Mapping[str, Any]) -> float:
        """The value among the results of a test, in :attr:`unit`."""
        return float(test[self.figure.key])

    def results(self, value: float, found: Mapping[str, Any]) -> dict[str, Any]:
        """The results of a test with this value, out of all that was found."""
        kept = {k: v for k, v in found.items() if k in self.known and v not in (None, ())}
        lists = {k: list(v) for k, v in kept.items() if isinstance(v, tuple)}
        return {self.figure.key: value, **kept, **lists}

    def said(self, value: float, digits: int = 1) -> str:
        """A value with its unit, as "81.3 nats"."""
        return f"{value:.{digits}f} {self.unit}"


_NAT = "A **nat** is a unit of information, 1.44 bits. "
_MEANS = frozenset({"seed", "samples", "standard_error", "bits_per_dim", "first_1000"})
_WEIGHTED = frozenset({"kl", "iwae", "iwae_samples", "iwae_standard_error"})
_BOUND = Figure(
    "nll_bound",
    "loss",
    "L_x + L_z",
    "Bound, L_x + L_z",
    "the bound on training images, which every update lowers",
    "the bound L_x + L_z on test images, from which it does not learn",
    "bound, L_x + L_z",
)
_MISSING = Figure(
    "L_x",
    "nll",
    "L_x",
    "Still missing, L_x",
    "reconstruction, the nats that the pixels still need once the canvas is painted",
    printed="  L_x, missed in the pixels",
)
_SENT = Figure(
    "L_z",
    "latent_loss",
    "L_z",
    "Sent, L_z",
    "latent, the nats in the random numbers that steer the strokes (KL of all steps)",
    printed="  L_z, spent on the latents",
)
_NLL = Figure(
    "nll",
    "loss",
    "-log p(x)",
    "Negative log-likelihood",
    "the negative log-likelihood of training images, which every update lowers",
    "the same of test images, from which it does not learn",
    "-log p(x)",
)
_SHARE = Figure(
    "error",
    "error",
    "error",
    "Error",
    tested="the share of test images, from which it does not learn, that it names wrongly",
    unit="%",
    shown=("{:.2f} %", "{:.1f} %"),
)
_SURPRISE = Figure(
    "loss",
    "loss",
    "surprise",
    "Surprise at the right answer",
    "the surprise at the right answer (cross-entropy), which every update lowers",
    "the same surprise on test images, from which it does not learn",
    shown=("{:.3f} nats", "{:.3f} nats"),
    needed=False,
)

# No less than -log p(x), in two parts.
BOUND = Objective(
    "bound",
    (_BOUND, _MISSING, _SENT),
    _MEANS | _WEIGHTED,
    title="How many nats a test image costs",
    verdict="the network needs at most {} to describe one image",
    apart="needs {:.1f} nats {} than the one here",
    about=_NAT + "The **bound** says how many are enough to "
    "describe an image with this network; lower is better. It is the sum of $L_z$, the nats in the "
    "random numbers that steer the strokes, and $L_x$, what the pixels still need once the canvas "
    "is painted. **KL**, the Kullback-Leibler divergence, divides $L_z$ among the steps.",
    heading="upper bounds on -log p(x), mean",
    bound=True,
)
# -log p(x) itself.
EXACT = Objective(
    "negative log-likelihood",
    (_NLL,),
    _MEANS,
    title=BOUND.title,
    verdict="the network needs {} to describe one image",
    apart=BOUND.apart,
    about=_NAT + "The **negative log-likelihood** says how many this network needs to describe an "
    "image, exactly; lower is better.",
    heading="negative log-likelihood, mean",
)
# The share of images that are named wrongly.
ERROR = Objective(
    "error",
    (_SHARE, _SURPRISE),
    frozenset({"standard_error", "after_glimpse", "first_1000"}),
    title="How often they take a test image for something else",
    verdict="the network makes {} errors",
    apart="errs {1} often, by {0:.1f} % of them",
    about="The network is asked for the right answer. Its **surprise** is how much it doubted it, "
    "in nats (1.44 bits); every update lowers it. The **error** is the share of test images, from "
    "which it does not learn, that it names wrongly.",
    lowered="cross-entropy",
)
