"""What the Stage says of its pictures, and how it shows them on the next page."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from draw_core.film.codecs import BERNOULLI
from draw_core.film.files import load_film
from tests.support import browser as machine
from tests.support.visitor import Visitor, pick

UI = machine.ROOT / "ui"
T = 16


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    for name in ("mnist-pen", "other"):
        machine.write_checkpoint(root, machine.pen(), name)
    return root


@pytest.fixture(scope="module")
def url(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("app") / "log"
    with machine.Server(machine.HOME, log, DRAW_CHECKPOINTS=str(checkpoints)) as server:
        yield server.url


@pytest.fixture(scope="module")
def finished(checkpoints: Path) -> np.ndarray:
    """The first sample of either model after its last step, as it is shown."""
    canvases = load_film(checkpoints / "mnist-pen" / "preview.npz").frames()
    return 255 * BERNOULLI.values[canvases[T, 0, 0]]


def choose_change_of_logits(visitor: Visitor) -> None:
    visitor.stage.get_by_label("Change", exact=True).check()
    if not visitor.stage.get_by_label("Logit").is_visible():
        visitor.stage.get_by_text("Numbers", exact=True).click()
    visitor.stage.get_by_label("Logit").check()
    expect(visitor.part("unitNote")).to_be_visible()


def expect_plain(visitor: Visitor, finished: np.ndarray) -> None:
    """The last canvas in its brightness, and words that say so."""
    expect(visitor.part("canvasTitle")).to_have_text("The canvas so far")
    expect(visitor.part("unitNote")).to_be_hidden()
    visitor.press("End", T)
    assert np.abs(visitor.pixels()[..., 0] - finished).max() <= 0.51
    for label in ("Canvas", "Probability"):
        expect(visitor.stage.get_by_label(label, exact=True)).to_be_checked()


def test_another_page_and_another_model_begin_with_the_canvas_in_brightness(visit, url, finished):
    visitor = visit(url + "/?sample=1", reduced_motion="reduce")
    choose_change_of_logits(visitor)
    visitor.page.locator(".st-key-navigation").get_by_role("link", name="Generate").click()
    visitor.page.wait_for_url(re.compile("/Generate.*model=mnist-pen"))
    expect_plain(visitor, finished)
    choose_change_of_logits(visitor)
    visitor.page.get_by_role("button", name="New samples").click()
    visitor.page.wait_for_url(re.compile(r"seed=[1-9]"))
    expect(visitor.part("unitNote")).to_be_visible()  # of the same model, as it was chosen
    pick(visitor.page, "other")
    visitor.page.wait_for_url(re.compile("model=other"))
    expect(visitor.part("canvasTitle")).to_have_text("The canvas so far")
    expect(visitor.part("unitNote")).to_be_hidden()


def test_the_way_back_from_logits_stands_beside_the_picture(visit, url, finished):
    visitor = visit(url + "/?sample=1")
    visitor.press("End", T)
    visitor.stage.get_by_text("Numbers", exact=True).click()
    visitor.stage.get_by_label("Logit").check()
    visitor.stage.get_by_text("Numbers", exact=True).click()
    expect(visitor.stage.get_by_label("Logit")).to_be_hidden()
    note = visitor.part("unitNote")
    expect(note).to_contain_text("The picture shows logits, not brightness.")
    note.get_by_role("button", name="Show brightness").click()
    expect(note).to_be_hidden()
    expect_plain(visitor, finished)


def test_headings_say_what_the_pictures_show(visit, url):
    visitor = visit(url + "/?sample=1")
    canvas, samples = visitor.part("canvasTitle"), visitor.part("samplesTitle")
    expect(canvas).to_have_text("The canvas so far")
    expect(samples).to_have_text("All 16 samples at this step: choose one")
    visitor.press("Home", 0)
    visitor.press("ArrowRight", 1)
    visitor.stage.get_by_label("Change", exact=True).check()
    expect(canvas).to_have_text("What this step changed")
    expect(samples).to_have_text("What this step changed in all 16 samples: choose one")
    picture = re.compile("^What step 1 of 16 changed in sample 1: This step ")
    expect(visitor.part("canvas")).to_have_attribute("aria-label", picture)
    visitor.stage.get_by_label("Canvas", exact=True).check()
    expect(canvas).to_have_text("The canvas so far")
    expect(samples).to_have_text("All 16 samples at this step: choose one")


def test_space_plays_and_pauses_from_a_slider_of_the_page(visit, url):
    visitor = visit(url + "/Generate?step=3")
    slider = visitor.page.get_by_role("slider", name="Temperature")
    slider.focus()
    for playing in (True, False):
        visitor.page.keyboard.press("Space")
        visitor.expect_playing(playing)
    assert visitor.page.evaluate("scrollY") == 0
    step = visitor.painted.step
    visitor.page.get_by_label("Seed", exact=True).focus()
    visitor.page.keyboard.press("Space")  # a text field's own
    visitor.expect_playing(False)
    visitor.expect_painted(step)


@pytest.mark.parametrize("width", [320, 390, 700, 800, 1024, 1440])
def test_what_the_bars_mean_stands_clear_of_all_else(visit, url, width):
    visitor = visit(url + "/?sample=1&step=3", viewport={"width": width, "height": 900})
    words = visitor.part("barsScale")
    expect(words).to_have_text("bar heights: square roots")
    covered = words.evaluate("""
        (words) => {
          const root = words.closest(".stage");
          const own = [...words.getClientRects()];
          const others = root.querySelectorAll(
            ".buttons, .counter, .timeline, .pace, .switches, .picture, .montage");
          const meet = (a, b) =>
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
          return [...others].filter((other) =>
            own.some((a) => meet(a, other.getBoundingClientRect()))).map((o) => o.className);
        }
    """)
    assert covered == []
    box = words.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
