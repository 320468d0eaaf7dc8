"""What every page begins with: its title, the navigation, and a boundary for errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from draw_core.base.environment import SettingError
from ui.kit import messages
from ui.kit.linker import linked
from ui.kit.session import Slot
from ui.kit.source import source
from ui.kit.text import data_url, plain

# Every page imports this module first, so it must be light: NumPy alone takes 60 ms.
APP_NAME = "DRAW Explorer"

_SHOWN = Slot("page", "")  # the title of the page that was shown last
_UNREAD = Slot("page_unread", True)  # whether its address is still to be read
_ICON = Path(__file__).with_name("icon.png")
_log = logging.getLogger(__name__)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a fault is more than a tab that was closed while something was sent to it.

    Streamlit 1.67 does not know this exception of newer versions of Starlette, and ends with it.
    """
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__name__ != "WebSocketDisconnected"


logging.getLogger("uvicorn.error").addFilter(_is_news)


@dataclass(frozen=True)
class Page:
    """An entry of the navigation."""

    path: str
    label: str
    icon: str
    teaser: str


HOME = Page("app.py", "Watch", ":material/brush:", "A trained network paints a digit.")
PAGES = (
    Page(
        "pages/1_Generate.py",
        "Generate",
        ":material/auto_awesome:",
        "Paint new digits, change the randomness, and read what happens in one step.",
    ),
    Page(
        "pages/2_Reconstruct.py",
        "Reconstruct",
        ":material/gesture:",
        "Draw a digit yourself and follow the network's gaze while it repaints it.",
    ),
    Page(
        "pages/3_Attention.py",
        "Attention",
        ":material/center_focus_strong:",
        "Take the window in your own hand: drag it, widen it, blur it, break it.",
    ),
    Page(
        "pages/4_Train.py",
        "Train",
        ":material/model_training:",
        "Train a network of your own and watch fog turn into digits, within a minute.",
    ),
    Page(
        "pages/5_Compare.py",
        "Compare",
        ":material/compare:",
        "Two networks side by side on one timeline: with a window and without, early and late.",
    ),
    Page(
        "pages/6_Paper.py",
        "Paper",
        ":material/menu_book:",
        "Every figure and table of the paper, alive and with our own numbers beside its own.",
    ),
    Page(
        "pages/7_Inside.py",
        "Inside",
        ":material/troubleshoot:",
        "Change one step with your hand, ask who painted a pixel, and turn the random numbers.",
    ),
)


@contextmanager
def setup(title: str, *styles: str) -> Iterator[bool]:
    """Opens a page; its whole body runs inside. Yields whether the visitor just came to it.

    Args:
        title: of the page.
        styles: the files with the page's own style, beside what all pages share.
    """
    # Not its wide layout: all that places the page comes at one moment, with the style.
    st.set_page_config(page_title=f"{title} · {APP_NAME}" if title != APP_NAME else APP_NAME)
    messages.begin()
    st.html(_style(*styles))
    # Words need nothing more from the server, but the style does. Until it comes they are folded
    # away (it takes the height back), because they would all jump to other places.
    folded = st.container(height=1, border=False, key="page")
    pages = (HOME, *PAGES)
    current = [page.label for page in pages].index(HOME.label if title == APP_NAME else title)
    with folded.container(horizontal=True, vertical_alignment="center", key="navigation"):
        st.markdown(f"**{APP_NAME}**", width="content")
        for page in pages:
            st.page_link(page.path, label=page.label, icon=page.icon)
        _frame(key="frame", data={"current": current})
        _reload(key="reload")
    opened = _SHOWN.get() != title
    _SHOWN.put(title)
    if opened:
        _UNREAD.put(True)
    try:
        with boundary(), folded.container(key="content"):
            yield opened
    finally:  # at the end, because Streamlit loads NumPy and Pillow to look at the icon
        st.set_page_config(page_icon=data_url(_ICON.read_bytes()))


@contextmanager
def boundary() -> Iterator[None]:
    """Shows an error that nobody foresaw as one sentence, and logs it with its traceback.

    A fragment needs one of its own: Streamlit runs it outside the page.
    """
    messages.begin()
    try:
        yield
    except SettingError as error:  # what the owner of the server wrote
        st.error(plain(str(error), 400), icon=":material/settings_alert:")
    except Exception as error:
        _log.exception("A page failed")
        st.error(
            f"Something went wrong here ({type(error).__name__}). Reload the page to start again; "
            "the server's log holds the details.",
            icon=":material/error:",
        )


def unread_address() -> bool:
    """Whether the page has yet to take what its address says; answers yes once for each visit.

    Call it when there is something to show: there may be no model when the visitor comes.
    """
    unread = _UNREAD.get()
    _UNREAD.put(False)
    return unread


def open_again() -> None:
    """The next run of this page is as if the visitor just came to it."""
    _SHOWN.pop()


# The browser needs what a component needs before the Stage comes.
_frame, _reload = (
    st.components.v2.component(name, js=linked(script), isolate_styles=False)
    for name, script in (("draw_frame", "kit/page.js"), ("draw_reload", "kit/reload.js"))
)


@cache
def _style(*own: str) -> str:
    """All style of a page. A component's would come after the words, which would then move."""
    return f"<style>{source('kit/page.css', 'kit/print.css', *own)}</style>"
