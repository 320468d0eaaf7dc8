"""The page Reconstruct on screens of all sizes: the pad, its mirror of the canvas, what sticks."""

import base64

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.visitor import PIXELS, Visitor, still

T = 16
PAD_LEAST = 240
# Screens, and at twice the size of their letters: (640, 360) is one of 1280 by 720.
SIZES = [(320, 640), (390, 844), (640, 360), (700, 900), (768, 1024), (820, 1180), (1024, 768)]
WIDE = [(1280, 720), (1440, 900)]


def _open(visit, url: str, size: tuple[int, int], step: int = 5) -> Visitor:
    width, height = size
    options = {"viewport": {"width": width, "height": height}}
    return visit(f"{url}/Reconstruct?image=strokes:1&step={step}", **options)


def _style(visitor: Visitor, selector: str, name: str) -> str:
    return visitor.stage.locator(selector).evaluate(f"e => getComputedStyle(e)['{name}']")


def _mirror(visitor: Visitor) -> np.ndarray:
    image = visitor.page.locator(".pad [data-ref=mirrorCanvas]").evaluate(PIXELS)
    data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3]


def test_the_pad_has_room_and_the_canvas_is_near_it(visit, home):
    visitor = _open(visit, home, SIZES[0])
    paper, mirror = (visitor.page.locator(f".pad [data-ref={ref}]") for ref in ("paper", "mirror"))
    for width, height in SIZES:
        visitor.page.set_viewport_size({"width": width, "height": height})
        pad = still(paper)
        assert pad["width"] >= PAD_LEAST, width
        assert pad["x"] + pad["width"] <= width
        assert visitor.page.evaluate("document.scrollingElement.scrollWidth") <= width
        canvas = still(visitor.part("canvas"))
        if canvas["x"] > pad["x"] + pad["width"]:  # the network stands beside the pad
            continue
        small = still(mirror)
        beside = small["y"] < pad["y"] + pad["height"]
        gap = (
            small["x"] - pad["x"] - pad["width"]
            if beside
            else small["y"] - pad["y"] - pad["height"]
        )
        assert 0 <= gap < 60, width
    for step in (6, 7):
        visitor.press("ArrowRight", step)
        expect(mirror).to_contain_text(f"step {step} of {T}")
        np.testing.assert_array_equal(_mirror(visitor), visitor.pixels())


def test_only_the_transport_sticks_and_not_on_a_low_screen(visit, home):
    visitor = _open(visit, home, SIZES[1])
    page = visitor.page
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        low = size[1] <= 560
        expect(visitor.stage.locator(".transport")).to_have_css(
            "position", "static" if low else "sticky"
        )
        assert _style(visitor, ".card", "position") not in ("sticky", "fixed"), size
        assert _style(visitor, ".dock", "display") == "contents", size
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.part("canvas").scroll_into_view_if_needed()
    bar = still(visitor.stage.locator(".transport"))
    assert bar["y"] + bar["height"] == pytest.approx(844, abs=1)
    assert bar["height"] < 170


def test_in_slow_motion_on_a_phone_the_words_stand_under_what_they_are_about(visit, home):
    visitor = _open(visit, home, SIZES[1])
    visitor.part("slow").check()
    card = visitor.part("card")
    for stage, name in enumerate(("error", "read", "enc", "z", "dec", "write", "canvas"), start=1):
        button = visitor.part("stages").get_by_role("button", name=f"{stage} ")
        button.focus()
        visitor.page.keyboard.press("Enter")
        expect(visitor.stage).to_have_attribute("data-stage", str(stage))
        expect(button).to_be_focused()  # though the words have moved
        node = still(visitor.stage.locator(f"[data-node={name}]"))
        words = still(card)
        assert 0 <= words["y"] - node["y"] - node["height"] < 120, name
    visitor.part("slow").uncheck()
    expect(visitor.stage.locator(".dock > .card")).to_be_visible()


@pytest.mark.parametrize("size", WIDE)
def test_diagram_words_and_transport_fit_one_screen(visit, home, size):
    visitor = _open(visit, home, size)
    for slow in (False, True):
        visitor.part("slow").set_checked(slow)
        card = still(visitor.part("card"))
        bar = still(visitor.stage.locator(".transport"))
        assert bar["y"] + bar["height"] <= size[1]
        assert card["y"] + card["height"] <= bar["y"] + 1
        assert still(visitor.part("diagram"))["y"] > 0
        visitor.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
