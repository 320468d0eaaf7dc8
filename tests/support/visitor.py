"""A visitor in a browser of their own: what they see, send and complain about."""

import base64
import re
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from playwright.sync_api import (
    BrowserContext,
    Locator,
    Page,
    TimeoutError as PlaywrightTimeoutError,
    expect,
)

# Only a fault waits so long: a busy machine may take many times what a quiet one does.
TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)
# For a page with an address of its own, Streamlit looks for the server below it first.
PAGES = "Generate|Reconstruct|Attention|Train|Compare|Paper|Inside"
EXPECTED_404 = re.compile(rf"/({PAGES})/_stcore/(health|host-config)$")
# Streamlit's own, when a setting and a report of a component come in the same moment.
EXPECTED_WARNING = "Multiple different fragmentIds detected"
OVERLAY = """
(group) => {
  const numbers = (element, ...names) => names.map((name) => Number(element.getAttribute(name)));
  const one = (selector) => group.querySelector(selector);
  return {
    points: [...group.querySelectorAll(".points circle")].map((c) => numbers(c, "cx", "cy", "r")),
    border: numbers(one(".border"), "x", "y", "width", "height"),
    centre: one(".centre").getAttribute("d").match(/-?[\\d.]+(e-?\\d+)?/g).map(Number),
    trail: one(".trail").getAttribute("points").split(" ").map((p) => p.split(",").map(Number)),
  };
}
"""
# From a copy, because a canvas that is read becomes another kind of canvas.
PIXELS = """
(canvas) => {
  const copy = document.createElement("canvas");
  const { width, height } = Object.assign(copy, { width: canvas.width, height: canvas.height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  let bytes = "";
  for (const byte of context.getImageData(0, 0, width, height).data) {
    bytes += String.fromCharCode(byte);
  }
  return { width, height, base64: btoa(bytes) };
}
"""


class Painted(NamedTuple):
    """What the Stage says that it shows."""

    film: str
    step: int
    sample: int


def pick(page: Page, name: str, box: str = "Model") -> None:
    """Chooses in a list of Streamlit's, which a page that runs again may close."""
    option = page.get_by_role("option", name=name, exact=True)
    for _ in range(10):
        page.locator('[data-test-script-state="notRunning"]').wait_for()
        page.get_by_role("combobox", name=box).click()
        try:
            option.click(timeout=2000)
        except PlaywrightTimeoutError:
            continue
        return
    pytest.fail(f"{name} could not be chosen in {box}")


def until(page: Page, condition: Callable[[], bool], what: str) -> None:
    """Waits for what no locator can tell; fails with "what" if it does not come."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(what)
        page.wait_for_timeout(20)


def still(element: Locator) -> dict[str, float]:
    """Where an element is once it moves no more: fonts that come late change what is above it."""
    page = element.page
    page.evaluate("() => document.fonts.ready.then(() => true)")
    before = None
    for _ in range(TIMEOUT_MS // 50):
        box = element.bounding_box()
        if box and box == before:
            return box
        before = box
        page.wait_for_timeout(50)
    pytest.fail("the element never came to rest")


class Visitor:
    """One page in a browser context of its own, and everything it complained about."""

    def __init__(self, context: BrowserContext, url: str, *, has_stage: bool = True) -> None:
        self.complaints: list[str] = []
        self.sent: list[int] = []  # the size of each websocket message to the server
        self.page: Page = context.new_page()
        self.page.set_default_timeout(TIMEOUT_MS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on(
            "websocket",
            lambda ws: ws.on("framesent", lambda data: self.sent.append(len(data))),
        )
        self.page.goto(url)
        self.stage: Locator = self.page.locator(".stage")
        if has_stage:
            expect(self.stage).to_have_attribute("data-painted", re.compile(r"^\w+:\d+:\d+$"))
            # Nothing above the Stage grows any more, so that it stays where it is.
            self.page.locator('[data-test-script-state="notRunning"]').wait_for()

    def _on_console(self, message) -> None:
        if message.type not in ("error", "warning"):
            return
        url = message.location["url"]
        if message.type == "warning" and EXPECTED_WARNING in message.text:
            return
        if not ("404" in message.text and EXPECTED_404.search(url)):
            self.complaints.append(f"{message.type}: {message.text} ({url})")

    @property
    def painted(self) -> Painted:
        film, step, sample = self.stage.get_attribute("data-painted").split(":")
        return Painted(film, int(step), int(sample))

    def expect_painted(self, step: int | str = r"\d+", sample: int | str = r"\d+") -> None:
        pattern = re.compile(rf"^\w+:{step}:{sample}$")
        expect(self.stage).to_have_attribute("data-painted", pattern)

    def expect_playing(self, playing: bool) -> None:
        name = "Pause" if playing else "Play"
        expect(self.part("play")).to_have_attribute("aria-label", name)

    def part(self, ref: str) -> Locator:
        return self.stage.locator(f"[data-ref={ref}]")

    def press(self, key: str, step: int) -> None:
        self.page.keyboard.press(key)
        self.expect_painted(step)

    def pixels(self, ref: str = "canvas") -> np.ndarray:
        """RGB bytes [H, W, 3] of a canvas element."""
        image = self.part(ref).evaluate(PIXELS)
        data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
        return data.reshape(image["height"], image["width"], 4)[..., :3].astype(int)

    def overlay(self, kind: str) -> dict:
        return self.stage.locator(f".window.{kind}").evaluate(OVERLAY)

    def bar_centre(self, step: int) -> tuple[float, float]:
        box = still(self.part("bars").locator(".bar").nth(step))
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def wait_for_report(self, before: int) -> None:
        """Until the page has sent more messages than it had before."""
        what = "the Stage did not report where it rests"
        until(self.page, lambda: len(self.sent) > before, what)
