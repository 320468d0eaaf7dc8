"""One training, while it runs and afterwards: its pictures, its curves, its controls."""

import streamlit as st

from draw_core.runs.control import Control, read_control
from draw_core.runs.estimate import duration
from draw_core.runs.registry import NO_RUN, UNFINISHED, Run, RunConfig, RunError, Status, find_run
from ui.curves import curves
from ui.kit import browser, page
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.models import privacy, runs
from ui.train import (
    actions as train_actions,
    address,
    pictures,
    result as train_result,
    runs as train_runs,
    status as train_status,
    waiting as train_waiting,
)
from ui.train.manage import manage, open_in_generate

_GONE = Slot("train_gone", "")  # why the run that was asked for is not shown
_POLL_S = 1.0
_HALTED = ("paused", "stopped", "failed")
_RATES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SAMPLES, RECONSTRUCTION = "New pictures", "One image, rebuilt"


def show(run_id: str) -> bool:
    """The run of that id; False where there is none, and :func:`say_gone` says so."""
    try:
        run = find_run(run_id)
        if not privacy.may_watch(run.config()):
            raise RunError(NO_RUN)
        state = run.status().state
    except RunError as error:
        _GONE.put(str(error))
        return False
    forget_gone()
    poll = _POLL_S if state in UNFINISHED else None
    st.fragment(_live, run_every=poll)(run, state)
    return True


def say_gone() -> None:
    """Says that the run which was asked for is not there, as long as no other is opened."""
    if gone := _GONE.get():
        st.warning(plain(gone), icon=":material/link_off:")


def forget_gone() -> None:
    """The page was opened anew, or another run."""
    _GONE.pop()


def _live(run: Run, known: str) -> None:
    with page.boundary():
        train_actions.follow(run.id)
        try:
            stamp = run.live_stamp()
            config, status = run.config(), run.status()
            control = _control(run)
        except RunError as error:
            st.warning(plain(str(error)), icon=":material/delete:")
            st.button("Train another", on_click=train_actions.open_run, args=(None,))
            return
        if (known in UNFINISHED) != (status.state in UNFINISHED):
            runs.forget()
            st.rerun()  # to begin or to end looking every second, and to renew the list
        _head(run, config)
        _controls(run, config, status, control)
        train_status.show(run, config, status, control)
        train_result.show(run, config, status)
        other = train_waiting.substitute(status)
        if other is not None:
            st.info(other.words, icon=":material/visibility:")
        with st.container(key="train_live", horizontal=True, gap="medium"):
            with st.container(key="train_pictures"):
                if other is None:
                    _pictures(run, config, status, stamp)
                elif other.pictures is None:
                    _no_pictures("running")
                else:
                    other.pictures.show("train_stage_other")
            with st.container(key="train_curves"):
                if other is None:
                    for name, data in pictures.charts(run, config, status, stamp).items():
                        curves.curves(key=f"train_curves_{name}", data=data)
                else:
                    curves.curves(key="train_curves_other", data=other.losses)
                with st.container(key="train_words"):
                    st.caption(config.family.objective.about)
        browser.show(address.OWNED, {"run": run.id})


def _control(run: Run) -> Control:
    try:
        return read_control(run.folder)
    except FileNotFoundError as error:  # in another tab, since its status was read
        raise RunError(f"The run {run.id} was deleted.") from error


def _head(run: Run, config: RunConfig) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="train_head"):
        st.markdown(f"## {plain(privacy.name_of(config))}", width="content")
        count = sum(config.model.count_parameters().values())
        with st.container(key="train_settings_line", width="stretch"):
            st.caption(f"{train_runs.settings(config)} · {count:,} parameters")
        with st.container(
            horizontal=True, vertical_alignment="center", key="train_links", width="content"
        ):
            if "generate" in config.family.abilities:
                open_in_generate(run)
            st.button(
                "Train another",
                icon=":material/add:",
                on_click=train_actions.open_run,
                args=(None,),
                key="train_new",
            )
            manage(run, config)


