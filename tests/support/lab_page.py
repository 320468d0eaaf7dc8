"""The attention lab as a visitor has it: what it drew, where its parts are, how to drag them."""

import base64
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import expect

from tests.support import visitor as visiting
from tests.support.apps import lab as app
from tests.support.browser import ROOT
from tests.support.visitor import Visitor

APP = ROOT / "tests" / "support" / "apps" / "lab.py"
ARRAYS = """
(root) => {
  const { look, n } = root.lab;
  const list = (array) => [...array];
  return {
    n, channels: look.channels, height: look.height, width: look.width,
    fX: list(look.eyeX), fY: list(look.eyeY), penX: list(look.penX), penY: list(look.penY),
    patch: list(look.patch), back: list(look.back), lost: list(look.lost),
    coverage: list(look.coverage),
  };
}
"""
POINTS = """
(group) => {
  const [x, y] = group.querySelector(".body").getAttribute("transform")
    .match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
  const circles = group.querySelector(".points").getAttribute("d").slice(1).split("M");
  return circles.map((circle) => {
    const [left, top, r] = circle.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
    return [x + left + r, y + top, r];
  });
}
"""


def assert_close(actual, expected) -> None:
    """Within 1e-4; for values above 1, within 1e-4 of the value."""
    expected = np.asarray(expected).ravel()
    error = np.abs(np.asarray(actual).ravel() - expected) / np.maximum(1, np.abs(expected))
    assert error.max() <= 1e-4


class LabVisitor:
    """A visitor of the lab, with what tests ask of it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.root = visitor.page.locator(".lab")
        self.page.set_default_timeout(visiting.TIMEOUT_MS)
        expect(self.root).to_have_attribute("data-painted", re.compile(r"^\w+:\d+$"))

    def part(self, ref: str):
        return self.root.locator(f"[data-ref={ref}]")

    def settle(self) -> None:
        """Until everything that was asked for is drawn."""
        self.root.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")

    def arrays(self) -> dict:
        self.settle()
        return self.root.evaluate(ARRAYS)

    def window(self, which: str = "eye") -> tuple:
        w = self.root.evaluate(f"(root) => root.lab.{which}")
        return w["gX"], w["gY"], w["delta"], w["sigma"], w["gamma"]

    def drawn(self, kind: str = "read") -> np.ndarray:
        self.settle()
        return np.array(self.root.locator(f"[data-kind='{kind}']").evaluate(POINTS))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel's centre is on the screen."""
        box = self.part("picture").bounding_box()
        zoom, margin = self.root.evaluate("(root) => [root.lab.zoom, root.lab.margin]")
        return box["x"] + (x + 0.5 + margin) * zoom, box["y"] + (y + 0.5 + margin) * zoom

    def drag(self, start: tuple, *stops: tuple, release: bool = True) -> None:
        self.page.mouse.move(*self.place(*start))
        self.page.mouse.down()
        for stop in stops:
            self.page.mouse.move(*self.place(*stop), steps=4)
        if release:
            self.page.mouse.up()

    def tab(self, name: str) -> None:
        self.root.get_by_role("tab", name=name).click()

    def query(self) -> dict:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def expect_said(self, text: str) -> None:
        """Until the address says it, an expression such as "gx=70&gy=45"."""
        expect(self.page).to_have_url(re.compile(rf"[?&]{text}"))


def pixels_of(lab: LabVisitor, ref: str) -> np.ndarray:
    image = lab.part(ref).evaluate(visiting.PIXELS)
    data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3].astype(int)


def shown(weight: float) -> str:
    return f"{weight:.2f}" if weight >= 0.1 else f"{weight:.2g}"


def image_of(name: str) -> np.ndarray:
    return app.picture(name).pixels / 255
