"""A visitor trains a network in a real Chromium and sees it learn."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import HOME, Server
from tests.support.visitor import Visitor

# A network of a few thousand parameters; its length is counted in updates, not in seconds: enough
# of them that a fast machine is not done before the visitor has pressed Pause.
LINK = (
    "/Train?preset=one-minute&data=mnist&num_steps=3&z_size=8&enc_size=32&dec_size=32"
    "&steps=2000&seconds=0&threads=1"
)
# Starting the workers and loading PyTorch, on a busy machine.
FIRST_PICTURE_MS, END_MS = 120_000, 180_000


@pytest.fixture
def url(tmp_path: Path, mnist_root: Path) -> Iterator[str]:
    folders = {
        "DRAW_RUNS_DIR": tmp_path / "runs",
        "DRAW_DATA_ROOT": mnist_root,
        "DRAW_CHECKPOINTS": tmp_path / "checkpoints",
    }
    environment = {name: str(path) for name, path in folders.items()}
    with Server(HOME, tmp_path / "log", OMP_NUM_THREADS="1", **environment) as server:
        yield server.url
        text = server.log.read_text()
    assert not re.search(r"traceback|error", text, re.IGNORECASE), text


def bound(text: str) -> float | None:
    found = re.search(r"test bound ([\d.]+) nats", text)
    return float(found[1]) if found else None


def wait_for_bound(visitor: Visitor, below: float) -> float:
    """The first bound on test images that the page shows below a value."""
    status = visitor.page.locator(".st-key-train_status")
    for _ in range(END_MS // 200):
        shown = bound(status.inner_text())
        if shown is not None and shown < below:
            return shown
        visitor.page.wait_for_timeout(200)
    pytest.fail(f"no test bound below {below}: {status.inner_text()}")


@pytest.mark.parametrize(("x", "y"), [(0.02, 0.05), (0.5, 0.6), (0.98, 0.95)])
def test_a_click_anywhere_on_a_card_chooses_it(url, visit, x, y):
    page = visit(f"{url}/Train", has_stage=False).page
    at_rest = page.locator('[data-test-script-state="notRunning"]')
    for key, name in (("train_preset", "Ten minutes"), ("train_data", "Drawn strokes")):
        expect(page.locator(".st-key-train_go button")).to_be_enabled()
        at_rest.wait_for()
        cards = page.locator(f".st-key-{key} [role=radiogroup] > div")
        card = cards.filter(has=page.get_by_role("radio", name=name))
        radio = card.get_by_role("radio")
        expect(radio).not_to_be_checked()
        box = card.bounding_box()
        card.click(position={"x": x * box["width"], "y": y * box["height"]})
        expect(radio).to_be_checked()


def test_a_visitor_trains_a_network_and_sees_it_learn(url, visit):
    visitor = visit(url + LINK, has_stage=False)
    page = visitor.page
    status = page.locator(".st-key-train_status")

    def control(name: str):
        return page.locator(".st-key-train_controls").get_by_role("button", name=name, exact=True)

    page.locator(".st-key-train_go button").click()
    expect(page).to_have_url(re.compile(r"/Train\?run=[\w-]+$"))
    run = page.url
    history = page.evaluate("history.length")
    expect(visitor.stage).to_have_attribute(
        "data-painted", re.compile(r"^\w+:\d+:\d+$"), timeout=FIRST_PICTURE_MS
    )
    first = wait_for_bound(visitor, below=1000)

    # It halts, also for a page that was loaded anew.
    control("Pause").click()
    expect(status).to_contain_text("Paused")
    made = int(re.search(r"update ([\d,]+)", status.inner_text())[1].replace(",", ""))
    page.reload()
    expect(status).to_contain_text("Paused")

    # One update brings other pictures; who looks at step 2 of the third sample stays there.
    visitor.part("cells").locator("button").nth(2).click()
    page.keyboard.press("Home")
    visitor.press("ArrowRight", 1)
    visitor.press("ArrowRight", 2)
    visitor.expect_painted(2, 2)
    before = visitor.painted.film
    control("One update").click()
    expect(status).to_contain_text(f"update {made + 1:,} ")
    expect(visitor.stage).not_to_have_attribute("data-painted", f"{before}:2:2")
    visitor.expect_painted(2, 2)
    visitor.expect_playing(False)

    control("Resume").click()
    expect(status).to_contain_text("Learning")
    last = wait_for_bound(visitor, below=first - 10)
    assert last < first - 10
    expect(status).to_contain_text("Finished", timeout=END_MS)
    assert bound(status.inner_text()) < first - 10

    # Nothing was added to the history, and nobody but this browser may stop or delete it.
    assert page.url == run
    assert page.evaluate("history.length") == history
    other = visit(run)
    expect(other.page.get_by_text("Another visitor's training")).to_be_visible()

    page.get_by_role("link", name="Open in Generate").click()
    expect(page).to_have_url(re.compile(r"/Generate\?model=run%3A"))
    visitor.expect_painted()
