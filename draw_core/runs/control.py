"""What the user asks of a run: ``control.json``, heeded before each training step."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

from draw_core.base.fields import check_types, is_number
from draw_core.runs.files import claim, replace_file

CONTROL = "control.json"
_LOCK = "control.lock"
_NOW = 0
_PATIENCE_S = 10.0


@dataclass(frozen=True)
class Control:
    """The wishes of the user, which last until they are changed.

    Attributes:
        pause_at: the run pauses where its step is this or more; 0 pauses it at once, None lets it
            run. A single step raises it by one.
        stop: the run is saved and ends.
        give_way: the run is saved and leaves its worker to the runs that wait. A paused one stays
            paused, another one waits for its next turn.
        learning_rate_scale: multiplies the rate that the schedule gives; above 0.
    """

    pause_at: int | None = None
    stop: bool = False
    give_way: bool = False
    learning_rate_scale: float = 1.0

    def pauses(self, step: int) -> bool:
        """Whether a run that has made so many steps is to wait."""
        return self.pause_at is not None and step >= self.pause_at


class Wishes(TypedDict, total=False):
    """What may be asked of a run; it acts before its next update.

    Attributes:
        pause, stop: as in :class:`Control`.
        resume: it goes on, and takes back all of these.
        step: one update, after which the run is paused.
        learning_rate_scale: multiplies the learning rate from now on, in (0, 1000].
        give_way: as in :class:`Control`; False takes that wish back.
    """

    pause: bool
    resume: bool
    step: bool
    stop: bool
    learning_rate_scale: float | int
    give_way: bool


def read_control(folder: Path) -> Control:
    """The wishes in a run folder; the default ones where they cannot be read.

    Raises:
        FileNotFoundError: if there is no such file, because the run was deleted.
    """
    try:
        values = json.loads((folder / CONTROL).read_text(encoding="utf-8"))
        known = {field.name for field in dataclasses.fields(Control)}
        values = {name: value for name, value in values.items() if name in known}
        check_types(Control, values)
        _check_scale(values.get("learning_rate_scale", 1.0))
        return Control(**values)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Control()


def write_control(folder: Path, control: Control) -> None:
    """Replaces the wishes."""
    replace_file(folder / CONTROL, json.dumps(dataclasses.asdict(control)).encode())


def change_control(folder: Path, at_step: int, **wishes: Unpack[Wishes]) -> Control:
    """Adds wishes to those that are there. ``at_step`` is where the run is, as far as is known.

    Raises:
        ValueError: if the scale of the learning rate is not a number above 0.
        Claimed: if another process adds wishes for too long.
        FileNotFoundError: if the run was deleted.
    """
    if "learning_rate_scale" in wishes:
        _check_scale(wishes["learning_rate_scale"])
    with claim(folder, _LOCK, patience_s=_PATIENCE_S):
        control = read_control(folder)
        changed = dataclasses.asdict(control)
        if wishes.get("resume"):
            changed |= {"pause_at": None, "stop": False, "give_way": False}
        if wishes.get("pause"):
            changed["pause_at"] = _NOW
        if wishes.get("step"):
            last = max(control.pause_at or 0, at_step)
            changed |= {"pause_at": last + 1, "stop": False, "give_way": False}
        if wishes.get("stop"):
            changed["stop"] = True
        if "give_way" in wishes:
            changed["give_way"] = wishes["give_way"]
        if "learning_rate_scale" in wishes:
            changed["learning_rate_scale"] = float(wishes["learning_rate_scale"])
        control = Control(**changed)
        write_control(folder, control)
    return control


def _check_scale(scale: Any) -> None:
    if not (is_number(scale) and 0 < scale <= 1000):
        raise ValueError(
            f"learning_rate_scale is {scale!r}; set it to a number above 0 and at most 1000."
        )
