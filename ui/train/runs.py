"""The list of all trainings on this server: to open, to compare, to bring in."""

import contextlib
import time

import streamlit as st

from draw_core.data.registry import DataError, describe
from draw_core.families.registry import unusual_kind
from draw_core.runs.estimate import duration
from draw_core.runs.registry import UNFINISHED, Run, RunConfig, RunEntry, RunError, Status, find_run
from ui.curves import curves
from ui.kit import browser, page
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import privacy, runs
from ui.train import (
    actions as train_actions,
    address,
    fields as train_fields,
    pictures,
    status as train_status,
)

_POLL_S = 3.0
_AT_FIRST, _COMPARED = 8, 6
# The file that was looked at last, and what is wrong with it.
_IMPORTED: Slot[tuple[str, str]] = Slot("train_imported", ("", ""))
_ALL = Slot("train_list_all", False)  # whether all trainings are listed


def show() -> None:
    """The list, which renews itself while anything trains."""
    active = _any_active()
    opened = address.RUN.get()
    st.fragment(_list, run_every=_POLL_S if active else None)(opened, active)


def _any_active() -> bool:
    return any(e.status and e.status.state in UNFINISHED for e in privacy.entries())


def _list(opened: str, known: bool) -> None:
    with page.boundary():
        train_actions.follow(opened)
        if known and not _any_active():
            st.rerun()  # to end looking every few seconds
        entries = privacy.entries()
        usable = [entry for entry in entries if entry.config and entry.status]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("## All trainings on this server", width="content")
            st.space("stretch")
            _import()
        if not usable:
            st.caption("There are none yet. Yours appears here as soon as you press Train.")
        else:
            st.caption(
                "The number is the bound, in nats, or the exact negative log-likelihood, on images "
                "that the network never saw. Lower is better. Of a network that names pictures it "
                "is the share that it gets wrong, in percent. Grey test pixels were made black or "
                "white once, as the settings say: by a draw with their value as the probability of "
                "white, or by a cut at half grey. "
                "Colours cost a cross-entropy instead. *Compare* lays the curves of several "
                "trainings over one another."
            )
        every = _ALL.get()
        asked = set(address.compared())
        shown = (
            usable if every else [e for k, e in enumerate(usable) if k < _AT_FIRST or e.id in asked]
        )
        chosen = [entry for entry in shown if _row(entry)]
        if len(usable) > _AT_FIRST:
            st.toggle(f"Show all {len(usable)}", key=_ALL.key)
        for entry in entries:
            if entry.fault:
                st.caption(f":material/warning: {plain(entry.id)}: {plain(entry.fault)}")
        _compare(chosen)
        compared = ",".join(entry.id for entry in chosen[:_COMPARED])
        browser.say("compare", **{address.COMPARE: compared})


def _row(entry: RunEntry) -> bool:
    """One training; returns whether it is to be compared."""
    run_id, config, status = entry.id, entry.config, entry.status
    assert config
    assert status
    opened = address.RUN.get() == run_id
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key=f"train_row_{run_id}"
    ):
        with st.container(width="stretch", gap=None):
            st.markdown(f"**{plain(config.name)}**")
            st.caption(_about(config))
        what = config.family.objective
        result, spent = f":gray[no {what.name} yet]", duration(status.seconds)
        if status.test is not None:
            result = f"**{status.test:.1f}** {what.unit}"
        if opened and status.state in UNFINISHED:
            result, spent = ":gray[see above]", ""  # there it is newer: the list looks less often
        st.markdown(result, width=100)
        st.markdown(spent, width=80)
        st.markdown(train_status.badge(status.state), width=130)
        compare = st.checkbox("Compare", key=address.is_compared(run_id).key, width=110)
        st.button(
            "Open",
            key=f"train_open_{run_id}",
            disabled=opened,
            on_click=train_actions.open_run,
            args=(run_id,),
        )
    return compare


def settings(config: RunConfig) -> str:
    """Data, preset, and what differs from the preset."""
    family = config.family
    kind = unusual_kind(family)
    said = [*([kind] if kind else []), plain(_title(config), 40)]
    preset = family.presets.get(config.preset or "")
    if preset is None:
        numbers = ", ".join(f"{symbol} {value}" for symbol, value in config.model.summary)
        return " · ".join([*said, numbers])
    values = train_fields.of_run(config.model, config.training, config.threads)
    usual = address.usual(family, preset.name, config.model.shape)
    changes = train_fields.differences(values, usual)
    changed = f", but {plain(train_fields.describe(family, changes), 160)}" if changes else ""
    return " · ".join([*said, f"{preset.title}{changed}"])


def _title(config: RunConfig) -> str:
    if not privacy.may_see_images(config):
        return privacy.SOMEBODYS
    try:
        return describe(config.data).title
    except DataError:
        return config.data


def _about(config: RunConfig) -> str:
    """The settings, the age and whose it is."""
    age = max(0.0, time.time() - config.created)
    ago = "just now" if age < 120 else f"{duration(age // 60 * 60)} ago"
    mine = privacy.is_mine(config)
    return " · ".join([settings(config), ago, *(["yours"] if mine else [])])


def _compare(chosen: list[RunEntry]) -> None:
    """The curves of the chosen runs in one picture."""
    if not chosen:
        return
    st.markdown("## Compared")
    if len(chosen) > _COMPARED:
        st.caption(f"You see the first {_COMPARED} of them, because more could not be told apart.")
    kinds: dict[tuple[object, ...], list[tuple[Run, RunConfig, Status]]] = {}
    for entry in chosen[:_COMPARED]:
        if entry.config is None or entry.status is None:
            continue
        with contextlib.suppress(RunError):  # deleted since the list was made
            one = (find_run(entry.id), entry.config, entry.status)
            kinds.setdefault(_measure(entry.config), []).append(one)
    if len(kinds) > 1:
        st.caption(
            "Nats of different images cannot be compared, nor nats with errors, so each kind has "
            "curves of its own."
        )
    for number, kind in enumerate(kinds.values()):
        if len(kinds) > 1:
            st.markdown(f"**{plain(_title(kind[0][1]))}**")
        curves.curves(key=f"train_compare_curves_{number}", data=pictures.compared(kind))


def _measure(config: RunConfig) -> tuple[object, ...]:
    """Trainings whose results mean the same have the same of these."""
    unit = config.family.objective.unit
    return unit, config.data, config.training.binarisation, config.model.shape


def _import() -> None:
    menu = st.popover(
        "Import", icon=":material/upload:", key="train_import_menu", on_change="rerun"
    )
    if not menu.open:
        return
    with menu:
        file = st.file_uploader("A training that was exported as zip", "zip", key="train_import")
        if file is None:
            return
        seen, fault = _IMPORTED.get()
        if seen != file.file_id:  # once: the list is renewed every few seconds
            fault = _import_run(file.getvalue())
            _IMPORTED.put((file.file_id, fault))
            if not fault:
                st.rerun(scope="app")
        if not fault:
            st.caption("It is in the list.")
            return
        st.error(plain(fault), icon=":material/error:")
        st.button("Try again", key="train_import_again", on_click=_IMPORTED.put, args=(("", ""),))


def _import_run(content: bytes) -> str:
    """Brings a run in and opens it; returns what is wrong, or nothing."""
    from draw_core.runs import exchange

    try:
        run = exchange.import_run(content, owner=browser.owner())
    except RunError as error:
        return str(error)
    runs.forget()
    train_actions.open_run(run.id)
    return ""
