"""Figure 7: digits in the making without attention, beside those with it."""

from draw_core.checkpoint import CheckpointEntry
from ui.models import DEFAULT_MODEL
from ui.paper import choice, shell
from ui.paper.strip import Group, pack, strip

MODEL = "mnist-no-attention"
ROWS = 3
COMMAND = (
    "python -m draw_core train --preset ten-minutes --no-read-attention --no-write-attention "
    f"--num-steps 16 --name {MODEL}"
)


def show() -> dict[str, str] | None:
    """Two films, one clock."""
    found = choice.having(_whole_canvas, MODEL)
    if not found:
        choice.missing(
            f"The model {MODEL}, which has no windows, is not on this server yet. This command "
            "trains one:",
            COMMAND,
        )
        return None
    entry, seed, said = choice.choose("7", found)
    without = choice.paint(entry, ROWS, seed)
    if without is None:
        return said
    groups = [_group(without, "Without attention")]
    with_windows = _twin(entry)
    painted = choice.paint(with_windows, ROWS, seed) if with_windows else None
    if painted:
        groups.insert(0, _group(painted, "With attention"))
    num_steps = max(group.config.num_steps for group in groups)
    view = shell.linked_view("7", num_steps, ROWS * len(groups))
    strip(pack(groups, view=view, link={"figure": "7"} | said), key="paper_strip_7")
    return said


def _group(painted: choice.Painted, lead: str) -> Group:
    title = f"{lead}: {painted.label}, {painted.config.num_steps} steps"
    return Group(title, painted.rollout, painted.config)


def _whole_canvas(entry: CheckpointEntry) -> bool:
    config = choice.config_of(entry)
    return not config.write_attention and config.channels in (1, 3)


def _twin(without: CheckpointEntry) -> CheckpointEntry | None:
    """The model to compare with: of the same data, the default one first."""
    assert without.card
    data = without.card.data

    def fits(entry: CheckpointEntry) -> bool:
        assert entry.card
        return entry.card.config.write_attention and entry.card.data == data

    return next(iter(choice.having(fits, DEFAULT_MODEL).values()), None)
