"""The page Attention: a picture, the lab over it, and a model that can be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from draw_core.store.checkpoint import CheckpointEntry
from ui.attention import ask as lab_ask
from ui.kit import browser, page, state
from ui.kit.picture import Picture
from ui.kit.text import plain
from ui.lab import address as lab_address
from ui.lab.address import Start
from ui.lab.lab import MAX_N, MAX_SIDE, MIN_N, Question, Window, lab, pack, question
from ui.lab.lab import Choice as LabChoice
from ui.models import privacy
from ui.picture import data as picture_data
from ui.picture.choice import Choice

DEFAULT_PICTURE = "scene:0"
KEY = "lab"
_START, _NOTICES, _WORDS = "lab_start", "lab_notices", "lab_words"
_HANDED = "lab_handed_pixels"
_QUESTION, _NEW, _SHOWN = "lab_question", "lab_question_new", "lab_shown"
_INSTEAD = "lab_instead"  # (link of a digit, the picture that it took the place of, why)

Models = Mapping[str, CheckpointEntry]


def open_page(usable: Models) -> None:
    """Begins with what another page hands over, else with what the address says.

    ``st.session_state["lab_handed"]`` holds a picture, n, the five numbers of the window that reads
    and, if it is another one, of the pen that writes, with sigma, and the words that say whose.
    """
    st.session_state.pop(_START, None)
    handed = st.session_state.pop("lab_handed", None)
    choice = _choice(usable)
    if handed:
        st.session_state.pop(_QUESTION, None)
        choice.open()
        choice.put(handed["picture"])
        st.session_state[_HANDED] = handed["picture"].pixels
        pen = handed.get("pen")
        st.session_state[_START] = Start(
            Window.nearest(*handed["window"]),
            min(max(handed["n"], MIN_N), MAX_N),
            Window.nearest(*pen) if pen else None,
            full=pen is None,
        )
        st.session_state[_WORDS], st.session_state[_NOTICES] = handed["words"], []
        return
    image = state.Setting("image", "", Choice.known, picture_data.LINK_WORDS)
    values, notices = state.read_address((image,))
    link = str(values.get("image", ""))
    if link:  # else the picture is the one that was asked about, and the answer is at hand
        st.session_state.pop(_QUESTION, None)
    st.session_state[_WORDS], st.session_state[_NOTICES] = "", notices + choice.lost(link)
    choice.open(link)


def show(usable: Models) -> None:
    """The picture's row and the lab."""
    notice = st.empty()
    choice = _choice(usable)
    choices = lab_ask.choices(usable, {name: privacy.label(name) for name in usable})
    wanted: Question | None = st.session_state.get(_QUESTION)
    if st.session_state.pop(_NEW, False) and wanted:
        wanted = st.session_state[_QUESTION] = _with_its_picture(wanted, usable, choices, choice)
    with st.container(horizontal=True, vertical_alignment="center", key="lab_row"):
        words = st.empty()
        with st.popover("Another picture", icon=":material/image:", width="content"):
            picture = _fitting(choice.show())
        text = f"You look at {plain(picture.words)}."
        handed = st.session_state.get(_HANDED)
        if st.session_state[_WORDS] and handed is not None and handed is picture.pixels:
            text += f" {plain(st.session_state[_WORDS])}"
        words.markdown(text)
    st.session_state[_SHOWN] = picture
    if _START not in st.session_state:
        st.session_state[_START], notices = lab_address.read(*picture.pixels.shape[1:])
        st.session_state[_NOTICES] += notices
    if st.session_state[_NOTICES]:
        notice.info("  \n".join(st.session_state[_NOTICES]), icon=":material/link_off:")
        browser.say("lab", image=picture.address)
    asked, refusal = None, ""
    if wanted and not wanted.back:
        asked, refusal = lab_ask.ask(usable, wanted, picture)
    untouched = picture.link == DEFAULT_PICTURE
    start: Start = st.session_state[_START]
    data = pack(
        picture,
        window=start.window,
        n=start.n,
        pen=start.pen,
        full=start.full,
        asked=asked,
        link={"image": picture.address},
        choices=choices,
        refusal=refusal,
        digit="first" if untouched else "offered",
        answered=wanted.number if wanted else 0,
        instead=_instead(picture),
    )
    _lab(data, choice, choice.mark())


@st.fragment
def _lab(data: bytes, choice: Choice, mark: tuple[object, ...]) -> None:
    """The lab; a report of it reruns only this, unless a model was asked."""
    with page.boundary():
        lab(data, key=KEY, on_ask=_take_question)
        # A picture that is chosen in the moment of a report: Streamlit runs only the fragment.
        if st.session_state.get(_NEW) or choice.mark() != mark:
            st.rerun()


def _with_its_picture(
    wanted: Question, usable: Models, choices: Sequence[LabChoice], choice: Choice
) -> Question:
    """The question with a model, after the picture it asks for was put in place."""
    if wanted.back:
        _, before, _ = st.session_state.pop(_INSTEAD, ("", None, ""))
        if before is not None:
            choice.put(before)
        return wanted
    if wanted.digit:
        name = wanted.model or lab_ask.closest_reader(usable)
        name = name or next((one.name for one in choices), "")
        if name in usable:
            digit = lab_ask.digit(usable[name])
            _remember_instead(digit, lab_ask.why_a_digit(usable[name]))
            choice.open(digit.link or "")
        return replace(wanted, model=name, digit=False)
    model = next((one for one in choices if one.name == wanted.model), None)
    if model and wanted.scale:
        choice.put(picture_data.scaled(st.session_state[_SHOWN], model.shape))
    return wanted


def _remember_instead(digit: Picture, why: str) -> None:
    """Keeps the picture that a digit takes the place of, so that it can come back."""
    shown: Picture = st.session_state[_SHOWN]
    link, before, _ = st.session_state.get(_INSTEAD, (None, shown, ""))
    st.session_state[_INSTEAD] = (digit.link, before if shown.link == link else shown, why)


def _instead(picture: Picture) -> str:
    """Why this picture is there, if it is a digit that took the place of another one."""
    link, before, why = st.session_state.get(_INSTEAD, (None, None, ""))
    if before is None or link is None or picture.link != link or before.link == link:
        return ""
    return f"{why} instead of {plain(before.words)}."


def _take_question() -> None:
    wanted: Question | None = question(KEY)
    if wanted:
        st.session_state[_QUESTION], st.session_state[_NEW] = wanted, True


def _choice(usable: Models) -> Choice:
    return Choice("lab", next(iter(usable.values()), None), None, DEFAULT_PICTURE)


def _fitting(picture: Picture) -> Picture:
    """The picture, smaller where it is larger than the lab shows, and grey if it is no colour."""
    channels, height, width = picture.pixels.shape
    side = max(height, width)
    if side <= MAX_SIDE and channels in (1, 3):
        return picture
    from draw_core.data.intake.intake import fit

    scale = min(1, MAX_SIDE / side)
    height, width = (max(2, round(length * scale)) for length in (height, width))
    channels = 3 if channels >= 3 else 1
    pixels = fit(picture.pixels[:channels], channels, height, width)
    return Picture(pixels, picture.words, picture.link)
