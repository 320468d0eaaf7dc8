"""Upload of a picture file, and how it becomes the picture that a network takes, step by step."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from draw_core.data.intake import intake
from draw_core.data.intake.format import MAX_BYTES, IntakeError
from draw_core.data.intake.intake import IntakeStep
from draw_core.film.montage import encode_row
from ui.kit.picture import Picture, drawing_link
from ui.kit.text import plain
from ui.picture.data import DRAWING, Target

_SMALL = 76  # pixels of the screen that a step's picture is wide


@dataclass(frozen=True)
class Upload:
    """A file, the steps it went through, and the picture that it became.

    The file is kept because another model may want another picture of it.
    """

    content: bytes
    steps: list[IntakeStep]
    picture: Picture

    def gave(self, picture: object) -> bool:
        """Whether this is the picture that the file became."""
        return isinstance(picture, Picture) and picture.pixels is self.picture.pixels


def take(content: bytes, target: Target | None) -> Upload:
    """Parses an upload.

    Raises:
        IntakeError: with one sentence, if it cannot be used.
    """
    steps = _steps(content, target)
    pixels = steps[-1].pixels
    link = drawing_link(pixels)
    return Upload(content, steps, Picture(pixels, "your upload", link and f"{DRAWING}:{link}"))


def show(
    key: str,
    target: Target | None,
    last: Upload | str | None,
    on_upload: Callable[[Upload | str | None], None],
) -> None:
    """The choice of a file, and the steps of the last one or what was wrong with it.

    Args:
        key: of the widget.
        target: what the picture is turned into; None only limits its size.
        last: what ``on_upload`` was given before.
        on_upload: is given an upload, a sentence, or None when the file was taken back; before the
            page runs.
    """

    def changed() -> None:
        file = st.session_state[key]
        try:
            on_upload(take(file.getvalue(), target) if file else None)
        except IntakeError as error:
            on_upload(str(error))

    what = "photograph or scan of a drawing" if _is_drawing(target) else "picture"
    megabytes = MAX_BYTES // 10**6
    st.file_uploader(
        f"A {what}, PNG or JPEG, up to {megabytes} MB",
        None,  # any name: the bytes decide, and a HEIC photo is told what it is
        key=key,
        max_upload_size=megabytes,
        on_change=changed,
    )
    if isinstance(last, str):
        st.error(plain(last), icon=":material/error:")
    elif last:
        for number, step in enumerate(last.steps, 1):
            picture, words = st.columns([1, 2], vertical_alignment="center")
            picture.image(encode_row(step.pixels[None]), width=_SMALL, alt=step.title)
            words.markdown(f"**{number}. {plain(step.title)}.** {plain(step.words)}")


def _is_drawing(target: Target | None) -> bool:
    return target is not None and target.channels == 1


def _steps(content: bytes, target: Target | None) -> list[IntakeStep]:
    if target is None:
        return intake.for_window(content)
    if not _is_drawing(target):
        steps = intake.for_scene(content, target.channels, target.height, target.width)
    else:
        steps = intake.for_digits(content, target.height, target.width)
    if target.binary:
        words = "Half grey is the border: the network learned from pixels that are black or white."
        steps = [*steps, IntakeStep("Black and white", words, target.take(steps[-1].pixels))]
    return steps