def _controls(run: Run, config: RunConfig, status: Status, wishes: Control) -> None:
    mine = privacy.is_mine(config)
    state = status.state
    active = state in UNFINISHED
    with st.container(horizontal=True, vertical_alignment="center", key="train_controls"):

        def act(label: str, icon: str, enabled: bool, **wish: bool) -> None:
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"train_{'_'.join(wish)}",
                disabled=not (mine and enabled),
                on_click=train_actions.request,
                args=(run,),
                kwargs=wish,
            )

        halted = state in _HALTED or (active and wishes.pause_at is not None)
        if halted:
            act("Resume", "play_arrow", True, resume=True)
        else:
            act("Pause", "pause", active, pause=True)
        act("One update", "skip_next", state in (*_HALTED, "running"), step=True)
        act("Stop", "stop", active, stop=True)
        st.button(
            "Restart, same seed" if mine else "Start one like it",
            icon=":material/replay:",
            key="train_restart",
            help=_restart_words(config, mine),
            on_click=train_actions.restart,
            args=(run,),
            disabled=not privacy.may_see(config.data),
        )
        if mine and state != "finished":
            key = f"train_rate_{run.id}"
            nearest = min(_RATES, key=lambda r: abs(r - wishes.learning_rate_scale))
            with st.container(key="train_rate", width=250):
                st.select_slider(
                    "Learning rate",
                    _RATES,
                    # Not by the session: a browser that is late to draw the slider, after the next
                    # look at the run, would take its first position and send that as a wish.
                    value=nearest,
                    key=key,
                    format_func=lambda r: f"learning rate {r:g}×",
                    on_change=train_actions.set_rate,
                    args=(run, Slot(key, nearest)),
                    label_visibility="collapsed",
                )
        if not mine:
            whose, who = (
                ("This is another visitor's training", "only they can pause or stop it")
                if config.owner
                else (
                    "This training was begun on the command line",
                    "it can be paused or stopped only there",
                )
            )
            st.caption(f"{whose}: {who}." if active else f"{whose}.")


def _restart_words(config: RunConfig, mine: bool) -> str:
    if not privacy.may_see(config.data):
        return "Its images are for its owner alone, so nobody else can train on them."
    words = (
        "This begins again from the same first weights, as a training of its own."
        if mine
        else "This begins a training of yours with the same settings and the same first weights."
    )
    if config.training.seconds is None:
        return words
    return (
        f"{words} Its learning rate follows the clock, because it has a limit of seconds, so the "
        "two will differ slightly."
    )


def _pictures(
    run: Run, config: RunConfig, status: Status, stamp: tuple[tuple[int, ...], ...]
) -> None:
    paints, rebuilds = (a in config.family.abilities for a in ("generate", "reconstruct"))
    may_see = privacy.may_see_images(config)
    if not (paints or may_see):
        st.caption("Its images are for its owner alone, so nobody else sees what it looks at.")
        return
    what, step = _choice(run, may_see and rebuilds) if paints else (RECONSTRUCTION, None)
    if what == RECONSTRUCTION and may_see:
        shown = pictures.reconstruction(run, config.model, stamp[1:2])
    else:
        shown = pictures.samples(run, config, stamp[:1] if step is None else (), step)
    if shown is None:
        _no_pictures(status.state)
    else:
        shown.show(f"train_stage_{run.id}")  # another run is seen as at first


def _choice(run: Run, may_see: bool) -> tuple[str | None, int | None]:
    """Which pictures to show, and of which step in the past, or None for now."""
    with st.container(horizontal=True, vertical_alignment="center", key="train_choose"):
        what = st.segmented_control(
            "Pictures",
            # The image that is rebuilt is one of those that it learns from.
            [SAMPLES, RECONSTRUCTION] if may_see else [SAMPLES],
            default=SAMPLES,
            required=True,
            key="train_what",
            label_visibility="collapsed",
            help="New pictures are painted from the same random numbers each time, so that you "
            "see the network change and not the dice.",
        )
        steps = run.sample_steps()
        past = what == SAMPLES and len(steps) > 1
        return what, _time_slider(run, steps) if past else None


def _time_slider(run: Run, steps: list[int]) -> int | None:
    """A step in the past at which the samples were kept, or None for now."""
    now = "now"
    options: list[int | str] = [*steps, now]
    past: Slot[int | str] = Slot(f"train_past_{run.id}", now)
    if past.get() not in options:
        past.put(now)  # painted by weights that were lost
    seconds = pictures.seconds_at(run, tuple(steps))

    def words(step: int | str) -> str:
        if isinstance(step, str):
            return "painted now"
        # With the update, because no two positions may be called the same.
        return f"painted after {duration(seconds[step])}, update {step:,}"

    chosen = st.select_slider(
        "How they looked",
        options,
        value=now,
        key=past.key,
        format_func=words,
        label_visibility="collapsed",
    )
    return None if isinstance(chosen, str) else chosen


def _no_pictures(state: str) -> None:
    coming = state in ("queued", "starting", "running")
    key = "train_pictures_to_come" if coming else "train_no_pictures"
    with st.container(border=True, vertical_alignment="center", key=key):
        if state == "queued":
            text = "The first pictures come when it is this training's turn."
        elif state in ("starting", "running"):
            text = "The first picture comes in a few seconds. It will be fog."
        else:
            text = "This training ended before its first picture."
        st.markdown(f":gray[{text}]", text_alignment="center")
