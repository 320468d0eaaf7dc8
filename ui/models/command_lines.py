"""Command lines as the pages print them: with what a shell needs that is not this server's.

A page is read by anybody, so no folder of this machine is printed; a word stands for it.
"""

import streamlit as st

from draw_core.base.command_line import DATA_ROOT, RUN, command, data_of, whole, with_options
from draw_core.base.environment import variable
from draw_core.data.registry import FOLDER_PREFIX, DataError, describe, is_available
from draw_core.store.card import Card
from ui.models import about

_PICTURES = "FOLDER"
_MEANINGS = {
    DATA_ROOT: "the folder of the data sets, which for MNIST holds MNIST/raw",
    RUN: "a new folder for the training",
    _PICTURES: "the folder of the pictures, which do not come with the model",
}


def placed(lines: str, data: str = "") -> str:
    """Command lines that find their images, with ``--data-root`` or else ``--download``.

    Args:
        lines: one after the other.
        data: the data set of lines that name none; else that of the line before.
    """
    found = []
    for line in lines.splitlines():
        data = data_of(line) or data
        goes_on = " train --resume " in line or " publish " in line  # its folder knows
        found.append(line if goes_on else with_options(line, _place(data)))
    return "\n".join(found)


def of_card(card: Card) -> str:
    """The command lines that train the model of a card."""
    lines, c = placed(whole(card.command)), card.config
    title = about.learned_from(card, "")
    is_own = card.data.startswith(FOLDER_PREFIX) and c.height == c.width and title
    if not is_own or is_available(card.data):
        return lines
    options = {"name": title, "size": c.height, "channels": c.channels}  # they decide its ID
    return f"{command('images', _PICTURES, options=options)}\n{lines}"


def show(lines: str) -> None:
    """Command lines to copy."""
    # A highlighter that marks every word as one, also with hyphens: page.css keeps each on a line.
    st.code(lines, language="rip", wrap_lines=True)


def explain(*shown: str) -> None:
    """Says below command lines what the words stand for that are to be replaced."""
    words = {word for lines in shown for word in lines.split()}
    meanings = [f"{word} is {text}" for word, text in _MEANINGS.items() if word in words]
    if meanings:
        st.caption(f"In place of a word in capitals write a path: {'; '.join(meanings)}.")


def _place(data: str) -> dict[str, object]:
    """What a command must be told to find a data set, also where this server's settings are not."""
    try:
        dataset = describe(data)
    except DataError:
        return {}
    if not dataset.files:
        return {}
    if is_available(data):
        return {"data_root": DATA_ROOT} if variable("DRAW_DATA_ROOT") else {}
    return {"download": True} if dataset.needs_download else {}
