"""Inside in a real Chromium: the hand changes a film, and the server hears nothing."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support import browser as machine
from tests.support.visitor import Visitor, still

T = 16


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with machine.served(tmp_path_factory.mktemp("app"), mnist_attention=machine.pen()) as url:
        yield url


@pytest.fixture
def inside(visit, url):
    def inside(query: str) -> Visitor:
        visitor = visit(f"{url}/Inside?{query}", reduced_motion="reduce")
        expect(visitor.stage).to_have_attribute("data-live", "browser")
        expect(visitor.stage).to_have_attribute("data-made", re.compile("[1-9]"))
        visitor.page.locator('[data-test-script-state="notRunning"]').wait_for()
        visitor.page.wait_for_timeout(400)  # so that what the page reports by itself is sent
        visitor.sent.clear()
        return visitor

    return inside


def test_a_window_is_moved_by_hand_and_by_keys(inside, visit):
    visitor = inside("seed=3&step=6")
    page = visitor.page
    before = visitor.pixels("canvas")
    np.testing.assert_array_equal(before, visitor.pixels("canvasA"))
    box = still(visitor.part("picture"))
    pixel = box["width"] / 28
    page.mouse.click(box["x"] + 5.5 * pixel, box["y"] + 20.5 * pixel)
    expect(visitor.part("changed")).to_have_text("Changed: step 6.")
    expect(visitor.part("apart")).to_contain_text("never looks at its canvas")
    moved = visitor.pixels("canvas")
    assert np.abs(moved - before).max() > 5
    np.testing.assert_array_equal(visitor.pixels("canvasA"), before)  # untouched
    visitor.part("picture").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(visitor.stage.locator("[data-out=gX]")).to_have_text("8.00")
    page.wait_for_url(re.compile(r"hand=6_x8_y20"))
    assert visitor.sent == []
    again = visit(page.url, reduced_motion="reduce")
    expect(again.part("changed")).to_have_text("Changed: step 6.")
    expect(again.part("apart")).to_contain_text("never looks at its canvas")
    np.testing.assert_array_equal(again.pixels("canvas"), visitor.pixels("canvas"))
    page.get_by_role("button", name="Undo all changes").click()
    expect(visitor.part("apart")).to_have_text("")
    np.testing.assert_array_equal(visitor.pixels("canvas"), before)


def test_a_network_that_sees_a_picture_answers_what_it_lost(inside):
    visitor = inside("seed=3&step=4&paints=seen&image=strokes:2")
    visitor.page.get_by_text("writes nothing", exact=True).click()
    expect(visitor.part("apart")).to_contain_text("nats of the picture")
    assert visitor.sent == []


def test_a_pixel_is_asked_and_a_bar_leads_to_its_step(inside):
    visitor = inside(f"seed=3&step={T}&tool=pixel&pixel=14_14")
    lead = visitor.part("pixelLead")
    expect(lead).to_contain_text("Pixel x 14, y 14")
    expect(visitor.stage.locator(".shares rect")).to_have_count(T + 1)
    visitor.part("picture").focus()
    visitor.page.keyboard.press("Shift+ArrowUp")
    expect(lead).to_contain_text("Pixel x 14, y 13")
    box = still(visitor.part("shares"))
    width = box["width"] / (T + 1)
    visitor.page.mouse.click(box["x"] + 5.5 * width, box["y"] + box["height"] / 2)
    visitor.expect_painted(5)
    expect(visitor.part("shareWords")).to_contain_text("Step 5 adds")
    assert visitor.sent == []


def test_latents_are_moved_by_keys(inside):
    visitor = inside("seed=3&step=2&tool=latents")
    page = visitor.page
    end = visitor.pixels("canvasA")
    slider = page.get_by_role("slider", name="Latent 1", exact=True)
    slider.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"z=z_2_0_"))
    visitor.expect_painted(2)  # the keys were the slider's
    expect(visitor.part("apart")).to_contain_text("Other numbers change the memory")
    np.testing.assert_array_equal(visitor.pixels("canvasA"), end)
    page.get_by_text("its last steps", exact=True).click()
    page.wait_for_url(re.compile(r"z=mix_transplant_1_8"))
    assert visitor.sent == []
