"""Upload of a picture file, and how it becomes the picture that a network takes, step by step."""

from collections.abc import Callable

import streamlit as st

from draw_core.data import intake
from draw_core.data.intake import IntakeError, IntakeStep
from draw_core.montage import encode_row
from ui.picture import Picture
from ui.picture_data import Target
from ui.text import plain

_SMALL = 76  # pixels of the screen that a step's picture is high


def show(key: str, target: Target | None, on_picture: Callable[[Picture], None]) -> None:
    """The choice of a file, and the steps that the last one went through.

    Args:
        key: of the widget; the steps are kept beside it.
        target: what the picture is turned into; None only limits its size.
        on_picture: is given what became of a file, before the page runs.
    """

    def take() -> None:
        file = st.session_state[key]
        if file is None:
            st.session_state.pop(f"{key}_steps", None)
            return
        try:
            steps = _steps(file.getvalue(), target)
        except IntakeError as error:
            st.session_state[f"{key}_steps"] = str(error)
            return
        st.session_state[f"{key}_steps"] = steps
        pixels = steps[-1].pixels
        on_picture(Picture(target.take(pixels) if target else pixels, "your upload", None))

    what = "photograph or scan of a digit" if _is_digit(target) else "picture"
    megabytes = intake.MAX_BYTES // 10**6
    st.file_uploader(
        f"A {what}, PNG or JPEG, up to {megabytes} MB",
        ["png", "jpg", "jpeg"],
        key=key,
        max_upload_size=megabytes,
        on_change=take,
    )
    steps = st.session_state.get(f"{key}_steps")
    if steps:
        _report(steps)


def _is_digit(target: Target | None) -> bool:
    return target is not None and target.channels == 1 and target.binary


def _steps(content: bytes, target: Target | None) -> list[IntakeStep]:
    if target is None:
        return intake.for_window(content)
    if _is_digit(target):
        steps = intake.for_digits(content, target.height, target.width)
        seen = IntakeStep(
            "Black and white",
            "Half grey is the border: the network learned from pixels that are black or white.",
            target.take(steps[-1].pixels),
        )
        return [*steps, seen]
    return intake.for_scene(content, target.channels, target.height, target.width)


def _report(steps: list[IntakeStep] | str) -> None:
    if isinstance(steps, str):
        st.error(plain(steps), icon=":material/error:")
        return
    for number, step in enumerate(steps, 1):
        picture, words = st.columns([1, 2], vertical_alignment="center")
        picture.image(encode_row(step.pixels[None]), width=_SMALL, alt=step.title)
        words.markdown(f"**{number}. {plain(step.title)}.** {plain(step.words)}")
