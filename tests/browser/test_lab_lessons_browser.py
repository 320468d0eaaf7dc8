"""The lessons of the attention lab: mistakes, a riddle, a model that is asked, and its page."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from draw_core.data.drawn.scenes import SCENES, scene
from draw_core.data.intake.intake import fit
from draw_core.families.draw.engine import ENGINE
from tests.support import browser as machine, small
from tests.support.apps import lab as app
from tests.support.lab_page import LabVisitor, assert_close, image_of
from tests.support.tablet import Tablet
from tests.support.visitor import Visitor
from tests.support.windows import by_pytorch


def _wrong(bug: str, eye: tuple, pen: tuple, height: int, width: int, n: int) -> tuple:
    """The windows' filters by the wrong formulas, in loops of their own: F_X, F_Y and the pen's."""

    def rows(g, delta, sigma, length):
        out = np.zeros((n, length))
        for i in range(n):
            index = i if bug == "stride" else i + 1
            mu = g + (index - n / 2 - 0.5) * delta
            variance = (sigma**2) ** 2 if bug == "variance" else sigma**2
            for a in range(length):
                out[i, a] = np.exp(-((a - mu) ** 2) / (2 * variance))
            out[i] /= out[i].sum()
        return out

    def banks(window):
        g_x, g_y, delta, sigma, _ = window
        if bug == "centre":
            g_x = (2 * (g_x + 1) / (width + 1) - 1 + 1) / 2 * width
            g_y = (2 * (g_y + 1) / (height + 1) - 1 + 1) / 2 * height
        if bug == "diagonal":
            g_y = g_x
        return rows(g_x, delta, sigma, width), rows(g_y, delta, sigma, height)

    return *banks(eye), *banks(eye if bug == "head" else pen)


@pytest.mark.parametrize("bug", ["stride", "centre", "variance", "diagonal", "head"])
def test_each_mistake_changes_the_numbers_as_its_formula_says(go, bug):
    lab = go("image=wide&n=5&gx=12&gy=10&delta=1.5&sigma=0.8")
    lab.tab("Bug lab")
    lab.root.get_by_role("button", name="Switch them on yourself").click()
    names = ("fX", "fY", "patch", "back", "penX", "penY")
    right = lab.arrays()
    lab.root.locator(f"[data-bug={bug}]").focus()
    lab.page.keyboard.press("Space")
    expect(lab.part("flag")).to_be_visible()
    expect(lab.root.locator(f"[data-card={bug}]")).to_be_visible()
    arrays = lab.arrays()
    eye, pen, n = lab.window(), lab.window("pen"), arrays["n"]
    f_x, f_y, pen_x, pen_y = _wrong(bug, eye, pen, 24, 40, n)
    image = image_of("wide")[0]
    patch = eye[4] * f_y @ image @ f_x.T
    pen_gamma = (eye if bug == "head" else pen)[4]
    back = pen_y.T @ patch @ pen_x / pen_gamma
    for key, expected in zip(names, (f_x, f_y, patch, back, pen_x, pen_y), strict=True):
        assert_close(arrays[key], expected)
    changed = {key for key in names if not np.allclose(arrays[key], right[key], atol=1e-3)}
    assert changed == ({"back", "penX", "penY"} if bug == "head" else set(names)) - (
        {"fX", "penX"} if bug == "diagonal" else set()
    )
    ghost = lab.drawn("ghost of-read")[:, :2].mean(axis=0)  # where it is meant to be
    np.testing.assert_allclose(ghost, eye[:2], atol=1e-4)
    lab.root.locator(f"[data-bug={bug}]").press("Space")
    expect(lab.part("flag")).to_be_hidden()
    restored = lab.arrays()
    for key in names:
        assert restored[key] == right[key]


def test_riddle_is_asked_answered_and_left_without_a_trace(go):
    lab = go("image=wide&n=5&gx=12&gy=10&delta=1.5&sigma=0.8")
    before, own = lab.arrays(), lab.window()
    lab.tab("Bug lab")
    answer = lab.root.evaluate("(root) => root.lab.bug.id")
    others = {"stride", "centre", "variance", "diagonal", "head"} - {answer}
    wrong = min(others)
    lab.root.locator(f"[data-answer={wrong}]").focus()
    lab.page.keyboard.press("Enter")
    expect(lab.part("bugs")).to_contain_text("Not this one")
    expect(lab.root.locator(f"[data-answer={wrong}]")).to_be_disabled()
    expect(lab.root.locator("[data-card]")).to_have_count(0)
    lab.root.locator(f"[data-answer={answer}]").focus()
    lab.page.keyboard.press("Enter")
    expect(lab.part("bugs")).to_contain_text("Yes: ")
    expect(lab.root.locator(f"[data-card={answer}]")).to_contain_text("right")
    lab.root.get_by_role("button", name="Another riddle").click()
    lab.settle()
    assert lab.root.evaluate("(root) => root.lab.bug.id") != answer
    lab.tab("Look")
    assert lab.arrays() == before | {k: lab.arrays()[k] for k in ("penX", "penY")}
    assert lab.window() == own
    expect(lab.part("flag")).to_be_hidden()


def test_the_model_is_asked_and_matched(go):
    lab = go("image=digit&n=8&gx=13&gy=13&delta=2&sigma=1", reduced_motion="reduce")
    lab.tab("Ask the model")
    lab.root.get_by_role("button", name="Ask it").click()
    step = lab.root.get_by_role("slider", name="Step of the model")
    step.focus()
    before = len(lab.visitor.sent)
    lab.page.keyboard.press("Home")  # the lesson begins in the middle of the run
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    lab.settle()
    assert len(lab.visitor.sent) == before
    g_x, g_y, delta, sigma2, gamma = (float(v) for v in app.asked().read_params[3])
    model = (g_x, g_y, delta, sigma2**0.5, gamma)
    offsets = (np.arange(app.READ_N) - (app.READ_N - 1) / 2) * delta
    points = [(g_x + x, g_y + y, model[3]) for y in offsets for x in offsets]
    np.testing.assert_allclose(lab.drawn("model of-read"), points, atol=1e-4)

    def apart(name):
        return lab.root.locator(f"[data-apart={name}]")

    expect(apart("centre")).to_have_text(f"{np.hypot(13 - g_x, 13 - g_y):.2f}")
    expect(apart("delta")).to_have_text(f"{2 - delta:.2f}".replace("-", "−"))
    expect(apart("error")).to_have_text("needs N = 5 points")
    expect(lab.part("ask")).to_contain_text("begin with “Find it yourself”.")
    lab.root.get_by_role("button", name="Find it yourself").click()
    lab.settle()
    image = image_of("digit")
    theirs = by_pytorch(image, model, app.READ_N)[2]
    mine = by_pytorch(image, lab.window(), app.READ_N)[2]
    error = np.sqrt(np.mean((mine - theirs) ** 2))
    expect(apart("error")).to_have_text(f"{error:.3f}")
    expect(lab.part("ask")).to_contain_text(f"Best so far: {error:.3f}")
    lab.root.get_by_role("button", name="Show me").click()
    lab.settle()
    np.testing.assert_allclose(lab.window(), model, atol=1e-6)
    expect(apart("centre")).to_have_text("0")
    expect(apart("error")).to_have_text("0")


def test_another_picture_ends_the_walk_of_the_models_windows(go):
    lab = go("image=digit")
    lab.tab("Ask the model")
    lab.root.get_by_role("button", name="Ask it").click()
    play = lab.root.locator("[data-act=walk]")
    play.click()
    expect(play).to_contain_text("Pause")
    lab.page.get_by_role("button", name="Another picture").click()
    expect(lab.root.get_by_role("button", name="Scale it to 28×28 and ask")).to_be_visible()
    expect(play).to_have_count(0)


def test_a_picture_of_another_size_is_offered_to_be_scaled(go):
    lab = go("image=photo")
    lab.tab("Ask the model")
    button = lab.root.get_by_role("button", name="Scale it to 28×28 and ask")
    expect(button).to_be_visible()
    expect(lab.part("ask")).to_contain_text("28 × 28 pixels in grey; this one has 100 × 100 in")


def test_the_page_asks_a_real_model_about_a_scaled_picture(home, visit):
    lab = LabVisitor(visit(f"{home}/Attention?image=scene:1&gx=70", has_stage=False))
    bottom = lab.part("sliders").bounding_box()
    assert bottom["y"] + bottom["height"] <= 900  # on one screen
    before = lab.part("matrixX").get_attribute("width")
    lab.tab("Ask the model")
    lab.root.get_by_role("button", name="Scale it to 28×28 and ask").click()
    expect(lab.part("sizeTitle")).to_have_text(": 28 × 28 pixels from 0 to 1")
    expect(lab.root.get_by_role("button", name="Find it yourself")).to_be_visible()
    assert (before, lab.part("matrixX").get_attribute("width")) == ("100", "28")
    # The same place of the picture as before.
    assert lab.window()[0] == pytest.approx(70.5 * 0.28 - 0.5)
    pixels = fit(scene("lake"), 1, 28, 28).copy()
    run = ENGINE.reconstruct(machine.pen(), pixels, small.card().training.binarisation, 0)
    lab.settle()
    shown = lab.drawn("model of-read")
    steps = len(run.film.windows("read").parameters)  # the lesson begins in their middle
    g_x, g_y, _, sigma2, _ = run.film.windows("read").parameters[(steps + 1) // 2 - 1, 0]
    np.testing.assert_allclose(shown.mean(axis=0), [g_x, g_y, sigma2**0.5], atol=1e-4)


@pytest.fixture
def scrolling(chromium: Browser) -> Iterator[Browser]:
    """A browser whose scrollbars take room, as most have."""
    path = machine.find_chromium()
    hidden = ["--hide-scrollbars"]
    browser = chromium.browser_type.launch(executable_path=path, ignore_default_args=hidden)
    yield browser
    browser.close()


def test_lessons_move_nothing_beside_them(home, scrolling):
    """The tallest lesson makes the page scroll, and the digit of "Ask the model" is smaller."""
    context = scrolling.new_context(viewport={"width": 1440, "height": 900})
    lab = LabVisitor(Visitor(context, f"{home}/Attention", has_stage=False))

    def places() -> list[dict]:
        lab.settle()
        parts = ".sight, .frame, .panels, .panels .board, .readout, .slider, .hands"
        return lab.root.locator(parts).evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().toJSON())"
        )

    first = places()
    assert len(first) == 3 + 4 + 1 + 6 + 1
    for tab in ("The formula", "Bug lab", "Ask the model", "Look"):
        lab.tab(tab)
        expect(lab.root.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        if tab == "Ask the model":
            expect(lab.root.get_by_role("button", name="Find it yourself")).to_be_visible()
            main = lab.page.get_by_test_id("stMain")
            assert main.evaluate("e => e.scrollHeight > e.clientHeight")
        for now, before in zip(places(), first, strict=True):
            assert now == pytest.approx(before, abs=0.6), tab
    context.close()


def test_a_digit_can_be_sent_away_and_mistakes_can_be_seen_on_it(home, visit):
    lab = LabVisitor(visit(f"{home}/Attention", has_stage=False))
    lab.tab("Ask the model")
    note = lab.part("ask").locator(".instead")
    expect(note).to_contain_text("The model learned from digits, so it looks at one instead of")
    lab.tab("Bug lab")
    patch = np.array(lab.arrays()["patch"])
    assert patch.std() > 0.03
    bug = lab.root.evaluate("(root) => root.lab.bug.id")
    lab.part("bugs").get_by_role("button", name="Bring it back").click()
    expect(lab.part("sizeTitle")).to_contain_text("100 × 100 pixels")
    expect(lab.part("bugs").locator(".instead")).to_have_count(0)
    assert lab.root.evaluate("(root) => root.lab.bug.id") == bug
    assert np.array(lab.arrays()["patch"]).std() > 0.03
    lab.tab("Ask the model")
    expect(lab.root.get_by_role("button", name="Show it a digit instead")).to_be_visible()
    expect(note).to_have_count(0)


def test_a_picture_chosen_in_the_moment_of_a_report_comes(home, visit):
    """Streamlit sends both in one message then, and runs only the lab."""
    lab = LabVisitor(visit(f"{home}/Attention?image=scene:1&gx=70", has_stage=False))
    first = lab.root.get_attribute("data-painted").partition(":")[0]
    lab.page.get_by_role("button", name="Another picture").click()
    other = lab.page.get_by_role("option", name=list(SCENES)[2])
    expect(other.first).to_be_visible()
    other.first.evaluate(
        """(other, picture) => {
        // The lab renames its picture when it reports; this hears of it before anything is sent.
        const watch = new MutationObserver(() => { watch.disconnect(); other.click(); });
        watch.observe(picture, { attributeFilter: ["aria-label"] });
        picture.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    }""",
        lab.part("picture").element_handle(),
    )
    expect(lab.page.get_by_text("You look at")).to_contain_text(list(SCENES)[2])
    expect(lab.root).not_to_have_attribute("data-painted", re.compile(first))


def test_wrong_numbers_in_the_address_get_a_sentence_each(go):
    lab = go("image=digit&n=1&gx=-4&gy=1e9&delta=0&sigma=2&gamma=x")
    notices = lab.page.get_by_test_id("stAlert")
    for name in ("n", "gy", "delta", "gamma"):
        expect(notices).to_contain_text(f"The address asks for {name} = ")
    expect(notices).not_to_contain_text("gx = ")
    np.testing.assert_allclose(lab.window(), (-4, 13.5, 28 / 25, 2, 1))


def test_fingers(go):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    lab = go("image=digit&n=5&gx=13&gy=13&delta=2&sigma=1", **phone)
    width = lab.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 390
    expect(lab.part("picture")).to_have_css("touch-action", "none")
    touch = lab.page.context.new_cdp_session(lab.page)

    def fingers(kind, *places):
        points = [
            dict(zip("xy", lab.place(*p), strict=True)) | {"id": k} for k, p in enumerate(places)
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (13, 13))
    fingers("touchMove", (15, 13))
    fingers("touchMove", (17, 10))
    fingers("touchEnd")
    lab.settle()
    np.testing.assert_allclose(lab.window()[:2], (17, 10), atol=0.05)
    lab.expect_said("gx=1")
    fingers("touchStart", (12, 10))
    fingers("touchStart", (12, 10), (16, 10))
    fingers("touchMove", (10, 10), (18, 10))
    fingers("touchEnd")
    lab.settle()
    assert lab.window()[2] == pytest.approx(4, rel=0.03)
    assert json.dumps(lab.arrays()["n"]) == "5"
    lab.page.touchscreen.tap(*lab.place(14, 12))
    lab.settle()
    assert lab.root.evaluate("(r) => r.lab.linked.lit") == {"x": 14, "y": 12}


def test_a_pen_takes_the_window_from_the_hand_that_rests_on_the_tablet(go):
    lab = go("image=digit&n=5&gx=13&gy=13&delta=2&sigma=1", has_touch=True)
    tablet = Tablet(lab.page)
    tablet.touch(1, lab.place(14, 14), lab.place(18, 17))
    tablet.pen(lab.place(13, 13), lab.place(11, 12), lab.place(9, 10))
    lab.settle()
    np.testing.assert_allclose(lab.window()[:2], (9, 10), atol=0.05)
    tablet.touch(1, lab.place(4, 4))
    tablet.lift(1)
    lab.settle()
    np.testing.assert_allclose(lab.window()[:3], (9, 10, 2), atol=0.05)
    tablet.touch(1, lab.place(9, 10), lab.place(15, 15))
    tablet.cancel()
    lab.settle()
    np.testing.assert_allclose(lab.window()[:2], (9, 10), atol=0.05)
    tablet.touch(1, lab.place(9, 10), lab.place(12, 11))
    tablet.lift(1)
    lab.settle()
    np.testing.assert_allclose(lab.window()[:2], (12, 11), atol=0.05)
