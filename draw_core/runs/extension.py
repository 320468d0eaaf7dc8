"""A run that was trained for so many updates is trained for more."""

from dataclasses import replace
from pathlib import Path

from draw_core.base.command_line import RUN, command
from draw_core.data.registry import describe
from draw_core.runs.config import RunConfig
from draw_core.runs.files import Claimed, claim, replace_file
from draw_core.runs.run import CONFIG, Run, RunError
from draw_core.store.card import Card
from draw_core.store.checkpoint import CARD, CheckpointError, load_card


def extend(folder: Path, steps: int, data: str | None = None) -> None:
    """Lets a run that has ended, or was stopped, go on to more updates in all.

    Its learning rate then follows the schedule of the longer training from where it is: of a
    finished run it rises again, so its bound gets worse before it gets better. What was measured
    is taken off its card, and the command of the longer training is added to it.

    Args:
        steps: updates in all, more than were planned; as many, with the same data, change nothing.
        data: name of the data set to learn from now on; None for the same.

    Raises:
        RunError: if the run is at work, ends by the clock, is damaged, was not planned shorter, or
            is for images of another shape.
    """
    try:
        with claim(folder):
            _extend(Run(folder), steps, data)
    except Claimed as error:
        raise RunError("This run is being trained; stop it before it is made longer.") from error


def _extend(run: Run, steps: int, data: str | None) -> None:
    config, status = run.config(), run.stored_status()
    planned = config.training.steps
    begun = config.training.seconds is None and status.step < planned  # a process may have died
    same = steps == planned and data in (None, config.data)
    if same and not (begun and status.state == "finished"):
        return  # the command that began it, with --resume
    if config.training.seconds is not None:
        raise RunError(
            "This run also ends after a time: begin one with --seconds 0 to train it for longer."
        )
    other = steps == planned and not same
    if other or steps < planned or steps <= status.step:
        raise RunError(f"This run was planned for {planned:,} updates: ask for more.")
    try:
        card = load_card(run.folder)
    except CheckpointError as error:
        raise RunError(str(error)) from error
    longer = replace(
        config, training=replace(config.training, steps=steps), data=data or config.data
    )
    root = Path(config.data_root) if config.data_root else None
    shape, dataset = config.model.shape, describe(longer.data, root)
    if config.model.answering(len(dataset.classes)) != config.model:
        raise RunError(f"This run names other things than {dataset.title} shows.")
    if dataset.shape != shape:
        raise RunError(
            f"This run is for images of {' × '.join(map(str, shape))} (channels, height, "
            f"width), not for those of {dataset.title}."
        )
    replace_file(run.folder / CARD, _longer(card, longer).to_json().encode())
    replace_file(run.folder / CONFIG, longer.to_json().encode())
    run.write_status(replace(status, state="stopped", message=""))


def _longer(card: Card, config: RunConfig) -> Card:
    steps = config.training.steps
    if (card.training.steps, card.data) == (steps, config.data):  # written before a process died
        return card
    other = config.data if config.data != card.data else None
    more = command("train", options={"resume": True, "run_dir": RUN, "data": other, "steps": steps})
    return replace(
        card,
        training=replace(card.training, steps=steps),
        data=config.data,
        command=f"{card.command}\n{more}",
        test=None,
        readable=None,
    )
