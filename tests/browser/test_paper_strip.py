"""The films in a real Chromium: what their legend and their bars say."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support.browser import ROOT, Server

PAST = "No frame: the window reaches past the picture on all sides."
BESIDE = "No frame: the window stands beside the picture."
BOTH = f"{PAST[:-1]}, or the window stands beside the picture."


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with a film."""
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(ROOT / "tests/support/apps/strip.py", log) as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ("within,across", ""),
        ("within,past", PAST),
        ("beside", BESIDE),
        ("past,beside", BOTH),
        ("none", None),
    ],
)
def test_the_legend_explains_a_missing_frame(url, visit, places, words):
    page = visit(f"{url}?places={places}", has_stage=False, reduced_motion="reduce").page
    expect(page.locator(".strip")).to_have_attribute("data-painted", re.compile(":4:0$"))
    key = page.locator(".strip .key")
    if words is None:
        expect(key).to_have_text("")
    else:
        expect(key).to_contain_text("a thicker frame is a sharper one")
        expect(key.locator("span")).to_have_text(words)


def test_it_is_silent_while_every_frame_is_seen(url, visit):
    narrow = {"width": 200, "height": 800}
    visitor = visit(f"{url}?places=past", has_stage=False, reduced_motion="reduce", viewport=narrow)
    page = visitor.page
    expect(page.locator(".strip")).to_have_attribute("data-painted", re.compile(":4:0$"))
    heads, words = (page.locator(f".strip {name} span") for name in (".heads", ".key"))
    expect(heads).to_have_text(["1", "3", "4"])  # room for no more
    expect(words).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(heads).to_have_text(["1", "2", "4"])
    expect(words).to_be_visible()
    expect(words).to_have_text(PAST)
    page.keyboard.press("ArrowLeft")
    expect(words).to_be_hidden()


def test_colour_pictures_are_of_light_and_grey_ones_of_ink(url, visit):
    for channels, words in ((1, "ink"), (3, "light")):
        address = f"{url}?channels={channels}"
        page = visit(address, has_stage=False, reduced_motion="reduce").page
        expect(page.locator(".strip .barsCaption")).to_contain_text(f"Pixels of {words} that this")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        # All 20 x 20 pixels of one channel, of one or three, from black to nearly white.
        expect(page.locator(".strip .barsCaption b")).to_have_text(
            "400.0" if channels == 1 else "133.3"
        )
