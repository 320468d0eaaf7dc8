"""A run that was trained for so many updates is trained for more."""

from dataclasses import replace
from pathlib import Path

from draw_core.card import Card
from draw_core.checkpoint import CARD, CheckpointError, load_card
from draw_core.runs.files import Claimed, claim, replace_file
from draw_core.runs.run import CONFIG, Run, RunError


def extend(folder: Path, steps: int) -> None:
    """Lets a run that has ended, or was stopped, go on to more updates in all.

    Its learning rate then follows the schedule of the longer training from where it is: of a
    finished run it rises again, so its bound gets worse before it gets better. What was measured
    is taken off its card, and the command of the longer training is added to it.

    Args:
        steps: updates in all, more than were planned; as many change nothing.

    Raises:
        RunError: if the run is at work, ends by the clock, is damaged, or was not planned shorter.
    """
    try:
        with claim(folder):
            _extend(Run(folder), steps)
    except Claimed as error:
        raise RunError("This run is being trained; stop it before it is made longer.") from error


def _extend(run: Run, steps: int) -> None:
    config, status = run.config(), run.stored_status()
    planned = config.training.steps
    begun = config.training.seconds is None and status.step < planned  # a process may have died
    if steps == planned and not (begun and status.state == "finished"):
        return  # the command that began it, with --resume
    if config.training.seconds is not None:
        raise RunError("This run ends after a time and not after updates: start a new one.")
    if steps < planned or steps <= status.step:
        raise RunError(f"This run was planned for {planned:,} updates: ask for more.")
    try:
        card = load_card(run.folder)
    except CheckpointError as error:
        raise RunError(str(error)) from error
    training = replace(config.training, steps=steps)
    replace_file(run.folder / CARD, _longer(card, steps).to_json().encode())
    replace_file(run.folder / CONFIG, replace(config, training=training).to_json().encode())
    run.write_status(replace(status, state="stopped", message=""))


def _longer(card: Card, steps: int) -> Card:
    if card.training.steps == steps:  # written before a process died
        return card
    more = f"python -m draw_core train --resume --run-dir RUN --steps {steps}"
    return replace(
        card,
        training=replace(card.training, steps=steps),
        command=f"{card.command}\n{more}",
        test=None,
        readable=None,
    )
