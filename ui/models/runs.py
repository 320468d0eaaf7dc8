"""The trainings on this server, shared by all visitors so that thirty of them cost as one."""

from pathlib import Path

import streamlit as st

from draw_core.families.family import NetworkConfig
from draw_core.runs import estimate
from draw_core.runs.registry import RunEntry, list_runs, runs_root
from draw_core.store.checkpoint import CARD, CheckpointEntry, list_checkpoints


def every_entry() -> list[RunEntry]:
    """Every run, newest first, at most a second old; visitors see those of ui.models.privacy."""
    return _entries(str(runs_root()))


@st.cache_resource(ttl=1.0, max_entries=4, show_spinner=False)
def _entries(root: str) -> list[RunEntry]:
    return list_runs(Path(root))


def every_checkpoint() -> list[CheckpointEntry]:
    """The checkpoints of all runs that hold one, at most two seconds old."""
    return _checkpoints(str(runs_root()))


@st.cache_resource(ttl=2.0, max_entries=4, show_spinner=False)
def _checkpoints(root: str) -> list[CheckpointEntry]:
    found = list_checkpoints(Path(root))
    return [entry for entry in found if (entry.folder / CARD).is_file()]


def forget() -> None:
    """Makes :func:`every_entry` look again, after something was changed here."""
    _entries.clear()


def measured(model: NetworkConfig) -> estimate.Measured | None:
    """The speed of an earlier run here, of the network most like this one."""
    return estimate.measured(model, every_entry())
