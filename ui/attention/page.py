"""The page Attention: a picture, the lab over it, and a model that can be asked."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ui.attention import ask as lab_ask
from ui.kit import browser, page, state
from ui.kit.picture import Picture
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.lab import address as lab_address, handed
from ui.lab.address import Start
from ui.lab.lab import MAX_N, MAX_SIDE, MIN_N, Askable, Question, lab, pack, question
from ui.models.catalogue import Models
from ui.picture import data as picture_data
from ui.picture.choice import Choice

DEFAULT_PICTURE = "scene:0"
KEY = "lab"
_START: Slot[Start | None] = Slot("lab_start", None)  # None till the address is read
_NOTICES: Slot[list[str]] = Slot("lab_notices", [])
_WORDS = Slot("lab_words", "")  # whose window was handed over
_HANDED: Slot[object] = Slot("lab_handed_pixels", None)  # of the picture that came with it
_QUESTION: Slot[Question | None] = Slot("lab_question", None)
_NEW = Slot("lab_question_new", False)
_SHOWN: Slot[Picture | None] = Slot("lab_shown", None)
# The link of a digit, the picture that it took the place of, and why.
_INSTEAD: Slot[tuple[str | None, Picture, str] | None] = Slot("lab_instead", None)


def open_page(usable: Models) -> None:
    """Begins with what another page hands over, else with what the address says."""
    _START.pop()
    choice = _choice(usable)
    if given := handed.take():
        _QUESTION.pop()
        choice.open()
        choice.put(given.picture)
        _HANDED.put(given.picture.pixels)
        n = min(max(given.n, MIN_N), MAX_N)
        _START.put(Start(given.window, n, given.pen, full=given.pen is None))
        _WORDS.put(given.words)
        _NOTICES.put([])
        return
    image = state.text("image", "", Choice.known, picture_data.LINK_WORDS)
    values, notices = state.read_address((image,))
    link = str(values.get("image", ""))
    if link:  # else the picture is the one that was asked about, and the answer is at hand
        _QUESTION.pop()
    _WORDS.put("")
    _NOTICES.put(notices + choice.lost(link))
    choice.open(link)


def show(usable: Models) -> None:
    """The picture's row and the lab."""
    notice = st.empty()
    choice = _choice(usable)
    choices = lab_ask.choices(usable)
    wanted = _QUESTION.get()
    if _NEW.pop() and wanted:
        wanted = _with_its_picture(wanted, usable, choices, choice)
        _QUESTION.put(wanted)
    with st.container(horizontal=True, vertical_alignment="center", key="lab_row"):
        words = st.empty()
        with st.popover("Another picture", icon=":material/image:", width="content"):
            picture = _fitting(choice.show())
        text = f"You look at {plain(picture.words)}."
        if _WORDS.get() and _HANDED.get() is picture.pixels:
            text += f" {plain(_WORDS.get())}"
        words.markdown(text)
    _SHOWN.put(picture)
    start = _START.get()
    if start is None:
        start, notices = lab_address.read(*picture.pixels.shape[1:])
        _START.put(start)
        _NOTICES.put(_NOTICES.get() + notices)
    if _NOTICES.get():
        with notice:
            state.show_notices(_NOTICES.get())
        browser.say("lab", image=picture.address)
    asked, refusal = None, ""
    if wanted and not wanted.back:
        asked, refusal = lab_ask.ask(usable, wanted, picture)
    untouched = picture.link == DEFAULT_PICTURE
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
        if _NEW.get() or choice.mark() != mark:
            st.rerun()


def _with_its_picture(
    wanted: Question, usable: Models, choices: Sequence[Askable], choice: Choice
) -> Question:
    """The question with a model, after the picture it asks for was put in place."""
    if wanted.back:
        if instead := _INSTEAD.pop():
            choice.put(instead[1])
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
    shown = _SHOWN.get()
    if model and wanted.scale and shown:
        choice.put(picture_data.scaled(shown, model.shape))
    return wanted


def _remember_instead(digit: Picture, why: str) -> None:
    """Keeps the picture that a digit takes the place of, so that it can come back."""
    shown, kept = _SHOWN.get(), _INSTEAD.get()
    assert shown
    _INSTEAD.put((digit.link, kept[1] if kept and shown.link == kept[0] else shown, why))


def _instead(picture: Picture) -> str:
    """Why this picture is there, if it is a digit that took the place of another one."""
    link, before, why = _INSTEAD.get() or (None, picture, "")
    if link is None or picture.link != link or before.link == link:
        return ""
    return f"{why} instead of {plain(before.words)}."


def _take_question() -> None:
    if wanted := question(KEY):
        _QUESTION.put(wanted)
        _NEW.put(True)


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
