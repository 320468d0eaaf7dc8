"""The curves in a real Chromium, while a run grows."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support import browser as machine
from tests.support.apps.curves import HOSTILE
from tests.support.tablet import Tablet
from tests.support.visitor import TIMEOUT_MS, still

APP = machine.ROOT / "tests" / "support" / "apps" / "curves.py"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with machine.Server(APP, tmp_path_factory.mktemp("curves") / "log") as server:
        yield server.url


@pytest.fixture
def page(url: str, visit) -> Page:
    """The page with its curves drawn; in the end it may not have complained."""
    page = visit(url, has_stage=False, viewport={"width": 1200, "height": 900}).page
    page.locator(".st-key-compare .curves[data-drawn]").wait_for()
    return page


def _chart(page: Page) -> Locator:
    return page.locator(".st-key-curves .curves")


def _part(page: Page, ref: str) -> Locator:
    return _chart(page).locator(f"[data-ref={ref}]")


def _range(page: Page) -> list[float]:
    """x0, x1, y0, y1 of what is drawn."""
    return [float(v) for v in _chart(page).get_attribute("data-range").split()]


def _wait_for_points(page: Page) -> None:
    """Until more points have come."""
    page.wait_for_function(
        "(before) => Number(window.chart.dataset.points) > before",
        arg=int(_chart(page).get_attribute("data-points")),
        timeout=TIMEOUT_MS,
    )


def _expose(page: Page) -> None:
    """Gives the page's functions the chart, which is in a shadow tree."""
    _chart(page).evaluate("(root) => { window.chart = root; }")


def _settle(page: Page) -> None:
    """Until the view has stopped moving."""
    page.wait_for_function(
        """() => {
          const { range } = window.chart.dataset;
          const still = window.last === range;
          window.last = range;
          return still;
        }""",
        polling=150,
        timeout=TIMEOUT_MS,
    )


def test_a_zoom_outlives_new_data_and_without_one_the_view_follows(page):
    _expose(page)
    reset = _chart(page).get_by_role("button", name="Reset zoom")
    expect(reset).to_be_hidden()
    first = _range(page)
    _wait_for_points(page)
    page.wait_for_function(
        "(end) => Number(window.chart.dataset.range.split(' ')[1]) > end + 0.9", arg=first[1]
    )

    plot = still(_part(page, "losses"))
    page.mouse.move(plot["x"] + 200, plot["y"] + 60)
    page.mouse.down()
    page.mouse.move(plot["x"] + 400, plot["y"] + 200, steps=3)
    page.mouse.up()
    expect(reset).to_be_visible()
    _settle(page)
    zoomed = _range(page)
    assert zoomed[1] - zoomed[0] < 0.5 * first[1]
    for _ in range(2):
        _wait_for_points(page)
        assert _range(page) == zoomed

    # The same place on the axis of updates (the run makes 12 per second), and back.
    _chart(page).get_by_text("Updates", exact=True).click()
    _settle(page)
    updates = _range(page)
    assert updates[:2] == pytest.approx([12 * x for x in zoomed[:2]], rel=1e-3)
    assert updates[2:] == zoomed[2:]
    _chart(page).get_by_text("Time", exact=True).click()
    _settle(page)
    assert _range(page) == pytest.approx(zoomed, rel=1e-3)

    reset.click()
    expect(reset).to_be_hidden()
    _wait_for_points(page)
    _settle(page)
    assert _range(page)[0] == 0
    assert _range(page)[1] > first[1] + 2


def test_a_palm_that_the_tablet_dismisses_leaves_the_pen_its_drag(page):
    _expose(page)
    box = still(_part(page, "losses"))
    y = box["y"] + box["height"] / 2
    tablet = Tablet(page)
    tablet.touch(1, (box["x"] + 0.9 * box["width"], y))
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=4)
    tablet.cancel()
    page.mouse.up()
    expect(_chart(page).get_by_role("button", name="Reset zoom")).to_be_visible()


def test_values_and_labels(page):
    tip, spoken = _part(page, "tip"), _part(page, "spoken")
    plot = still(_part(page, "losses"))
    page.mouse.move(plot["x"] + 300, plot["y"] + 100)
    for name in ("test bound", "training, Lx + Lz", "reconstruction Lx", "latent Lz"):
        expect(tip).to_contain_text(name)
    heat = still(_part(page, "map"))
    page.mouse.move(heat["x"] + 300, heat["y"] + 9 * 2.5)  # rows are 9 pixels tall
    expect(tip).to_contain_text("step 3 of 16, after ")
    expect(tip).to_contain_text(" nats")

    # The names of the lines do not overlap, and none is wider than its place.
    # All at one moment, because new data may move them at any time.
    labels = _part(page, "losses").locator(".label")
    boxes = labels.evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().toJSON())")
    assert len(boxes) == 6
    tops = sorted(box["y"] for box in boxes)
    assert min(b - a for a, b in pairwise(tops)) >= 16
    assert max(box["x"] + box["width"] for box in boxes) <= plot["x"] + plot["width"]

    # By keyboard: what is pointed at is told, plus zooms, 0 shows everything.
    page.mouse.move(0, 0)
    plots, reset = _part(page, "plots"), _chart(page).get_by_role("button", name="Reset zoom")
    plots.press("ArrowLeft")
    expect(spoken).to_contain_text("test bound")
    plots.press("ArrowDown")
    expect(spoken).to_contain_text("step 1 of 16")
    plots.press("+")
    expect(reset).to_be_visible()
    plots.press("0")
    expect(reset).to_be_hidden()
    _chart(page).get_by_role("checkbox", name="latent").uncheck()
    expect(_part(page, "losses").locator(".label")).to_have_count(5)
    label = _part(page, "lossesCanvas").get_attribute("aria-label")
    assert label.startswith("Nats per image after ")

    # Names of runs are text, whatever they say.
    other = page.locator(".st-key-compare .curves")
    expect(other.locator(".label").filter(has_text=HOSTILE)).to_be_visible()
    expect(other.get_by_role("checkbox", name=HOSTILE)).to_be_checked()
    expect(other.locator("img")).to_have_count(0)
