"""The pages behind nginx, below a path and under a name that this machine does not know."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from draw_core.film.montage import encode_row
from tests.support import browser as machine
from tests.support.browser import HOME, Server
from tests.support.proxy import NAME, Nginx, find_nginx
from tests.support.visitor import Visitor
from tests.ui.test_unnamed_picture import GREY, LOST

PATH = "draw"
PAGES = ("Generate", "Reconstruct", "Attention", "Compare", "Paper", "Train")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the program behind nginx."""
    nginx = find_nginx()
    if nginx is None and "DRAW_REQUIRE_NGINX" not in os.environ:
        pytest.skip("no nginx on this machine")
    assert nginx, "DRAW_REQUIRE_NGINX is set, but there is no nginx"
    folder = tmp_path_factory.mktemp("nginx")
    machine.write_checkpoint(folder / "checkpoints", machine.pen())
    environment = {
        "DRAW_CHECKPOINTS": str(folder / "checkpoints"),
        "DRAW_RUNS_DIR": str(folder / "runs"),
    }
    with (
        Server(HOME, folder / "log", path=PATH, **environment) as server,
        Nginx(nginx, server.url, folder) as proxy,
    ):
        yield f"http://{NAME}:{proxy.port}/{PATH}"


@pytest.fixture(scope="module")
def named(home: str) -> Iterator:
    """A browser that finds the name on this machine."""
    path = machine.find_chromium()
    if path is None and "DRAW_REQUIRE_BROWSER" not in os.environ:
        pytest.skip("no Chromium on this machine")
    rule = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[rule])
        yield browser
        browser.close()


@pytest.fixture
def context(named) -> Iterator[BrowserContext]:
    """A fresh context; nothing may be asked for outside the path."""
    context = named.new_context(viewport={"width": 1440, "height": 900})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context
    context.close()
    outside = [url for url in asked if not _is_inside(url)]
    assert len(asked) > 5
    assert outside == []


def _is_inside(url: str) -> bool:
    parts = urlsplit(url)
    local = parts.hostname == NAME and parts.path.startswith(f"/{PATH}/")
    return local or parts.scheme in ("blob", "data")


def test_every_page_opens_by_its_link_and_by_its_address(context, home):
    visitor = Visitor(context, f"{home}/?embed=true&embed_options=show_padding")
    page = visitor.page
    before = page.get_by_role("heading", level=1).text_content()
    for name in PAGES:
        page.locator(".st-key-navigation").get_by_role("link", name=name).click()
        page.wait_for_url(lambda url, name=name: urlsplit(url).path == f"/{PATH}/{name}")
        # How the page is embedded goes along.
        assert "embed=true&embed_options=show_padding" in page.url
        # The heading of the page before it is gone, and its own is there.
        expect(page.get_by_role("heading", level=1, name=before)).to_have_count(0, timeout=60_000)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_visible(timeout=60_000)
        before = heading.text_content()
    page.goto(f"{home}/Paper?figure=4")
    link = page.get_by_role("link", name="Attention").last
    expect(link).to_be_visible()
    for link in page.get_by_role("link").all():
        target = link.evaluate("(element) => element.href")
        assert target.startswith(f"{home}/") or "://arxiv.org/" in target or "#" in target, target
    assert visitor.complaints == []


def test_a_permalink_and_an_upload_go_through(context, home, tmp_path):
    visitor = Visitor(context, f"{home}/Generate?seed=3&n=4&step=5&sample=2&utm_source=class")
    visitor.expect_painted(5, 1)
    page = visitor.page
    page.get_by_role("button", name="New samples").click()
    page.wait_for_url(lambda url: "seed=" in url and "seed=3&" not in url)
    assert "utm_source=class" in page.url
    (tmp_path / "grey.png").write_bytes(encode_row(GREY.pixels[None]))
    page.goto(f"{home}/Attention")
    page.get_by_role("button", name="Another picture").click()
    page.get_by_text("Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "grey.png")
    expect(page.get_by_text("You look at your upload.")).to_be_visible()
    page.wait_for_url("**image=unnamed**")
    page.reload()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.wait_for_url("**image=scene**")
    page.reload()
    expect(page.get_by_text("You look at")).to_be_visible()
    expect(page.get_by_text(LOST)).to_have_count(0)
    assert visitor.complaints == []
