"""How the command line measures a network: with a bar, a state on disk, and Ctrl-C that saves."""

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

from jaxtyping import UInt8
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from torch import Tensor, nn

from draw_core.base.environment import SettingError
from draw_core.base.fields import Binarisation, is_number
from draw_core.cli.progress import stop_on_interrupt
from draw_core.data.registry import user_cache
from draw_core.families.engine import Labels, config_of
from draw_core.families.registry import family_of
from draw_core.measure.error_rate import error_rate
from draw_core.measure.evaluate import BLOCK, Result, Tally, evaluate, fingerprint
from draw_core.measure.evaluate_tally import require_stored

_SAVE_EVERY_S = 30.0
_ADVICE = "name a file with --state, where an interrupted evaluation is to be kept"


class Stopped(Exception):
    """Ctrl-C or a polite kill ended the evaluation; what was measured is in ``state``."""

    def __init__(self, share: float, state: Path | None) -> None:
        super().__init__()
        self.share, self.state = share, state


def default_state(name: str, settings: dict[str, str | int]) -> Path:
    """Where an unfinished evaluation is kept: a file of its own for all that its result depends on.

    Args:
        name: of the checkpoint.
        settings: from :func:`draw_core.measure.evaluate.fingerprint`.

    Raises:
        SettingError: if the user has no home folder, or nothing can be written there.
    """
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]
    file = user_cache(_ADVICE) / "evaluations" / f"{name}-{digest}.safetensors"
    _require_room(file)
    return file


def _require_room(file: Path) -> None:
    """Makes sure that a file can be written.

    Raises:
        SettingError: if its folder cannot be made or written.
    """
    there = next(place for place in file.absolute().parents if os.path.exists(place))  # noqa: PTH110
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise SettingError(f"Nothing can be written in {there}; {_ADVICE}.")


def measure(
    model: nn.Module,
    images: UInt8[Tensor, "N C H W"],
    console: Console,
    binarisation: Binarisation,
    *,
    words: str = "Evaluating",
    name: str | None = None,
    seed: int = 0,
    samples: int = 1,
    iwae: int = 0,
    batch_size: int = BLOCK,
    state: Path | None = None,
    resume: bool = False,
    labels: Labels = None,
) -> Result:
    """Evaluates with a bar that shows the nats so far and the time left.

    Where there is no terminal, a line every half a minute says how far it is. As often the state
    is written, and at Ctrl-C; it is removed in the end. Where the user's cache cannot be written,
    that is said and nothing is kept.

    Args:
        name: of the checkpoint, which names the state if ``state`` does not; without both nothing
            is kept.
        resume: whether to go on with the state.
        labels: the kinds of the images, for a classifier, whose errors are counted: in a minute
            or two, so that nothing is kept of an unfinished one.

    Raises:
        Stopped: at Ctrl-C.
        SettingError: if the state that was named cannot be written.
        ValueError: if the state is of another evaluation or is something else, which is left as
            it is; or if the result is no number.
    """
    family = family_of(config_of(model))
    samples = samples if family.objective.bound else 1  # all would be alike
    tally = Tally(len(images), config_of(model).latent_steps, samples, iwae)
    settings: dict[str, str | int] = {}
    if (name is not None or state is not None) and not family.classifies:
        settings = fingerprint(model, images, seed, binarisation, samples, iwae, batch_size)
        if state:
            _require_room(state)
        try:
            state = state or default_state(name or "", settings)
        except SettingError as error:
            if resume:
                raise
            _say(console, str(error))
        if state and state.exists():
            require_stored(state)
        if state and resume:
            tally.load(state, settings)
        elif state and state.exists():
            _say(console, f"Beginning anew; --resume would have gone on with {state}.")
    total = len(images) * (1 if family.classifies else tally.passes)
    done, said = _done(tally), time.monotonic()
    with stop_on_interrupt() as stopped, _bar(console) as progress:
        task = progress.add_task(words, total=total, facts="", completed=done)

        def on_batch(count: int) -> None:
            nonlocal done, said
            done += count
            whole = min(tally.done // tally.passes * BLOCK, len(images))
            facts = f"{tally.bound(images=whole).nll_bound:.2f} nats so far" if whole else ""
            progress.update(task, completed=done, facts=facts)
            if done < total and stopped():
                if state is not None:
                    tally.save(state, settings)
                raise Stopped(done / total, state)
            if time.monotonic() - said > _SAVE_EVERY_S:
                said = time.monotonic()
                with contextlib.suppress(OSError):  # it may yet come to its end without
                    if state is not None:
                        tally.save(state, settings)
                if not console.is_terminal:
                    _say(console, f"{words}: {done / total:.0%} {facts}".rstrip())

        if family.classifies:
            assert labels is not None
            errors = error_rate(model, images, labels, on_batch)
            return _finite(errors, "cross-entropy", errors.loss)
        bound = evaluate(
            model,
            images,
            seed,
            on_batch,
            binarisation,
            samples=samples,
            iwae=iwae,
            batch_size=batch_size,
            tally=tally,
        )
    if state is not None:
        with contextlib.suppress(OSError):  # what was measured counts for more
            state.unlink()
    return _finite(bound, family.objective.name, bound.nll_bound, bound.iwae or 0.0)


def _finite(result: Result, what: str, *numbers: float) -> Result:
    if not all(map(is_number, numbers)):
        raise ValueError(f"The {what} is not a finite number: the weights are spoilt.")
    return result


def _done(tally: Tally) -> int:
    """Image passes made; of the last block, which may be short, they count as they are."""
    blocks, rest = divmod(tally.done, tally.passes)
    whole = min(blocks * BLOCK, tally.images)
    return whole * tally.passes + rest * min(BLOCK, tally.images - whole)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[facts]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,  # it would leave an empty line in a file
    )


def _say(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True)
