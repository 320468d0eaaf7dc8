"""What a visitor does with trainings: begin one, steer it, throw it away.

Everybody may start one like a training that they see, from images that they may see; only who began
or imported it may steer, rename, share or delete it. One of the command line belongs to nobody
here. Whatever cannot be done is said in one sentence.
"""

import dataclasses
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Unpack

import streamlit as st

from draw_core.base.settings import TrainConfig
from draw_core.data.registry import DataError, describe, pinned
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of, unusual_kind
from draw_core.runs.control import Wishes
from draw_core.runs.registry import Run, RunConfig, RunError, create_run
from ui.kit import browser
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import privacy, runs
from ui.train import address

_FAULT = Slot("train_fault", "")


def open_run(run_id: str | None) -> None:
    """Shows a run on the Train page, or the form."""
    address.RUN.put(run_id or "")
    address.NOTICES.pop()


def follow(shown: str) -> None:
    """Runs the page again if another run was opened than the one that it shows, or none.

    A button in a fragment reruns only that.
    """
    if address.RUN.get() != shown:
        st.rerun()


@contextmanager
def telling() -> Iterator[None]:
    """Keeps the sentence of what could not be done, for :func:`show_fault`."""
    try:
        yield
    except (RunError, DataError) as error:
        _FAULT.put(str(error))


def show_fault() -> None:
    """Says once what could not be done."""
    if fault := _FAULT.pop():
        st.error(plain(fault), icon=":material/error:")


def start(
    preset: str, data: str, model: NetworkConfig, training: TrainConfig, threads: int
) -> bool:
    """Begins a training and opens it; False if that cannot be done, and :func:`show_fault` why."""

    def config() -> RunConfig:
        images = pinned(data)  # a restart gets the same ones
        family = family_of(model)
        parts = unusual_kind(family), family.presets[preset].title, describe(images).title
        return RunConfig(
            name=_new_name(", ".join(filter(None, parts))),
            data=images,
            model=model,
            training=training,
            threads=threads,
            preset=preset,
            owner=browser.owner(),
        )

    return _begin(config)


def restart(run: Run) -> None:
    """The same settings and seed from the start, as a new run of this visitor."""

    def config() -> RunConfig:
        old = run.config()
        return dataclasses.replace(
            old,
            name=_new_name(old.name),
            owner=browser.owner(),
            restart_of=run.id,
            kept=False,
            shared=False,
        )

    _begin(config)


def _begin(described: Callable[[], RunConfig]) -> bool:
    from draw_core import jobs

    with telling():
        config = described()
        privacy.require_sight(config.data)
        jobs.check_quota(config.owner)
        jobs.check_time(config)
        run = create_run(dataclasses.replace(config, created=time.time()))
        jobs.submit(run)
        runs.forget()
        open_run(run.id)
        return True
    return False


def _new_name(name: str) -> str:
    taken = {entry.config.name for entry in privacy.entries() if entry.config}
    stem = re.sub(r" #\d+$", "", name)[:70]
    number = 2
    while name in taken:
        name = f"{stem} #{number}"
        number += 1
    return name


def _steer(run: Run, act: Callable[[], object]) -> None:
    """Does what only the owner of a run may; a disabled button is only the browser's business."""
    with telling():
        if not privacy.is_mine(run.config()):
            raise RunError("This training is not yours: you can watch it, or start one like it.")
        act()
        runs.forget()


def request(run: Run, **wishes: Unpack[Wishes]) -> None:
    """Passes on a wish: pause, resume, step, stop or another learning rate."""
    from draw_core import jobs

    _steer(run, lambda: jobs.request(run, **wishes))


def set_rate(run: Run, scale: Slot[float]) -> None:
    """Passes on the position of the slider of the learning rate."""
    request(run, learning_rate_scale=float(scale.get()))


def rename(run: Run, name: Slot[str]) -> None:
    """Gives a run the name in a text field."""
    _steer(run, lambda: run.rename(name.get()))


def share(run: Run, shared: Slot[bool]) -> None:
    """Lets everybody see the network of a run, or no longer, as a switch says."""
    _steer(run, lambda: run.share(shared.get()))


def delete(run: Run) -> None:
    """Removes a run with everything in it."""

    def leave() -> None:
        run.delete()
        if address.RUN.get() == run.id:
            open_run(None)

    _steer(run, leave)
