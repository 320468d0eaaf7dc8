"""The page Paper in a real Chromium: keys turn to every figure, and films play without a server."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import browser as machine
from tests.support.browser import Server
from tests.support.paper_page import write_zoo
from tests.support.visitor import pick, still
from ui.paper.contents import CONTENTS

T = 16


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, mnist_root: Path) -> Iterator[str]:
    """The application with a model for every figure."""
    folder = tmp_path_factory.mktemp("server")
    environment = {
        "DRAW_CHECKPOINTS": str(write_zoo(folder / "zoo")),
        "DRAW_RUNS_DIR": str(folder / "runs"),
        "DRAW_DATA_ROOT": str(mnist_root),
    }
    with Server(machine.HOME, folder / "log", **environment) as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


def test_keys_turn_the_figures_and_films_never_ask_the_server(url, visit):
    visitor = visit(f"{url}/Paper?figure=1&step=3&sample=2", has_stage=False)
    page = visitor.page
    strip = page.locator(".strip")
    expect(strip).to_have_attribute("data-painted", re.compile(r"^\w+:3:1$"))
    # The server says the model last; the player repeats its place after a pause.
    page.wait_for_function(
        "() => /model=mnist-attention.*sample=2|sample=2.*model=/.test(location)"
    )
    expect(strip).to_have_attribute("data-painted", re.compile(r"^\w+:3:1$"))
    before = len(visitor.sent)
    for step in range(4, T + 1):
        page.keyboard.press("ArrowRight")
        expect(strip).to_have_attribute("data-painted", re.compile(rf"^\w+:{step}:1$"))
    frames = strip.locator("canvas.frames")
    box = still(frames)
    frames.click(position={"x": 4, "y": box["height"] - 4})  # the last row in its first column
    expect(strip).to_have_attribute("data-painted", re.compile(r"^\w+:1:5$"))
    expect(strip.locator(".heads .now")).to_have_text("1")
    page.wait_for_function("() => location.search.includes('step=1')")
    assert len(visitor.sent) == before
    # The whole paper, key by key; complaints of any figure fail in the end.
    for entry in CONTENTS[1:]:
        page.keyboard.press("n")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{entry.name}: {entry.title}")
        live = page.locator("[data-painted], .js-plotly-plot, table.paper").first
        expect(live).to_be_visible()
        # The address is said last: a run that is cut short takes the page's icon with it.
        page.wait_for_function("(key) => location.search.includes(key)", arg=f"figure={entry.key}")
    page.wait_for_url("**/Paper?figure=table3")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Table 2:"))


def test_a_key_in_the_moment_of_a_report_still_turns_the_page(url, visit):
    """Streamlit sends both in one message then, and runs only the figure that reported."""
    visitor = visit(f"{url}/Paper?figure=9&step=3&sample=2")
    page = visitor.page
    visitor.expect_painted(3, 1)
    visitor.part("canvas").evaluate("""(canvas) => {
        // The Stage renames its canvas when it reports; this hears of it before anything is sent.
        const press = () => document.dispatchEvent(new KeyboardEvent("keydown", { key: "n" }));
        const watch = new MutationObserver(() => { watch.disconnect(); press(); });
        watch.observe(canvas, { attributeFilter: ["aria-label"] });
    }""")
    page.keyboard.press("ArrowRight")
    visitor.expect_painted(4, 1)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Figure 10:"))
    expect(page.locator(".strip [data-ref=films]")).to_be_visible()


def test_the_decoder_aims_no_window_where_there_is_none(url, visit):
    page = visit(f"{url}/Paper?figure=2&model=mnist-no-attention&step=3", has_stage=False).page
    expect(page.locator("[data-painted]").first).to_have_attribute(
        "data-painted", re.compile(":3:")
    )
    expect(page.locator("[data-wire='0 dec to 1 read']")).to_have_count(1)
    expect(page.locator("[data-wire='0 dec to 1 read']")).to_be_hidden()
    expect(page.locator("[data-wire='0 canvas to 1 read']")).to_be_visible()
    expect(page.locator("[data-wire='0 dec to 1 enc'].back")).to_be_visible()
    pick(page, "mnist-attention")
    expect(page.locator("[data-wire='0 dec to 1 read']")).to_be_visible()
