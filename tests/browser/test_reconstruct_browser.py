"""The page Reconstruct in a real Chromium: draw, upload, compare, and go to the lab."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from draw_core.families.draw.engine import ENGINE
from draw_core.film.codecs import BERNOULLI
from draw_core.store.checkpoint import load_checkpoint
from tests.support import browser as machine
from tests.support.visitor import PIXELS, TIMEOUT_MS, Visitor, pick, still
from ui.kit.picture import from_drawing_link

T = 16
SIDE = 28
EMPTY = r"%3A28x28\.A+&"  # in an address, after "drawing"

# Whether an element shows a number, to the digits that it has.
SHOWS = """
([element, value]) => {
  const shown = Number(element.textContent.replace("−", "-"));
  return Math.abs(shown - value) <= 6e-3 * Math.max(1, Math.abs(value));
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def checkpoints(folder: Path) -> Path:
    return folder / "checkpoints"


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    small = machine.pen(height=20, width=20)
    with machine.served(folder, mnist_attention=machine.pen(), small=small) as url:
        yield url


@pytest.fixture
def visitor(visit, url) -> Visitor:
    return visit(f"{url}/Reconstruct?image=strokes:1&step={T}")


def _drag(visitor: Visitor, *points: tuple[float, float]) -> None:
    """Draws through these points, in 0-based pixels."""
    paper = visitor.page.locator(".pad [data-ref=paper]")
    paper.scroll_into_view_if_needed()
    box = still(paper)
    pixel = box["width"] / SIDE
    places = [(box["x"] + (x + 0.5) * pixel, box["y"] + (y + 0.5) * pixel) for x, y in points]
    visitor.page.mouse.move(*places[0])
    visitor.page.mouse.down()
    for place in places[1:]:
        visitor.page.mouse.move(*place)
    visitor.page.mouse.up()


def _wait_for_another_run(visitor: Visitor, before: str) -> None:
    visitor.page.wait_for_function(
        """([root, before]) => root.dataset.painted.split(":")[0] !== before""",
        arg=[visitor.stage.element_handle(), before],
        timeout=TIMEOUT_MS,
    )


def _drawing_in_address(visitor: Visitor) -> np.ndarray:
    visitor.page.wait_for_url(re.compile(rf"image=drawing(?!{EMPTY})"))
    link = parse_qs(urlsplit(visitor.page.url).query)["image"][0]
    return from_drawing_link(link.removeprefix("drawing:"))


def _expect_canvas_of(visitor: Visitor, checkpoints: Path, pixels: np.ndarray) -> None:
    """What PyTorch paints of this picture is what the page shows at the last step."""
    model, card = load_checkpoint(checkpoints / "mnist-attention")
    run = ENGINE.reconstruct(model, pixels, card.training.binarisation, 0)
    p = BERNOULLI.values[run.film.frames()[T, 0, 0]]
    shown = visitor.pixels("canvas")[..., 0]
    np.testing.assert_allclose(shown, 255 * p, atol=1.01)


def test_what_is_drawn_is_what_the_network_repaints(visitor, checkpoints, visit):
    page = visitor.page
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(re.compile(f"image=drawing{EMPTY}"))
    before = visitor.painted.film
    _drag(visitor, (8.0, 6.0), (20.0, 6.0), (12.0, 22.0))
    _wait_for_another_run(visitor, before)
    visitor.expect_painted(T)
    pixels = _drawing_in_address(visitor)
    assert pixels[0, 6, 8:21].all()
    assert not pixels[0, 12:, 20:].any()
    np.testing.assert_array_equal(visitor.pixels("x")[..., 0], pixels[0])
    _expect_canvas_of(visitor, checkpoints, pixels)
    again = visit(page.url)
    np.testing.assert_array_equal(again.pixels("x")[..., 0], pixels[0])


def test_an_edit_plays_beside_the_run_before(visitor):
    page = visitor.page
    expect(visitor.part("before")).to_be_hidden()
    first = visitor.pixels("canvas")
    before = visitor.painted.film
    _drag(visitor, (4.0, 24.0), (24.0, 24.0))
    _wait_for_another_run(visitor, before)
    expect(visitor.part("before")).to_be_visible()
    expect(visitor.part("before")).to_contain_text("one change ago")
    np.testing.assert_array_equal(visitor.pixels("beforeCanvas"), first)
    page.get_by_text("Keep comparing with this run").click()
    before = visitor.painted.film
    _drag(visitor, (4.0, 2.0), (24.0, 2.0))
    _wait_for_another_run(visitor, before)
    np.testing.assert_array_equal(visitor.pixels("beforeCanvas"), first)


def _photograph() -> bytes:
    """A dark stroke on light paper, as JPEG."""
    image = Image.new("RGB", (300, 400), (228, 222, 210))
    ImageDraw.Draw(image).line([(80, 90), (220, 90), (130, 320)], fill=(50, 50, 80), width=22)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def test_an_upload_goes_its_steps_and_a_bad_one_harms_nothing(visitor, checkpoints):
    page = visitor.page
    before = visitor.painted.film
    page.get_by_role("button", name="Upload").click()
    files = page.locator("input[type=file]")
    files.set_input_files({"name": "7.jpg", "mimeType": "image/jpeg", "buffer": _photograph()})
    _wait_for_another_run(visitor, before)
    expect(page.get_by_text("As uploaded.")).to_be_visible()
    expect(page.get_by_text("Black and white.")).to_be_visible()
    shown = visitor.pixels("x")[..., 0]
    assert 40 < (shown > 0).sum() < 250
    good = visitor.painted.film
    hostile = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    files.set_input_files({"name": "7.png", "mimeType": "image/png", "buffer": hostile})
    fault = page.get_by_test_id("stAlert")
    expect(fault).to_contain_text("SVG")
    expect(fault.locator("p")).to_have_count(1)
    assert visitor.painted.film == good
    np.testing.assert_array_equal(visitor.pixels("x")[..., 0], shown)


def test_a_drawing_goes_along_to_another_model_and_back(visit, url):
    # So high that nothing scrolls: a list that is open closes when the page does.
    visitor = visit(f"{url}/Reconstruct?image=strokes:1", viewport={"width": 1440, "height": 1400})
    page = visitor.page

    def choose(model: str) -> None:
        before = visitor.painted.film
        pick(page, model)
        _wait_for_another_run(visitor, before)

    def pad() -> np.ndarray:
        image = page.locator(".pad [data-ref=canvas]").evaluate(PIXELS)
        data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
        return data.reshape(image["height"], image["width"], 4)[..., 0]

    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(re.compile(f"image=drawing{EMPTY}"))
    _drag(visitor, (8.0, 8.0), (20.0, 8.0), (20.0, 20.0))
    assert _drawing_in_address(visitor).any()
    for model, side in (("small", 20), ("mnist-attention", 28)):
        choose(model)
        expect(page.locator(".pad [data-ref=canvas]")).to_have_attribute("width", str(side))
        shown = pad()
        assert 30 < (shown > 0).sum() < 120
        np.testing.assert_array_equal(visitor.pixels("x")[..., 0], shown)


def test_keys_alone_draw_and_step_through_the_network(visitor):
    page = visitor.page
    page.locator(".pad [data-ref=paper]").focus()
    before = visitor.painted.film
    for key in ["Space", *["ArrowUp"] * 9, "Space"]:
        page.keyboard.press(key)
    _wait_for_another_run(visitor, before)
    page.get_by_role("slider", name="Step").focus()
    visitor.press("Home", 0)
    visitor.press("ArrowRight", 1)
    page.keyboard.press("s")
    expect(visitor.stage).to_have_attribute("data-stage", re.compile("[1-7]"))


def test_a_window_is_taken_to_the_lab(visitor, checkpoints):
    page = visitor.page
    visitor.press("Home", 0)
    visitor.press("ArrowRight", 1)
    visitor.press("ArrowRight", 2)
    pixels = visitor.pixels("x")[..., 0]
    page.get_by_role("button", name="Write window").click()
    page.locator(".lab[data-painted]").wait_for()
    model, card = load_checkpoint(checkpoints / "mnist-attention")
    image = (255 * (pixels[None] > 0)).astype(np.uint8)
    film = ENGINE.reconstruct(model, image, card.training.binarisation, 0).film
    # The sliders are those of the window that was taken along: the one that writes.
    for params, hand in (
        (film.windows("write").parameters, None),
        (film.windows("read").parameters, "what reads"),
    ):
        if hand:
            page.get_by_text(hand, exact=True).click()
        g_x, g_y, delta, sigma2, gamma = params[1, 0]
        window = {"gX": g_x, "gY": g_y, "delta": delta, "sigma": sigma2**0.5, "gamma": gamma}
        for name, value in window.items():
            output = page.locator(f".lab [data-out={name}]").element_handle()
            page.wait_for_function(SHOWS, arg=[output, float(value)])
    expect(page.locator(".lab [data-out=n]")).to_have_text(str(model.config.write_size))
    expect(page.get_by_text("The orange window began where mnist-attention wrote")).to_be_visible()
    # The address names both windows and the picture at once.
    again = parse_qs(urlsplit(page.url).query)
    assert again["image"] == ["strokes:1"]
    assert len(again["pen"][0].split(",")) == 5


def test_the_film_follows_the_pen_without_the_server(visitor, checkpoints):
    """While the pen is down nothing is sent, and what is shown then stays when it is lifted."""
    page, saying = visitor.page, visitor.page.locator("[data-ref=saying]")
    with page.expect_event("websocket") as opened:
        page.reload()
    sent: list[str | bytes] = []

    def keep(frame: str | bytes) -> None:
        sent.append(frame)

    opened.value.on("framesent", keep)
    expect(visitor.stage).to_have_attribute("data-live", "browser")
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    before = visitor.stage.get_attribute("data-painted").split(":")[0]
    first = saying.inner_text()
    box = still(page.locator(".pad [data-ref=paper]"))
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"]
    page.mouse.move(x, y)
    page.wait_for_timeout(300)  # so that what the page reports by itself is sent
    sent.clear()
    page.mouse.down()
    for k in range(6):
        page.mouse.move(x + 20 * k, y + 6 * k)
    expect(visitor.stage).to_have_attribute("data-followed", re.compile("[1-9]"))
    page.mouse.move(x + 120, y + 36)
    page.wait_for_timeout(300)  # for the last film, and for a report that must not come
    followed, during = saying.inner_text(), visitor.pixels("canvas")
    assert sent == []
    assert visitor.painted.film != before
    page.mouse.up()
    film, pixels = visitor.painted.film, _drawing_in_address(visitor)
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    assert (visitor.painted.film, saying.inner_text()) == (film, followed)
    assert followed != first
    np.testing.assert_array_equal(visitor.pixels("canvas"), during)
    _expect_canvas_of(visitor, checkpoints, pixels)
    costs = visitor.stage.locator(".costs")
    model, card = load_checkpoint(checkpoints / "mnist-attention")
    run = ENGINE.reconstruct(model, pixels, card.training.binarisation, 0)
    for nats in (run.latent_loss, run.nll, run.bound):
        expect(costs).to_contain_text(f"{nats:.1f} nats")


def test_a_page_can_be_left_with_the_pen_just_lifted(visitor):
    """The next page stays, and the drawing is there on coming back."""
    page = visitor.page
    expect(visitor.stage).to_have_attribute("data-live", "browser")
    _drag(visitor, (4.0, 24.0), (24.0, 24.0))
    expect(visitor.stage).to_have_attribute("data-followed", re.compile("[1-9]"))
    page.get_by_role("link", name="Generate").first.click()
    heading = page.get_by_role("heading", name="Every picture here is new")
    heading.wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(1500)  # longer than the pad rests
    expect(heading).to_be_visible()
    page.get_by_role("link", name="Reconstruct").first.click()
    assert _drawing_in_address(visitor)[0, 24, 6:22].all()


def test_a_browser_that_cannot_run_the_network_says_so(visitor):
    visitor.page.route("**/weights/*", lambda route: route.fulfill(status=404))
    visitor.page.reload()
    expect(visitor.stage).to_have_attribute("data-live", "server")
    expect(visitor.page.get_by_text("This browser cannot run the network itself")).to_be_visible()
    before = visitor.stage.get_attribute("data-painted").split(":")[0]
    _drag(visitor, (3, 4), (12, 12))
    _wait_for_another_run(visitor, before)
