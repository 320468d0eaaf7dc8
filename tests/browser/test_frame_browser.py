"""What all pages share in Chromium: navigation, skip link, room, paper, forced colours."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks.shift import SHIFTS, largest_window
from tests.support import browser as machine
from tests.support.browser import HOME, Server
from ui.kit.page import HOME as WATCH, PAGES
from ui.paper.choice import CLASSIFIER
from ui.paper.contents import CONTENTS

SLOWER = 4  # times, of a browser that has much else to do
LABELS = [WATCH.label, *(page.label for page in PAGES)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("frame")
    machine.write_checkpoint(folder / "checkpoints", machine.pen())
    for name in (CLASSIFIER, "cluttered-baseline"):
        shutil.copytree(HOME.parent / "checkpoints" / name, folder / "checkpoints" / name)
    settings = {"DRAW_CHECKPOINTS": str(folder / "checkpoints"), "DRAW_RUNS_DIR": str(folder)}
    with Server(HOME, folder / "log", **settings) as server:
        yield server.url


@pytest.fixture
def new_page(chromium) -> Iterator:
    contexts = []

    def made(width: int, height: int = 900, **options) -> Page:
        contexts.append(
            chromium.new_context(viewport={"width": width, "height": height}, **options)
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        return page

    yield made
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(new_page, url) -> Callable:
    def opened(address: str, width: int, height: int = 900, **options) -> Page:
        page = new_page(width, height, **options)
        page.goto(f"{url}/{address}")
        wait_for_all(page)
        return page

    return opened


def wait_for_all(page: Page) -> None:
    """Until a page has assembled."""
    page.locator("[aria-current=page]").wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.locator(".stage[data-painted], .lab").first.wait_for()


def test_the_navigation_says_which_page_is_shown(open_page):
    page = open_page("Generate", 390)
    navigation = page.get_by_role("navigation", name="Pages")
    current = navigation.locator("[aria-current=page]")
    expect(current).to_contain_text("Generate")
    navigation.get_by_role("link", name="Paper").click()
    expect(current).to_contain_text("Paper")
    tops = navigation.get_by_role("link").evaluate_all(
        "(links) => links.map((link) => Math.round(link.getBoundingClientRect().top))"
    )
    assert len(tops) == len(LABELS)
    assert len(set(tops)) == 1  # one row
    expect(current.locator("p")).to_be_in_viewport(
        ratio=1
    )  # scrolled there: it is the last of seven


def test_the_skip_link_leads_behind_the_navigation(open_page):
    page = open_page("", 1440)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('.st-key-content')")
    page.keyboard.press("Tab")
    inside = "(root) => !root.querySelector('.st-key-navigation').contains(document.activeElement)"
    assert page.locator(".stMain").evaluate(inside)
    assert page.evaluate("document.activeElement.matches('.st-key-content *')")


def test_a_key_after_a_click_frames_no_page(open_page):
    page = open_page("", 1440)
    frame = "getComputedStyle(document.querySelector('.stMain'), '::before').display"
    page.mouse.click(1430, 500)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.matches('.stMain:focus-visible')")
    assert page.evaluate(frame) == "none"
    page.keyboard.press("Tab")  # whoever goes by keys sees where they are
    assert page.evaluate(frame) != "none"


def test_nothing_is_cut_at_any_width(open_page):
    page = open_page("", 320, 640)
    cut = """() => [...document.querySelectorAll(".stPageLink p, .stPageLink a")]
      .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"""
    wide = """() => { const main = document.querySelector(".stMain");
      return main.scrollWidth - main.clientWidth; }"""
    for width in (320, 390, 540, 640, 700, 768, 860, 1024, 1280, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 60)))")
        assert page.evaluate(cut) == [], width
        assert page.evaluate(wide) <= 0, width


@pytest.mark.parametrize("address", ["Generate", "Reconstruct", "Compare", "Paper?figure=1"])
def test_players_fit_the_smallest_phone(open_page, address):
    page = open_page(address, 320, 640, has_touch=True)
    main = page.locator(".stMain")
    assert main.evaluate("(main) => main.scrollWidth - main.clientWidth") <= 0


def test_the_stage_uses_a_wide_screen(open_page):
    room = "(e) => e.getBoundingClientRect().width"
    sizes = {}
    for width, height in ((1440, 900), (1920, 1080), (2560, 1440)):
        page = open_page("", width, height)
        sizes[width] = page.locator(".stage .picture").evaluate(room)
        assert page.locator(".stage [data-ref=play]").bounding_box()["y"] < height
        lines = page.locator(".st-key-content > .stElementContainer p")
        assert lines.first.evaluate(room) <= 1416 * 22 / 16
    assert sizes[1920] > 1.2 * sizes[1440]
    assert sizes[2560] > 1.2 * sizes[1920]


@pytest.mark.parametrize(
    ("address", "width", "late", "until"),
    [
        ("", 390, "Html", ".stage[data-painted]"),  # the style comes when the page is whole
        ("", 1440, "Html", ".stage[data-painted]"),
        ("Generate", 390, "Html", ".stage[data-painted]"),
        ("Compare", 390, "Html", ".stage[data-painted]"),
        ("Paper?figure=5", 390, "Html", ".stage[data-painted]"),
        ("", 390, "BidiComponent", ".st-key-cards"),  # components come when all words are there
        ("Paper?figure=5", 390, "BidiComponent", ".st-key-paper_words"),
    ],
)
def test_a_page_does_not_jump_while_it_assembles(new_page, url, address, width, late, until):
    page = new_page(width)
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(f"**/static/js/{late}.*.js", hold)
    page.goto(f"{url}/{address}")
    page.locator(until).first.wait_for(state="attached")
    for route in waiting:
        route.continue_()
    page.unroute_all()
    assert waiting
    wait_for_all(page)
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 50)))")
    assert largest_window(page.evaluate("window.shifts")) <= 0.1


def test_words_stand_even_where_the_style_never_comes(new_page, url):
    page = new_page(390)
    page.clock.install()
    page.route("**/static/js/Html.*.js", lambda route: route.abort())
    page.goto(url)
    page.locator("[aria-current=page]").wait_for(state="attached")
    expect(page.locator("h1")).not_to_be_in_viewport()
    page.clock.fast_forward(20_000)
    expect(page.locator("h1")).to_be_in_viewport()


def test_the_menu_covers_nothing_on_a_phone(open_page):
    page = open_page("", 390)
    menu = page.get_by_test_id("stMainMenuButton")
    expect(menu).to_be_visible()
    page.locator(".stMain").evaluate("(main) => main.scrollTo(0, 300)")
    expect(menu).to_be_hidden()
    page.locator(".stMain").evaluate("(main) => main.scrollTo(0, 0)")
    expect(menu).to_be_visible()


def test_the_contents_of_the_paper_are_one_row_on_a_phone(new_page, url):
    page = new_page(390, has_touch=True)
    page.goto(f"{url}/Paper?figure=12")
    contents = page.get_by_role("navigation", name="Figures and tables of the paper")
    chosen = contents.locator("[aria-selected=true]")
    chosen.wait_for()
    expect(chosen).to_be_in_viewport(ratio=1)
    boxes = [button.bounding_box() for button in contents.locator("button").all()]
    middles = [round(box["y"] + box["height"] / 2) for box in boxes]
    assert len(middles) == 2 + len(CONTENTS)
    assert len(set(middles)) == 1


def test_cards_are_equally_high(open_page):
    page = open_page("", 1440)
    heights = page.locator(".st-key-cards > *").evaluate_all(
        "(all) => all.map((e) => Math.round(e.firstElementChild.getBoundingClientRect().height))"
    )
    assert len(heights) == len(PAGES)
    assert len(set(heights)) == 1


def test_paper_has_all_of_a_page_and_no_controls(open_page):
    page = open_page("", 1440, color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    for gone in (".st-key-navigation", ".stage .buttons", ".stage .switches", ".stAppHeader"):
        expect(page.locator(gone).first).to_be_hidden()
    for shown in ("h1", ".stage .picture", ".stage .montage", ".stage .bars"):
        expect(page.locator(shown).first).to_be_visible()
    dark = "(e) => getComputedStyle(e).color"
    assert page.locator("h1").evaluate(dark) == "rgb(24, 24, 27)"
    assert page.locator(".stage").evaluate(dark) == "rgb(24, 24, 27)"
    assert page.locator(".stMain").evaluate("(e) => getComputedStyle(e).overflow") == "visible"


def test_colours_of_the_system_tell_on_from_off(open_page):
    page = open_page("", 1440, forced_colors="active")
    on, off = page.locator(".stage .chip:has(:checked)"), page.locator(".stage .chip")
    back = "(e) => getComputedStyle(e).backgroundColor"
    assert on.first.evaluate(back) != off.filter(has_not=page.locator(":checked")).first.evaluate(
        back
    )
    bar = "(e) => getComputedStyle(e, '::before').backgroundColor"
    paper = page.locator("body").evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert page.locator(".stage .bar").nth(3).evaluate(bar) != paper
