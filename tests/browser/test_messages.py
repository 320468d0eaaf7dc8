"""Large messages that the browser may have dropped, provoked: two actions before one answer."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.support.browser import ROOT, Server
from tests.support.visitor import TIMEOUT_MS, until
from ui.kit.messages import Kept, trusted_runs

APP = Path(__file__).parents[1] / "support" / "apps" / "quick.py"
FATAL = "Cached ForwardMsg MISS"
# For how many runs a message is kept that is not used, and for how many Streamlit would keep it.
AGE, STREAMLITS_AGE = 16, 2
SIZE = 20_000  # of the texts


class Line:
    """The connection of a page, which can be held up on the way to the browser."""

    def __init__(self, page: Page) -> None:
        self.held: list[bytes | str] | None = None
        self.sizes: list[int] = []
        self.requests = 0
        page.route_web_socket(re.compile("_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        self._browser = browser
        server = browser.connect_to_server()
        browser.on_message(lambda message: self._request(server, message))
        server.on_message(self._deliver)

    def _request(self, server: WebSocketRoute, message: bytes | str) -> None:
        self.requests += 1
        server.send(message)

    def _deliver(self, message: bytes | str) -> None:
        self.sizes.append(len(message))
        if self.held is None:
            self._browser.send(message)
        else:
            self.held.append(message)

    def hold(self) -> None:
        """Lets nothing more reach the browser."""
        self.held = []

    def release(self) -> None:
        """Delivers what was held."""
        held, self.held = self.held or [], None
        for message in held:
            self._browser.send(message)

    def is_finished(self) -> bool:
        """Whether a run that is held has come to its end."""
        return any(
            ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
            for message in self.held or []
            if isinstance(message, bytes)
        )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Server(APP, tmp_path_factory.mktemp("quick") / "log") as server:
        yield server.url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    context.close()


def _open(page: Page, url: str) -> Line:
    line = Line(page)
    page.goto(url)
    expect(page.get_by_text("first text")).to_be_visible()
    return line


def _tick(page: Page, times: int) -> None:
    for _ in range(times):
        before = page.get_by_text(re.compile(r"^run \d+$")).text_content()
        page.get_by_role("button", name="Tick").click()
        expect(page.get_by_text(before, exact=True)).to_have_count(0)
        page.locator('[data-test-script-state="notRunning"]').wait_for()


def _choose_there_and_back(page: Page, line: Line) -> None:
    """The second choice before anything of the first answer has reached the browser."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    line.hold()
    page.get_by_text("second", exact=True).click()
    until(page, line.is_finished, "the run that is held did not end")
    before = line.requests
    page.get_by_text("first", exact=True).click()
    # The request, with the names of what the browser keeps now, is on its way.
    until(page, lambda: line.requests > before, "the choice did not reach the server")
    line.release()


def test_a_quick_visitor_sees_what_they_chose_whatever_the_browser_has_dropped(page, url):
    line = _open(page, url)
    for ticks in (STREAMLITS_AGE + 1, AGE + 1):
        _tick(page, ticks)
        _choose_there_and_back(page, line)
        expect(page.get_by_text("second text")).to_have_count(0)
        expect(page.get_by_text("first text")).to_be_visible()
    _tick(page, 1)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_streamlits_fatal_dialog_reloads_the_page_once(page, url):
    """Also shows that the test above provokes what it says: here nothing guards against it."""
    line = _open(page, f"{url}/?bare=yes&kept=too")
    _tick(page, AGE + 1)
    _choose_there_and_back(page, line)
    expect(page.get_by_text("run 1", exact=True)).to_be_visible()  # of a new session
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == f"{url}/?bare=yes&kept=too"
    _tick(page, AGE + 1)
    _choose_there_and_back(page, line)
    expect(page.get_by_role("dialog").get_by_text(FATAL)).to_be_visible()


def test_what_the_browser_keeps_is_not_sent_again(page, url):
    line = _open(page, url)
    for text in ("second", "first", "second"):
        page.locator('[data-test-script-state="notRunning"]').wait_for()
        line.sizes.clear()
        page.get_by_text(text, exact=True).click()
        expect(page.get_by_text(f"{text} text")).to_be_visible()
    assert max(line.sizes) < SIZE


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_only_what_was_used_lately_and_is_named_by_the_browser_is_kept():
    used: dict[str, int] = {"late": 4}
    kept = Kept.of(_names("late", "early"), used, 9)
    assert "late" in kept
    assert "early" not in kept  # it may be gone by now
    assert "new" not in kept
    # All three are used now, so that a reference will do as soon as the browser names them.
    assert used == {"late": 9, "early": 9, "new": 9}
    assert "new" in Kept.of(_names("new"), used, 10)
    assert "new" not in Kept.of(_names(), used, 10)


def test_streamlit_asks_with_in_and_copies_the_names_for_another_run():
    kept = Kept.of(_names("a", "b"), {}, 1)
    assert frozenset(kept) == {"a", "b"}
    assert type(frozenset(kept)) is frozenset


def test_the_browser_keeps_messages_for_longer_than_they_are_trusted():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["global"]["maxCachedMessageAge"] == AGE
    assert 2 * trusted_runs() <= st.get_option("global.maxCachedMessageAge")
