"""Every page with the shipped models in Chromium under axe-core: no violation, light and dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser import HOME, Server
from ui.paper.contents import CONTENTS

UNSHOWN = "[data-testid=stBidiComponentIsolated]:not([data-shown])"
# Nothing is being faded: Streamlit does that to what a running script has not shown again yet.
STEADY = """() => !document.querySelector('[data-stale=true]') && document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""
# Streamlit follows the scheme of the system while a page is open.
SHOWN = "(scheme) => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"
PAPER = tuple(f"Paper?figure={entry.key}" for entry in CONTENTS)
INSIDE = ("Inside?step=5&hand=5_x4_y9", "Inside?tool=pixel", "Inside?tool=latents&step=3")
PAGES = ("", "Generate?step=5", "Reconstruct", "Attention", "Train", "Compare", *PAPER, *INSIDE)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("axe")
    with Server(HOME, folder / "log", DRAW_RUNS_DIR=str(folder / "runs")) as server:
        yield server.url


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("h1").wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function(f"!document.querySelector('[data-testid=stSkeleton], {UNSHOWN}')")


def _faults(page: Page) -> list[tuple[str, str, object, str]]:
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    faults = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(SHOWN, arg=scheme)
        page.wait_for_function(STEADY)
        faults += [
            (scheme, fault["id"], node["target"], node["html"][:200])
            for fault in Axe().run(page).response["violations"]
            for node in fault["nodes"]
        ]
    return faults


@pytest.mark.parametrize("address", PAGES)
def test_no_page_violates_a_rule(url, page, address):
    _open(page, f"{url}/{address}")
    assert _faults(page) == []


def test_no_state_of_a_page_violates_a_rule(url, page):
    _open(page, url)
    page.get_by_text("Numbers", exact=True).click()
    assert _faults(page) == []
    _open(page, f"{url}/Reconstruct")
    page.get_by_label("Slow motion").check()
    assert _faults(page) == []
    _open(page, f"{url}/Attention")
    for tab in ("The formula", "Ask the model", "Bug lab"):
        page.get_by_role("tab", name=tab).click()
        assert _faults(page) == [], tab
    _open(page, f"{url}/Train")
    page.get_by_text("All settings, each with its symbol").click()
    assert _faults(page) == []
