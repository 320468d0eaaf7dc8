"""How far a training is, in words and numbers."""

import streamlit as st

from draw_core.runs.control import Control
from draw_core.runs.estimate import duration, spoken
from draw_core.runs.registry import Run, RunConfig, Status
from ui.kit.text import plain
from ui.models import privacy
from ui.train import actions as train_actions

STATES = {
    "queued": ("Waiting", "hourglass_empty", "gray"),
    "starting": ("Getting ready", "hourglass_top", "gray"),
    "running": ("Learning", "model_training", "green"),
    "measuring": ("Measuring", "straighten", "green"),  # running, after its last update
    "paused": ("Paused", "pause_circle", "orange"),
    "finished": ("Finished", "check_circle", "blue"),
    "stopped": ("Stopped", "stop_circle", "gray"),
    "failed": ("Failed", "error", "red"),
}


def badge(state: str) -> str:
    """A state as a word with a colour and a sign, in Markdown."""
    word, icon, colour = STATES[state]
    return f":{colour}-badge[:material/{icon}: {word}]"


def show(run: Run, config: RunConfig, status: Status, control: Control) -> None:
    """One line that changes as the training goes, and how much of it is done."""
    state = "measuring" if _measures(config, status) else status.state
    fault = _standing(run.id)[0] if status.state == "queued" else None
    said = "" if fault else plain(sentence(run, config, status, control).rstrip("."))
    parts = [badge(state), *filter(None, [said]), *_figures(config, status, said)]
    # All in one box, so that a message that comes or goes moves nothing below out of its place.
    with st.container(key="train_status"):
        st.markdown(" · ".join(parts))
        st.progress(_share(config, status))
        if status.state == "failed":
            st.error(plain(status.message), icon=":material/error:")
        if fault:
            st.warning(f"It cannot begin yet: {plain(fault)}", icon=":material/cloud_off:")
        train_actions.show_fault()


def sentence(run: Run, config: RunConfig, status: Status, control: Control) -> str:
    """What is going on and what comes next, in one sentence; none where the figures say it all.

    A training that failed has its own, which says what to change.
    """
    state = status.state
    goes_on = "press Resume to go on" if privacy.is_mine(config) else "its owner can let it go on"
    if state == "queued":
        return _waits(run, status)
    if state == "starting":
        return status.message or "It gets its images and its network ready"
    if state == "running" and control.pauses(status.step):
        return "It pauses after this update"
    if state == "paused":
        return f"It is saved: {goes_on}"
    if state == "stopped":
        return status.message or f"It is saved and no longer in the queue: {goes_on}"
    return "" if state == "failed" else status.message


@st.cache_resource(ttl=1.0, max_entries=64, show_spinner=False)
def _standing(run_id: str) -> tuple[str | None, int | None, float | None]:
    """What keeps workers away, the place of a training that waits, and about how long it waits.

    Asked of the workers once a second for all who look.
    """
    from draw_core import jobs

    return jobs.cluster_status().fault, jobs.place(run_id), jobs.expected_wait(run_id)


def _waits(run: Run, status: Status) -> str:
    """Where a training stands in the queue, why, and about how long until it learns."""
    _, place, wait = _standing(run.id)
    where = "next" if place in (None, 1) else f"number {place}"
    text = f"is {where} in the queue and {'goes on by itself' if status.step else 'begins'}"
    text += f" in about {spoken(wait)}" if wait else " when it is its turn"
    if status.gave_way:
        return f"It let others go first, {text}"
    if status.deaths or status.message:
        return f"It was interrupted, {text}"
    return f"It {text}"


def _figures(config: RunConfig, status: Status, said: str) -> list[str]:
    parts = []
    if status.step:
        parts.append(f"update {status.step:,}")
    if status.test is not None:
        what = config.family.objective
        parts.append(f"test {what.name} **{what.said(status.test)}**")
    if status.images_per_s and status.state == "running":
        parts.append(f"{status.images_per_s:,.0f} images/s")
    if status.seconds:
        limit = config.training.seconds
        of = f" of {duration(limit)}" if limit else ""
        parts.append(f"{duration(status.seconds)}{of} of training")
    if status.state == "running" and not _measures(config, status):
        parts.append(_left(config, status))
    if status.retries and not said:
        times = "once" if status.retries == 1 else f"{status.retries} times"
        parts.append(f"interrupted {times}")
    return parts


def _left(config: RunConfig, status: Status) -> str:
    """How long it still takes by the clock, which also runs while it paints and measures."""
    if status.left_s is None:
        return "measuring how long it will take"
    text = f"{duration(status.left_s)} left"
    limit = config.training.seconds
    longer = limit is not None and duration(status.left_s) != duration(limit - status.seconds)
    return f"{text} with pictures and tests" if longer else text


def _measures(config: RunConfig, status: Status) -> bool:
    """Whether it has learned all that it will and measures its bound now; its message says so."""
    return status.state == "running" and _share(config, status) == 1


def _share(config: RunConfig, status: Status) -> float:
    if status.state == "finished":
        return 1.0
    share = status.step / config.training.steps
    if config.training.seconds is not None:
        share = max(share, status.seconds / config.training.seconds)
    return min(1.0, share)
