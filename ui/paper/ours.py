"""Our own numbers, read from the cards beside the weights: none is written down here."""

from dataclasses import dataclass

from draw_core.checkpoint import CheckpointEntry
from draw_core.config import DrawConfig
from draw_core.data.registry import DATASETS
from ui import cache, models
from ui.paper.figure_5 import classifiers
from ui.paper.published import TABLE_3, Sizes


@dataclass(frozen=True)
class Ours:
    """One of our values.

    Attributes:
        name: what it is called in the table.
        checkpoint: whose card says so.
        value: nats, or an error in percent.
        error: the standard error of ``value``, if it was measured.
        bound: whether the true value may be lower.
        unit: stands after the value.
        command: prints the value.
        why: what sets it apart from the paper's.
        protocol: how the test images were made.
    """

    name: str
    checkpoint: str
    value: float
    error: float | None
    bound: bool
    unit: str
    command: str
    why: str
    protocol: str

    @property
    def text(self) -> str:
        """The number as it is printed."""
        text = f"{'≤ ' if self.bound else ''}{self.value:.2f}{self.unit}"
        return f"{text} ± {self.error:.2f}" if self.error else text


def nats() -> list[Ours]:
    """The test bounds of every shipped model of MNIST, the lowest first."""
    found = []
    for entry in models.usable(cache.checkpoints()).values():
        assert entry.card
        if entry.card.data == "mnist" and entry.card.test:
            found.append(_nats(entry))
    return sorted(found, key=lambda one: one.value)


def _nats(entry: CheckpointEntry) -> Ours:
    assert entry.card
    card, c = entry.card, entry.card.config
    assert card.test
    test = card.test
    standard_error = test.get("standard_error")
    return Ours(
        name=entry.name,
        checkpoint=entry.name,
        value=float(test["nll_bound"]),
        error=None if standard_error is None else float(standard_error),
        bound=True,
        unit="",
        command=f"python -m draw_core evaluate {entry.name}" + _options(test),
        why=_apart(c) + f"{card.steps:,} updates of {card.training.batch_size} images in "
        f"{duration(card.wall_time_s)}",
        protocol=card.protocol(),
    )


def _apart(c: DrawConfig) -> str:
    """In what sizes a network differs from the paper's for MNIST."""
    theirs = next(row for row in TABLE_3 if row.task == "MNIST")
    parts = [
        f"{own} {what} instead of {paper}"
        for what, own, paper in (
            ("steps", c.num_steps, theirs.glimpses),
            ("units", c.dec_size, theirs.h),
            ("latents per step", c.z_size, theirs.z),
        )
        if own != paper
    ]
    if not c.write_attention:
        parts.append("no windows")
    return ", ".join(parts) + "; " if parts else ""


def _options(test: dict) -> str:
    """The options that make the command repeat the card's own measurement."""
    usual = {"images": DATASETS["mnist"].sizes.test, "samples": 1, "seed": 0}
    given = {name: test.get(name, value) for name, value in usual.items()}
    return "".join(f" --{name} {given[name]}" for name in usual if given[name] != usual[name])


def errors() -> list[Ours]:
    """The errors of our classifiers, and of the baselines beside them."""
    found = []
    for entry in classifiers():
        assert entry.card
        command = f"python -m draw_core classify evaluate {entry.name}"
        networks = [(f"{entry.name}, {entry.card.glimpse_config.num_steps} glimpses", "model")]
        networks.append(("Our convolutional network, 2 layers", "baseline"))
        for name, part in networks:
            network = getattr(entry.card, part)
            if network is None or network.test is None:
                continue
            found.append(
                Ours(
                    name=name,
                    checkpoint=entry.name,
                    value=network.test.error,
                    error=network.test.standard_error or None,
                    bound=False,
                    unit=" %",
                    command=command,
                    why=f"{network.steps:,} updates of {network.training.batch_size} pictures in "
                    f"{duration(network.wall_time_s)}; other arrangements of the clutter",
                    protocol=network.test.protocol,
                )
            )
    return sorted(found, key=lambda one: one.value)


def sizes() -> list[tuple[str, Sizes]]:
    """The rows of table 3 for every shipped model, with the name of its checkpoint."""
    rows = []
    for entry in classifiers():
        assert entry.card
        g = entry.card.glimpse_config
        row = Sizes(entry.card.data, g.num_steps, g.hidden_size, None, g.read_size, None)
        rows.append((entry.name, row))
    for name, entry in models.usable(cache.checkpoints()).items():
        assert entry.card
        c = entry.card.config
        rows.append(
            (
                name,
                Sizes(
                    entry.card.data,
                    c.num_steps,
                    c.dec_size,
                    c.z_size,
                    c.read_size if c.read_attention else None,
                    c.write_size if c.write_attention else None,
                ),
            )
        )
    return rows


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
