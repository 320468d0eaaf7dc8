"""Generate in a real Chromium: the network paints in the browser, and the server hears nothing."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from draw_core.families.draw.film import film_of
from draw_core.film.codecs import BERNOULLI
from tests.support import browser as machine, small
from tests.support.visitor import Visitor, until

T = 16


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with machine.served(tmp_path_factory.mktemp("app"), mnist_attention=machine.pen()) as url:
        yield url


def _expect_samples(visitor: Visitor, n: int, seed: int, temperature: float, sample: int) -> None:
    """The sample on the Stage is what PyTorch paints."""
    network = machine.pen()
    film = film_of(network.generate(n, small.seeded(seed), temperature))
    name = f"live_{seed}_{n}_{round(100 * temperature)}"
    expect(visitor.stage).to_have_attribute("data-painted", f"{name}:{T}:{sample}")
    expect(visitor.page.locator(".asks")).to_have_attribute("data-busy", "false")
    shown = visitor.pixels("canvas")[..., 0]
    expected = 255 * BERNOULLI.values[film.frames()[T, sample, 0]]
    np.testing.assert_allclose(shown, expected, atol=1.01)


def test_samples_are_painted_as_they_are_asked_for_without_the_server(visit, url):
    visitor = visit(f"{url}/Generate?seed=3&n=4&step={T}", reduced_motion="reduce")
    page = visitor.page
    asks = page.locator(".asks")
    expect(asks).to_have_attribute("data-live", "browser")
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(400)  # so that what the page reports by itself is sent
    visitor.sent.clear()
    asks.get_by_label("Seed").fill("11")
    _expect_samples(visitor, 4, 11, 1.0, 0)
    asks.get_by_label("Samples").fill("40")  # more than are painted at once
    _expect_samples(visitor, 40, 11, 1.0, 0)
    visitor.stage.get_by_role("option").nth(39).click()
    page.mouse.move(1, 1)  # who stays on the samples asks what they look like
    asks.get_by_label("Temperature").focus()
    for _ in range(13):
        page.keyboard.press("ArrowLeft")
    _expect_samples(visitor, 40, 11, 0.35, 39)
    page.wait_for_url(re.compile(r"temperature=0\.35"))
    asked = {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}
    assert asked == {
        "model": "mnist-attention",
        "seed": "11",
        "n": "40",
        "temperature": "0.35",
        "step": str(T),
        "sample": "40",
    }
    before = visitor.painted.film
    page.get_by_role("button", name="New samples").click()
    expect(visitor.stage).not_to_have_attribute("data-painted", re.compile(before))
    expect(asks).to_have_attribute("data-busy", "false")
    assert visitor.sent == []
    # A step is explained when that is asked for; then the server is told what is looked at.
    page.get_by_text("Explain this step").click()
    heading = page.get_by_role("heading", name=f"What happens in step {T} of sample 40")
    expect(heading).to_be_visible()
    seed = asks.get_by_label("Seed").input_value()
    page.wait_for_url(re.compile(rf"seed={seed}\b"))
    again = visit(page.url)  # the address opens the same pictures
    np.testing.assert_allclose(again.pixels("canvas"), visitor.pixels("canvas"), atol=1.01)


def test_a_browser_that_cannot_run_the_network_is_served(visit, url):
    visitor = visit(f"{url}/Generate?n=4", reduced_motion="reduce")
    page = visitor.page
    page.route("**/weights/*", lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.get_by_text("This browser cannot run the network itself")).to_be_visible()
    before = visitor.painted.film
    page.get_by_role("button", name="New samples").click()
    until(page, lambda: visitor.painted.film != before, "no new samples came")
    assert not visitor.painted.film.startswith("live")
