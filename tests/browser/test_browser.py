"""The pages in a real Chromium: what a visitor sees, points at and sends to the server."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from draw_core.film.codecs import BERNOULLI
from draw_core.film.files import load_film
from draw_core.film.film import Film
from draw_core.store.checkpoint import WEIGHTS
from tests.support import browser as machine
from tests.support.browser import HOME, Server
from tests.support.visitor import TIMEOUT_MS, Visitor, still

T = 16
FIRST = "/?sample=1"  # home, which otherwise begins with a sample of its choice
LINK = "/Generate?seed=3&n=9&temperature=0.8"


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that works, and beside it one whose weights end too early."""
    root = tmp_path_factory.mktemp("checkpoints")
    machine.write_checkpoint(root, machine.pen())
    weights = machine.write_checkpoint(root, machine.pen(), "torn") / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])
    return root


def _serve(script: Path, checkpoints: Path, folder: Path) -> Iterator[str]:
    with Server(script, folder / "log", DRAW_CHECKPOINTS=str(checkpoints)) as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


@pytest.fixture(scope="module")
def url(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole application."""
    yield from _serve(HOME, checkpoints, tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="module")
def trace():
    """What the permalink's samples are, by PyTorch."""
    return machine.pen().generate(9, torch.Generator().manual_seed(3), 0.8)


@pytest.fixture(scope="module")
def preview(checkpoints: Path) -> Film:
    return load_film(checkpoints / "mnist-attention" / "preview.npz")


def test_home_plays_by_itself(visit, url):
    visitor = visit(url)
    visitor.expect_playing(True)
    steps = visitor.stage.evaluate(
        """(root) => new Promise((resolve) => {
          const steps = [];
          new MutationObserver(() => {
            const step = Number(root.dataset.painted.split(":")[1]);
            if (step !== steps.at(-1)) steps.push(step);
            if (steps.length === 6) resolve(steps);
          }).observe(root, { attributeFilter: ["data-painted"] });
        })"""
    )
    assert np.diff(steps).tolist() in ([1] * 5, *([1] * k + [-T] + [1] * (4 - k) for k in range(5)))


def test_scrubbing_with_the_mouse_sends_nothing(visit, url):
    visitor = visit(url + FIRST)
    mouse = visitor.page.mouse
    before = len(visitor.sent)
    visitor.press("End", T)
    visitor.wait_for_report(before)
    mouse.move(*visitor.bar_centre(T))
    mouse.down()
    before = len(visitor.sent)
    for step in [*range(T - 1, -1, -1), *range(1, T + 1)]:
        mouse.move(*visitor.bar_centre(step))
        visitor.expect_painted(step)
    assert len(visitor.sent) == before
    mouse.up()
    visitor.wait_for_report(before)


def test_scrubbing_with_keys_sends_nothing_before_a_pause(visit, url):
    visitor = visit(url + FIRST)
    before = len(visitor.sent)
    visitor.press("Home", 0)
    visitor.wait_for_report(before)
    visitor.page.evaluate(
        "window.presses = []; addEventListener('keydown', () => presses.push(performance.now()))"
    )
    before = len(visitor.sent)
    for key in ["ArrowRight"] * T + ["ArrowLeft"] * T:
        visitor.page.keyboard.press(key)
    times = visitor.page.evaluate("[...presses, performance.now()]")
    # The keys come much faster than that, unless the machine is very busy.
    pauses = int(np.sum(np.diff(times) > 140))
    assert len(times) == 2 * T + 1
    assert len(visitor.sent) - before <= pauses
    visitor.expect_painted(0)


def test_a_page_that_is_being_left_reports_nothing(visit, url):
    visitor = visit(url + FIRST)
    # The click counts, but Streamlit does not hear of it, as if the server were slow.
    visitor.page.evaluate(
        """document.body.addEventListener("click", (event) => {
          event.stopPropagation();
          event.preventDefault();
        }, { capture: true, once: true })"""
    )
    visitor.page.get_by_role("link", name="Reconstruct").first.click()
    clicked, before = time.monotonic(), len(visitor.sent)
    visitor.press("End", T)
    visitor.wait_for_report(before)  # where the visitor stays nevertheless
    assert time.monotonic() - clicked > 4


def test_overlay_has_the_numbers_of_pytorch_at_every_step(visit, url, trace):
    visitor = visit(f"{url}{LINK}&step=0&sample=5")
    sample, n, p = 4, 4, trace.write_params
    visitor.expect_painted(0, sample)
    expect(visitor.stage.locator(".window.write")).to_be_hidden()
    offsets = torch.arange(1, n + 1) - n / 2 - 0.5
    for t in range(T):
        visitor.press("ArrowRight", t + 1)
        shown = visitor.overlay("write")
        g_x, g_y, delta, sigma = (
            v[t, sample].item() for v in (p.g_x, p.g_y, p.delta, p.sigma2.sqrt())
        )
        points = [(g_x + i * delta, g_y + j * delta, sigma) for j in offsets for i in offsets]
        side = n * delta
        close = {"atol": 1e-4, "rtol": 0}
        np.testing.assert_allclose(shown["points"], points, **close)
        border = [g_x - side / 2, g_y - side / 2, side, side]
        np.testing.assert_allclose(shown["border"], border, **close)
        left, y, right, x, top, bottom = shown["centre"]
        np.testing.assert_allclose([x, y], [g_x, g_y], **close)
        np.testing.assert_allclose([(left + right) / 2, (top + bottom) / 2], [g_x, g_y], **close)
        past = torch.stack([p.g_x[: t + 1, sample], p.g_y[: t + 1, sample]], dim=1)
        np.testing.assert_allclose(shown["trail"], past, **close)
        number = visitor.stage.locator("td.write[data-number=gamma]")
        expect(number).to_have_text(f"{p.gamma[t, sample].item():.2f}")


def test_pixels_are_the_probabilities(visit, url, trace):
    visitor = visit(f"{url}{LINK}&step=0&sample=5")
    probabilities = trace.canvases.sigmoid().numpy()[:, :, 0]
    for step in range(T + 1):
        visitor.expect_painted(step, 4)
        pixels = visitor.pixels()
        assert (pixels == pixels[..., :1]).all()
        # A byte of the canvas holds a probability to 1/255, and a pixel rounds it again.
        assert np.abs(pixels[..., 0] / 255 - probabilities[step, 4]).max() <= 1.5 / 255
        montage = visitor.pixels("montageCanvas")[..., 0]
        for sample in range(9):
            y, x = 29 * np.array(divmod(sample, 3))
            shown = montage[y : y + 28, x : x + 28]
            assert np.abs(shown / 255 - probabilities[step, sample]).max() <= 1.5 / 255
        visitor.page.keyboard.press("ArrowRight")


def test_pixels_are_the_stored_bytes_decoded(visit, url, preview):
    visitor = visit(url + FIRST)
    visitor.page.keyboard.press("End")
    visitor.expect_painted(T, 0)
    expected = 255 * BERNOULLI.values[preview.frames()[T, 0, 0]]
    assert np.abs(visitor.pixels()[..., 0] - expected).max() <= 0.501


def test_permalink_shows_the_same_picture_elsewhere(visit, url):
    visitor = visit(f"{url}{LINK}&step=5&sample=4")
    visitor.expect_painted(5, 3)
    visitor.expect_playing(False)
    expect(visitor.page.get_by_label("Seed", exact=True)).to_have_value("3")
    visitor.press("ArrowRight", 6)
    visitor.stage.get_by_role("option", name="Sample 7 of").click()
    visitor.expect_painted(6, 6)
    visitor.page.wait_for_url(re.compile("(?=.*step=6)(?=.*sample=7)"))
    other = visit(visitor.page.url)
    other.expect_painted(6, 6)
    assert other.painted == visitor.painted
    np.testing.assert_array_equal(other.pixels("montageCanvas"), visitor.pixels("montageCanvas"))


def test_the_address_names_everything_that_is_shown(visit, url):
    visitor = visit(url + "/Generate")
    visitor.press("End", T)
    expect(visitor.page).to_have_url(re.compile(r"step=16"))
    address = parse_qs(urlsplit(visitor.page.url).query)
    assert address == {
        "model": ["mnist-attention"],
        "n": ["16"],
        "seed": ["0"],
        "temperature": ["1"],
        "sample": ["1"],
        "step": ["16"],
    }


def test_samples_that_are_gone_leave_the_montage(visit, url):
    visitor = visit(url + "/Generate?n=16&step=16")
    expect(visitor.part("cells").get_by_role("option")).to_have_count(16)
    visitor.page.get_by_role("slider", name="Samples").press("ArrowLeft")
    expect(visitor.part("cells").get_by_role("option")).to_have_count(15)
    montage = visitor.part("montageCanvas")
    # No bar stands in their place: the page shines through, beside the samples that are left.
    alpha = montage.evaluate("""
        (m) => {
          const { data } = m.getContext("2d").getImageData(m.width - 31, m.height - 31, 31, 31);
          const of = (x, y) => data[4 * ((31 + y) * 31 + 31 + x) + 3];
          return [of(-15, -15), of(-29, -15), of(-15, -29), of(-30, -15), of(-15, -30)];
        }
    """)
    assert alpha == [0, 0, 0, 255, 255]
    expect(montage).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_a_click_leaves_the_keys_to_the_player(visit, url):
    visitor = visit(url + FIRST)
    visitor.press("End", T)
    visitor.stage.get_by_text("Border", exact=True).click()
    visitor.press("ArrowLeft", T - 1)
    visitor.stage.get_by_role("option", name="Sample 7 of").click()
    visitor.expect_painted(T - 1, 6)
    visitor.press("ArrowLeft", T - 2)
    visitor.expect_painted(T - 2, 6)
    # Not even a key that comes in the same moment goes to what was clicked.
    visitor.part("cells").evaluate("""
        (cells) => {
          const init = { bubbles: true, composed: true };
          const cell = cells.children[2];
          cell.focus();
          cell.dispatchEvent(new PointerEvent("pointerup", init));
          cell.dispatchEvent(new MouseEvent("click", { ...init, detail: 1 }));
          const target = cells.getRootNode().activeElement ?? document.body;
          target.dispatchEvent(new KeyboardEvent("keydown", { ...init, key: "ArrowLeft" }));
        }
    """)
    visitor.expect_painted(T - 3, 2)
    visitor.stage.get_by_role("option", name="Sample 7 of").click()
    visitor.press("ArrowRight", T - 2)
    # Who goes there by keyboard chooses samples with the arrows.
    visitor.stage.get_by_role("option", name="Sample 7 of").focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.expect_painted(T - 2, 7)


def test_without_loop_it_stops_at_the_end(visit, url):
    visitor = visit(url + FIRST)
    visitor.stage.get_by_role("combobox", name="Speed").select_option("4")
    visitor.press("End", T)
    visitor.part("play").click()
    visitor.expect_painted(T)  # from the start, and in the pause before the next round
    visitor.stage.get_by_text("Loop").click()
    visitor.expect_playing(False)
    visitor.expect_painted(T)


def test_new_samples_change_pictures_and_seed(visit, url):
    visitor = visit(f"{url}{LINK}&step={T}&sample=4")
    seed = visitor.page.get_by_label("Seed", exact=True)
    expect(seed).to_have_value("3")
    before, pixels = visitor.painted, visitor.pixels("montageCanvas")
    visitor.page.get_by_role("button", name="New samples").click()
    expect(visitor.stage).not_to_have_attribute("data-painted", re.compile(before.film))
    expect(seed).not_to_have_value("3")
    visitor.press("End", T)
    assert (visitor.pixels("montageCanvas") != pixels).any()
    visitor.page.wait_for_url(re.compile(rf"(?=.*seed={seed.input_value()}\b)(?=.*step={T})"))
    again = visit(visitor.page.url)
    assert again.painted[1:] == visitor.painted[1:]
    assert np.abs(again.pixels("montageCanvas") - visitor.pixels("montageCanvas")).max() <= 1


def test_bad_parameters_are_ignored_with_a_notice(visit, url):
    visitor = visit(f"{url}/Generate?seed=-4&n=many&temperature=9&step=99&sample=0")
    notice = visitor.page.get_by_test_id("stAlert").filter(has_text="The address asks for")
    for name in ("seed = “-4”", "n = “many”", "temperature = “9”", "step = “99”", "sample = “0”"):
        expect(notice.filter(has_text=name)).to_be_visible()
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    visitor.expect_playing(True)
    expect(visitor.part("cells").locator("button")).to_have_count(16)


@pytest.mark.parametrize("path", ["", "/Generate"])
def test_a_torn_checkpoint_is_named_and_the_other_works(visit, url, path):
    visitor = visit(url + path)
    alert = visitor.page.get_by_test_id("stAlert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("torn is left out")
    expect(alert).to_contain_text("model.safetensors is truncated")
    visitor.press("End", T)


def test_switches(visit, url, preview):
    visitor = visit(url + FIRST)
    visitor.press("End", T)
    visitor.press("ArrowLeft", T - 1)
    window = visitor.stage.locator(".window.write")
    for name in ("Border", "Points", "Centre", "Trail", "Writes"):
        part = window if name == "Writes" else window.locator(f".{name.lower()}")
        switch = visitor.stage.get_by_label(name, exact=True)
        expect(part).to_be_visible()
        switch.uncheck()
        expect(part).to_be_hidden()
        switch.check()
        expect(part).to_be_visible()
    visitor.stage.get_by_text("Numbers", exact=True).click()
    visitor.stage.get_by_label("Logit").check()
    logits = BERNOULLI.logits[preview.frames()[T - 1, 0, 0]]
    _eventually_shows(visitor, 255 * np.clip(0.5 + logits / 16, 0, 1))
    visitor.stage.get_by_label("Probability").check()
    visitor.stage.get_by_label("Change", exact=True).check()
    before, now = BERNOULLI.values[preview.frames()[T - 2 : T, 0, 0]]
    change = np.abs(now - before)
    brightest = np.where(now > before, 235, 255)  # green where ink comes, violet where it goes
    _eventually_shows(visitor, brightest * np.sqrt(np.rint(512 * change) / 512))
    visitor.stage.get_by_label("Canvas", exact=True).check()
    _eventually_shows(visitor, 255 * now)


def _eventually_shows(visitor: Visitor, expected: np.ndarray) -> None:
    """Waits until the brightest channel of every pixel is what it should be."""
    for _ in range(TIMEOUT_MS // 20):
        error = np.abs(visitor.pixels().max(axis=-1) - expected).max()
        if error <= 0.51:
            return
        visitor.page.wait_for_timeout(20)
    pytest.fail(f"the canvas is off by {error}")


def test_hover_names_pixel_and_probability(visit, url, preview):
    visitor = visit(url + FIRST)
    visitor.press("End", T)
    picture = visitor.part("picture")
    for x, y in ((0, 0), (13, 6), (27, 27)):
        box = still(picture)
        visitor.page.mouse.move(
            box["x"] + box["width"] * (x + 0.5) / 28, box["y"] + box["height"] * (y + 0.5) / 28
        )
        expect(visitor.part("probePlace")).to_have_text(f"x {x}, y {y}")
        byte = preview.frames()[T, 0, 0, y, x]
        value = f"white with probability {BERNOULLI.values[byte]:.2f}"
        expect(visitor.part("probeValue")).to_have_text(value)
        points = visitor.part("probeCurve").locator("polyline").get_attribute("points")
        curve = np.array([p.split(",") for p in points.split()], float)
        p = BERNOULLI.values[preview.frames()[:, 0, 0, y, x]]
        np.testing.assert_allclose(curve[:, 1], 28 - 26 * p, atol=1e-4)
    visitor.page.mouse.move(0, 0)
    expect(visitor.part("probe")).to_be_hidden()


def test_keys(visit, url):
    visitor = visit(url + FIRST)
    visitor.expect_playing(True)
    visitor.page.keyboard.press("Space")
    visitor.expect_playing(False)
    visitor.press("Home", 0)
    visitor.press("ArrowLeft", 0)
    visitor.press("ArrowRight", 1)
    visitor.press("End", T)
    visitor.press("ArrowRight", T)
    visitor.press("ArrowLeft", T - 1)
    visitor.page.keyboard.press("Space")
    visitor.expect_playing(True)
    visitor.stage.get_by_role("option", name="Sample 1 of").focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.expect_painted(sample=1)
    visitor.expect_playing(True)


def test_reduced_motion_does_not_play_by_itself(visit, url):
    visitor = visit(url + FIRST, reduced_motion="reduce")
    visitor.expect_playing(False)
    visitor.expect_painted(T)


def test_touch(visit, url):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    visitor = visit(url + FIRST, **phone)
    visitor.part("play").tap()
    visitor.expect_playing(False)
    visitor.part("bars").locator(".bar").nth(5).tap()
    visitor.expect_painted(5)
    visitor.part("play").tap()
    visitor.expect_playing(True)
    visitor.expect_painted(r"(?!5:)\d+")
    width = visitor.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 390
