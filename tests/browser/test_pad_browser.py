"""The pad in a real Chromium: what is drawn is what Python gets, by pointer and by keys."""

import base64

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.support import browser as machine
from tests.support.tablet import Tablet
from tests.support.visitor import PIXELS, still

APP = machine.ROOT / "tests" / "support" / "apps" / "pad.py"
SIDE = 28
RADIUS = 1.2  # of the brush at first, in pixels
BAR = np.zeros((SIDE, SIDE), bool)
BAR[4:8, 4:24] = True


@pytest.fixture
def page(pad_url: str, visit) -> Page:
    page = visit(pad_url, has_stage=False).page
    page.locator(".pad[data-drawn]").wait_for()
    return page


def _shown(page: Page) -> np.ndarray:
    """What the pad shows, RGB bytes [H, W, 3]."""
    image = page.locator("[data-ref=canvas]").evaluate(PIXELS)
    data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3]


def _told(page: Page, words: str, shape: tuple[int, ...] = (1, SIDE, SIDE)) -> np.ndarray:
    """What Python got, [C, H, W], once it was told these words."""
    expect(page.get_by_text(f"told: {words}", exact=True)).to_be_visible()
    text = page.get_by_text("pixels: ").inner_text().removeprefix("pixels: ")
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def _expect_python_to_get(page: Page, expected: np.ndarray) -> None:
    text = base64.b64encode(255 * expected.astype(np.uint8)).decode()
    expect(page.get_by_text("pixels: ")).to_have_text(f"pixels: {text}")
    np.testing.assert_array_equal(_shown(page)[..., 0] > 0, expected)


def _at(page: Page, x: float, y: float) -> tuple[float, float]:
    """The place on the screen of a point in 0-based pixels."""
    box = still(page.locator("[data-ref=paper]"))
    pixel = box["width"] / SIDE
    return box["x"] + (x + 0.5) * pixel, box["y"] + (y + 0.5) * pixel


def _drag(page: Page, *points: tuple[float, float]) -> None:
    page.mouse.move(*_at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*_at(page, *point))
    page.mouse.up()


def _near(points: list[tuple[float, float]], radius: float = RADIUS) -> np.ndarray:
    """Pixels whose centre is no further than the radius from the line through the points."""
    y, x = np.mgrid[:SIDE, :SIDE]
    near = np.zeros((SIDE, SIDE), bool)
    for (x0, y0), (x1, y1) in zip(points, points[1:] or points, strict=False):
        along = np.linspace(0, 1, 2001)[:, None, None]
        distance = np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)).min(axis=0)
        near |= distance <= radius + 1e-3
    return near


def test_what_the_mouse_draws_is_what_python_gets(page):
    points = [(6.0, 12.0), (14.0, 20.0), (20.0, 12.3)]
    _drag(page, *points)
    _expect_python_to_get(page, BAR | _near(points))
    assert set(np.unique(_told(page, "bar True"))) == {0, 255}


def test_the_eraser_takes_ink_away_and_undo_brings_it_back(page):
    page.get_by_label("Eraser").check(force=True)
    _drag(page, (10.0, 3.0), (10.0, 9.0))
    erased = BAR & ~_near([(10.0, 3.0), (10.0, 9.0)])
    _expect_python_to_get(page, erased)
    page.get_by_role("button", name="Undo").click()
    _expect_python_to_get(page, BAR)
    page.get_by_role("button", name="Redo").click()
    _expect_python_to_get(page, erased)
    page.get_by_role("button", name="Clear").click()
    _expect_python_to_get(page, np.zeros_like(BAR))
    expect(page.get_by_text("Draw here")).to_be_visible()
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()
    page.get_by_label("Pen", exact=True).check(force=True)


