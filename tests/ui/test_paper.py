"""The page Paper without a browser: its contents, every figure with and without models, tables."""

import pytest
import streamlit as st

from tests.support.paper_page import (
    COMPONENTS,
    FIGURES,
    TABLES,
    components,
    faults,
    meta,
    title,
    visit,
    words,
)
from ui.paper import commands, contents, page as paper_page
from ui.paper.contents import CONTENTS

# ---- contents


def test_the_contents_are_those_of_the_paper_in_its_order():
    assert [entry.key for entry in CONTENTS] == FIGURES + TABLES
    assert [entry.name for entry in CONTENTS[11:13]] == ["Figure 12", "Table 1"]
    assert len({entry.title for entry in CONTENTS}) == len(CONTENTS)
    for entry in CONTENTS:
        for text in (entry.paper, entry.do, entry.notice):
            assert 20 < len(text) < 260, entry.name
            assert text[-1] in ".?"


# ---- every entry, with everything and with nothing


@pytest.mark.parametrize("key", FIGURES + TABLES)
def test_every_entry_shows_its_words_and_its_live_part(full, key):
    app = visit(figure=key)
    entry = contents.BY_KEY[key]
    assert title(app) == f"# {entry.name}: {entry.title}"
    for text in (entry.paper, entry.do, entry.notice):
        assert text in words(app)
    assert faults(app) == []
    shown = set(components(app)) - {"draw_paper_nav"}
    if key in COMPONENTS:
        assert COMPONENTS[key] in shown
    else:
        charts_shown = len(app.get("plotly_chart"))
        assert charts_shown == (0 if key == "table3" else 1)


@pytest.mark.parametrize("key", FIGURES + TABLES)
def test_where_nothing_is_here_every_entry_says_so(empty, key):
    app = visit(figure=key)
    assert title(app) == f"# {contents.BY_KEY[key].name}: {contents.BY_KEY[key].title}"
    assert len(app.error) == 0
    if key in ("3", "4"):  # these need only a picture
        assert "draw_paper_window" in components(app)
    elif key in FIGURES:
        (command,) = app.code
        _is_known(command.value)
        assert "on this server" in words(app)
    elif key == "table3":
        assert "No model is on this server yet." in words(app)
    else:
        assert len(app.get("plotly_chart")) == 1
        assert len(app.info) == 1


def _is_known(printed: str) -> None:
    """The lines are those of one entry of ``ALL``; more only says that the images are fetched."""
    lines = printed.splitlines()
    stored = [known.splitlines() for known in commands.ALL]
    assert [line.removesuffix(" --download") for line in lines] in stored
    assert lines[0].endswith(" --download") == ("--data" in lines[0])  # MNIST is not here


# ---- addresses


@pytest.mark.parametrize("value", ["13", "0", "-1", "table4", "1e0", "١", "<b>", "5 ", "x" * 5000])
def test_a_figure_that_is_none_is_refused_in_a_sentence(full, value):
    app = visit(figure=value)
    assert title(app).startswith("# Figure 1:")
    (notice,) = (e.value for e in app.info)
    assert "The address asks for figure" in notice
    assert len(notice) < 400


@pytest.mark.parametrize(
    ("key", "query"),
    [
        ("1", {"seed": "-4"}),
        ("1", {"model": "../../etc"}),
        ("1", {"step": "99"}),
        ("1", {"sample": "7"}),
        ("2", {"image": "mnist:99999"}),
        ("3", {"window": "5"}),
        ("4", {"gx": "1e99"}),
        ("5", {"step": "4"}),
        ("6", {"sample": "65"}),
        ("11", {"curve": "nothing"}),
    ],
)
def test_what_cannot_be_used_is_named_and_the_figure_shown(full, key, query):
    app = visit(figure=key, **query)
    ((name, _),) = query.items()
    assert any(f"asks for {name} =" in e.value for e in app.info)
    assert faults(app) == []
    assert title(app).startswith(f"# Figure {key}:")


def test_another_figure_takes_nothing_of_the_address(full, monkeypatch):
    def nav(_chosen, _owned, on_choice):
        st.button("Figure 7", key="seven", on_click=on_choice, args=("7",))

    monkeypatch.setattr(paper_page, "nav", nav)  # AppTest clicks on buttons alone
    app = visit(figure="1", seed="3", step="4")
    app.button(key="seven").click().run()
    data = components(app)["draw_paper_strip"]
    assert meta(data)["link"]["seed"] == "0"
    assert meta(data)["step"] is None
