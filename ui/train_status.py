"""How far a training is, in words and numbers."""

import streamlit as st

from draw_core.runs.control import Control
from draw_core.runs.registry import Run, RunConfig, Status
from ui import train_actions
from ui.text import plain
from ui.train_estimate import duration

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
    parts = [badge(state), *_progress(run, config, status, control)]
    if status.message and status.state != "failed":
        parts.append(plain(status.message.rstrip(".")))
    # All in one box, so that a message that comes or goes moves nothing below out of its place.
    with st.container(key="train_status"):
        st.markdown(" · ".join(parts))
        st.progress(_share(config, status))
        if status.state == "failed":
            st.error(plain(status.message), icon=":material/error:")
        if status.state == "queued" and (fault := _fault()):
            st.warning(f"It cannot begin yet: {plain(fault)}", icon=":material/cloud_off:")
        train_actions.show_fault()


def _progress(run: Run, config: RunConfig, status: Status, control: Control) -> list[str]:
    parts = []
    if status.state == "queued":
        parts += _place(run, status)
    elif status.state == "running" and control.pauses(status.step):
        parts.append("pausing")
    elif status.state == "stopped" and not status.message:
        parts.append("saved, and out of the queue: Resume puts it back")
    if status.step:
        parts.append(f"update {status.step:,}")
    if status.test is not None:
        parts.append(f"test bound **{status.test:.1f} nats**")
    if status.images_per_s and status.state == "running":
        parts.append(f"{status.images_per_s:,.0f} images/s")
    if status.seconds:
        limit = config.training.seconds
        of = f" of {duration(limit)}" if limit else ""
        parts.append(f"{duration(status.seconds)}{of} of training")
    if status.state == "running" and not _measures(config, status):
        left = "measuring how long it will take"
        parts.append(left if status.left_s is None else f"{duration(status.left_s)} left")
    if status.retries:
        times = "once" if status.retries == 1 else f"{status.retries} times"
        parts.append(f"taken up again {times} after its process died")
    return parts


def _place(run: Run, status: Status) -> list[str]:
    """Where a training stands in the queue, and about how long until it learns."""
    from draw_core import jobs

    place, wait = jobs.place(run.id), jobs.expected_wait(run.id)
    parts = ["paused for others, and goes on by itself"] if status.gave_way else []
    parts.append("next in the queue" if place in (None, 1) else f"number {place} in the queue")
    if wait:
        parts.append(f"begins in about {duration(wait)}")
    return parts


def _fault() -> str | None:
    from draw_core import jobs

    return jobs.cluster_status().fault


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