class Hand(Tablet):
    """Points are in 0-based pixels of the pad."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.page = page

    def touch(self, finger: int, *points: tuple[float, float]) -> None:
        super().touch(finger, *(_at(self.page, *point) for point in points))

    def pen(self, *points: tuple[float, float]) -> None:
        super().pen(*(_at(self.page, *point) for point in points))


def _expect_untouched(page: Page) -> None:
    """The bar is there and nothing to take back."""
    np.testing.assert_array_equal(_shown(page)[..., 0] > 0, BAR)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


LINE = [(8.0, 20.0), (12.0, 20.0), (16.0, 20.0)]
PALM = [(20.0, 24.0), (21.0, 25.0)]


def test_a_finger_draws_too(page):
    hand = Hand(page)
    hand.touch(1, *LINE)
    hand.lift(1)
    _expect_python_to_get(page, BAR | _near(LINE))


def test_a_pen_takes_over_from_the_hand_that_rests_on_the_tablet(page):
    hand = Hand(page)
    hand.touch(1, *PALM)
    expect(page.locator(".tip.down")).to_be_visible()
    hand.pen(*LINE)
    _expect_python_to_get(page, BAR | _near(LINE))
    hand.touch(1, (3.0, 25.0))  # the hand moves on and lifts
    hand.pen((5.0, 10.0), (9.0, 10.0))
    hand.touch(1, (2.0, 24.0))
    hand.lift(1)
    _expect_python_to_get(page, BAR | _near(LINE) | _near([(5.0, 10.0), (9.0, 10.0)]))
    for _ in range(2):  # two strokes, and none of the hand's
        page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    _expect_python_to_get(page, BAR)


def test_a_second_finger_takes_back_what_the_first_began(page):
    hand = Hand(page)
    hand.touch(1, *PALM)
    expect(page.locator(".tip.down")).to_be_visible()
    hand.touch(2, (8.0, 15.0))
    expect(page.locator(".tip.down")).to_have_count(0)
    hand.touch(1, (10.0, 18.0))
    hand.touch(2, (9.0, 19.0))
    hand.lift(1)
    hand.touch(2, (14.0, 19.0))
    hand.touch(3, (4.0, 22.0), (9.0, 22.0))  # one finger still rests
    hand.lift(2)
    hand.lift(3)
    _expect_untouched(page)
    hand.touch(1, *LINE)
    hand.lift(1)
    _expect_python_to_get(page, BAR | _near(LINE))


def test_a_touch_that_is_cancelled_draws_nothing(page):
    hand = Hand(page)
    hand.touch(1, *LINE)
    expect(page.locator(".tip.down")).to_be_visible()
    hand.cancel()
    expect(page.locator(".tip.down")).to_have_count(0)
    _expect_untouched(page)
    _drag(page, *LINE)
    _expect_python_to_get(page, BAR | _near(LINE))


def test_keys_alone_draw_choose_and_undo(page):
    page.get_by_role("application", name="Drawing pad").focus()
    keys = page.keyboard
    for _ in range(4):
        keys.press("ArrowDown")
    keys.press("Space")  # the pen begins in the middle: 13.5 is rounded up
    for _ in range(5):
        keys.press("ArrowRight")
    keys.press("Space")
    points = [(14.0, 18.0), (19.0, 18.0)]
    _expect_python_to_get(page, BAR | _near(points))
    keys.press("z")
    _expect_python_to_get(page, BAR)
    keys.press("]")
    keys.press("Space")
    keys.press("Space")
    _expect_python_to_get(page, BAR | _near([points[1]], radius=1.7))
    keys.press("[")
    keys.press("Delete")
    _expect_python_to_get(page, np.zeros_like(BAR))
    keys.press("Tab")
    expect(page.get_by_label("Pen", exact=True)).to_be_focused()


def test_a_thumbnail_comes_onto_the_pad_and_can_be_undone(page):
    page.get_by_role("option", name="an upright bar").click()
    np.testing.assert_array_equal(_told(page, "upright False")[0] > 0, BAR.T)
    np.testing.assert_array_equal(_shown(page)[..., 0] > 0, BAR.T)
    page.keyboard.press("ArrowLeft")
    np.testing.assert_array_equal(_told(page, "bar False")[0] > 0, BAR)
    page.get_by_role("button", name="Undo").click()  # with the pixels comes the name
    np.testing.assert_array_equal(_told(page, "upright False")[0] > 0, BAR.T)


def test_undo_brings_the_untouched_picture_back_by_its_name(page):
    _drag(page, (6.0, 16.0), (20.0, 16.0))
    assert _told(page, "bar True")[0, 16, 6:21].all()
    page.keyboard.press("Control+z")
    np.testing.assert_array_equal(_told(page, "bar False")[0] > 0, BAR)
    page.keyboard.press("Control+Shift+z")
    assert _told(page, "bar True")[0, 16, 6:21].all()


def test_a_pen_of_the_keys_is_not_moved_by_the_mouse(page):
    page.get_by_role("application", name="Drawing pad").focus()
    page.keyboard.press("Space")
    page.mouse.move(*_at(page, 3.0, 25.0))
    page.mouse.move(*_at(page, 25.0, 25.0))
    page.keyboard.press("Space")
    dot = BAR | _near([(14.0, 14.0)])
    _expect_python_to_get(page, dot)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    _drag(page, (6.0, 20.0), (20.0, 20.0))
    page.keyboard.press("z")
    _expect_python_to_get(page, BAR | _near([(14.0, 14.0), (15.0, 14.0)]))


def test_a_thumbnail_may_have_another_shape(page):
    page.get_by_role("option", name="a wide page").click()
    assert _told(page, "wide False", (1, 20, 30)).all()
    assert _shown(page).shape == (20, 30, 3)
    page.get_by_role("button", name="Clear").click()
    assert not _told(page, "wide True", (1, 20, 30)).any()


def test_a_coloured_pen_has_soft_edges_in_its_colour(pad_url, visit):
    page = visit(f"{pad_url}/?colour=yes", has_stage=False).page
    page.locator(".pad[data-drawn]").wait_for()
    page.get_by_label("Colour of the pen").fill("#ff8000")
    _drag(page, (6.0, 16.0), (20.0, 16.0))
    got = _told(page, "bar True", (3, SIDE, SIDE))
    # By the distance of a pixel's centre from the line: 0, 1 and 2.
    for y, share in ((16, 1.0), (17, RADIUS + 0.5 - 1), (18, 0.0)):
        np.testing.assert_allclose(got[:, y, 12], np.array([255, 128, 0]) * share, atol=1)
    np.testing.assert_array_equal(_shown(page).transpose(2, 0, 1), got)
