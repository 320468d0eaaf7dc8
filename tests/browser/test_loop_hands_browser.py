"""The loop in a real Chromium: what pointer, fingers and keys do, and when another run comes."""

import re

import numpy as np
from playwright.sync_api import expect

from draw_core.families.draw.engine import ENGINE
from tests.support import browser as machine
from tests.support.apps.loop import picture
from tests.support.loop_page import (
    PHONE,
    PLAIN,
    SEED,
    T,
    expect_stage,
    node_of,
    run_of,
)
from tests.support.tablet import Tablet
from tests.support.visitor import still


def test_a_node_explains_itself_and_in_slow_motion_leads_to_its_stage(visit, loop_url):
    visitor = visit(loop_url)
    visitor.press("End", T)
    saying = visitor.part("saying")
    node_of(visitor, "z").hover()
    expect(saying).to_contain_text("8 numbers, the only thing that passes")
    visitor.part("total").hover()
    expect(saying).to_contain_text("The information clock")
    visitor.page.mouse.move(0, 0)
    expect(saying).to_contain_text(f"Step {T}: the network looks at")
    node_of(visitor, "dec").focus()
    visitor.page.keyboard.press("Tab")  # on to the next node, as a visitor without a mouse
    expect(saying).to_contain_text("The canvas")
    visitor.part("slow").check()
    node_of(visitor, "enc").click()
    expect_stage(visitor, 3)
    node_of(visitor, "write").focus()
    visitor.page.keyboard.press("Enter")
    expect_stage(visitor, 6)
    visitor.expect_painted(T)


def test_what_is_pointed_at_stays_explained_while_it_plays(visit, loop_url, run):
    visitor = visit(f"{loop_url}/?play=1")
    saying = visitor.part("saying")
    parts = {
        "x": "The input",
        "error": "The error image",
        "read": "What is read",
        "enc": "The encoder",
        "z": "The latents",
        "dec": "The decoder",
        "write": "What is written",
        "canvas": "The canvas",
    }
    for node, words in parts.items():
        node_of(visitor, node).hover()
        expect(saying.locator(".lead")).to_have_text(words)
        step = visitor.painted.step
        expect(visitor.stage).not_to_have_attribute(
            "data-painted", f"{visitor.painted.film}:{step}:0"
        )
        expect(saying.locator(".lead")).to_have_text(words)
        visitor.expect_playing(True)
    # The centre of the clock, which leads to no step.
    box = still(visitor.part("clock"))
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(middle[0] + 0.1 * box["width"], middle[1])
    visitor.page.mouse.move(*middle)
    expect(saying.locator(".lead")).to_have_text("The information clock")
    visitor.expect_playing(True)
    visitor.page.keyboard.press("End")
    visitor.expect_painted(T)
    expect(saying).to_contain_text(f"Step {T} sends {run.film.bars('kl').values[-1, 0]:.2f} nats")
    node_of(visitor, "read").hover()
    visitor.press("Home", 0)
    for step in range(1, 4):
        visitor.press("ArrowRight", step)
        g_x = run.film.windows("read").parameters[step - 1, 0, 0]
        shown = saying.locator("[data-number=g_x]")
        expect(shown).to_have_text(f"{g_x:.2f}".replace("-", "\N{MINUS SIGN}"))
    visitor.page.mouse.move(0, 0)
    expect(saying).to_contain_text("Step 3: the network looks at")


def test_a_finger_explains_a_part_until_it_touches_another(visit, loop_url):
    visitor = visit(f"{loop_url}/?play=1", **PHONE)
    saying = visitor.part("saying")
    node_of(visitor, "z").tap()
    expect(saying).to_contain_text("The latents")
    step = visitor.painted.step
    expect(visitor.stage).not_to_have_attribute("data-painted", f"{visitor.painted.film}:{step}:0")
    expect(saying).to_contain_text("The latents")
    visitor.part("play").tap()
    visitor.expect_playing(False)
    expect(saying).not_to_contain_text("The latents")


def test_a_cell_of_a_patch_shows_its_place_in_the_picture(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("Home", 0)
    visitor.press("ArrowRight", 1)
    for ref, node, params, n in (
        ("readError", "error", run.film.windows("read").parameters, 3),
        ("patch", "canvas", run.film.windows("write").parameters, 4),
    ):
        box = visitor.part(ref).bounding_box()
        column, row = n - 1, 1
        x = box["x"] + box["width"] * (column + 0.5) / n
        visitor.page.mouse.move(x, box["y"] + box["height"] * (row + 0.5) / n)
        marked = node_of(visitor, node).locator(".marked")
        expect(marked).to_have_count(1)
        g_x, g_y, delta, *_ = params[0, 0]
        place = [g_x + (column - (n - 1) / 2) * delta, g_y + (row - (n - 1) / 2) * delta]
        shown = [float(marked.get_attribute(name)) for name in ("cx", "cy")]
        np.testing.assert_allclose(shown, place, atol=1e-4)
        visitor.page.mouse.move(0, 0)
        expect(marked).to_have_count(0)


def test_a_window_goes_to_the_lab_and_the_address_follows(visit, loop_url):
    visitor = visit(loop_url)
    visitor.press("End", T)
    visitor.press("ArrowLeft", T - 1)
    expect(visitor.page).to_have_url(re.compile(rf"seed={SEED}&step={T - 1}$"))
    for kind in ("read", "write"):
        visitor.stage.get_by_role("button", name=f"Take this {kind} window to Attention").click()
        said = f"lab Wish(kind='{kind}', step={T - 1}, id="
        expect(visitor.page.get_by_text(said)).to_be_visible()
    visitor.press("Home", 0)
    expect(visitor.stage.get_by_role("button", name=re.compile("read window"))).to_be_disabled()


def test_scrubbing_sends_nothing_and_the_address_hears_when_it_rests(visit, loop_url):
    visitor = visit(loop_url)
    visitor.part("bars").scroll_into_view_if_needed()
    visitor.press("End", T)
    expect(visitor.page).to_have_url(re.compile(f"step={T}"))
    mouse = visitor.page.mouse
    mouse.move(*visitor.bar_centre(T))
    mouse.down()
    before = len(visitor.sent)
    for step in [*range(T - 1, -1, -1), *range(1, 8)]:
        mouse.move(*visitor.bar_centre(step))
        visitor.expect_painted(step)
    expect(visitor.page).to_have_url(re.compile(f"step={T}"))
    mouse.up()
    expect(visitor.page).to_have_url(re.compile("step=7"))
    assert len(visitor.sent) == before


def test_a_finger_that_scrolls_or_a_palm_leaves_the_step_as_it_was(visit, loop_url):
    visitor = visit(loop_url, has_touch=True)
    visitor.press("End", T)
    visitor.part("bars").scroll_into_view_if_needed()
    tablet = Tablet(visitor.page)
    tablet.touch(1, visitor.bar_centre(3), visitor.bar_centre(5))
    visitor.expect_painted(5)
    tablet.cancel()  # the page scrolls
    visitor.expect_painted(T)
    tablet.touch(1, visitor.bar_centre(9))
    visitor.expect_painted(9)
    tablet.touch(2, visitor.bar_centre(2))
    visitor.expect_painted(T)
    tablet.lift(2)
    tablet.lift(1)
    tablet.touch(1, visitor.bar_centre(7))
    visitor.expect_painted(7)
    tablet.pen(visitor.bar_centre(11), visitor.bar_centre(4))
    visitor.expect_painted(4)
    tablet.touch(1, visitor.bar_centre(8))
    tablet.lift(1)
    tablet.touch(1, visitor.bar_centre(12))
    tablet.lift(1)
    visitor.expect_painted(12)


def test_a_second_finger_on_the_clock_lets_it_play_on(visit, loop_url):
    visitor = visit(loop_url, has_touch=True)
    visitor.stage.get_by_role("checkbox", name="Loop").check()
    visitor.part("play").click()
    visitor.part("clock").scroll_into_view_if_needed()
    box = still(visitor.part("clock"))
    right, left = (
        (box["x"] + share * box["width"], box["y"] + box["height"] / 2) for share in (0.8, 0.2)
    )
    visitor.expect_playing(True)
    tablet = Tablet(visitor.page)
    tablet.touch(1, right)
    visitor.expect_playing(False)
    tablet.touch(2, left)
    visitor.expect_playing(True)


def test_a_new_run_beside_the_old_one_stays_at_the_step(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("Home", 0)
    for step in range(1, 6):
        visitor.press("ArrowRight", step)
    expect(visitor.part("before")).to_be_hidden()
    compare = visitor.part("compare")
    name = visitor.painted.film
    field = visitor.page.get_by_role("spinbutton", name="Seed")
    field.fill("6")
    field.press("Enter")
    expect(visitor.stage).to_have_attribute("data-painted", re.compile(rf"^(?!{name})\w+:5:0$"))
    visitor.expect_playing(False)
    gaze, old = (r.film.windows("read").parameters[:, 0, :2] for r in (run_of(6), run))
    apart = np.hypot(*(gaze - old).T)
    most = int(apart.argmax())
    expect(compare).to_have_text(
        f"At this step the gaze is {apart[4]:.1f} px from where it was; "
        f"it differs most at step {most + 1} ({apart[most]:.1f} px)."
    )
    ghost = node_of(visitor, "x").locator(".ghostTrail circle")
    shown = [float(ghost.get_attribute(a)) for a in ("cx", "cy")]
    np.testing.assert_allclose(shown, old[4], atol=1e-4)
    expect(visitor.part("before")).to_be_visible()
    visitor.stage.get_by_label("Before", exact=True).uncheck()
    expect(visitor.part("before")).to_be_hidden()
    expect(ghost).to_be_hidden()


def test_a_new_run_restarts_while_it_plays(visit, loop_url):
    visitor = visit(f"{loop_url}/?play=1")
    visitor.stage.get_by_role("combobox", name="Speed").select_option("0.25")
    visitor.expect_painted(2)
    visitor.page.evaluate(
        """() => {
          const root = [...document.querySelectorAll("*")].map((e) => e.shadowRoot ?? e)
            .map((e) => e.querySelector?.(".stage")).find(Boolean);
          window.seen = [];
          new MutationObserver(() => seen.push(root.dataset.painted))
            .observe(root, { attributeFilter: ["data-painted"] });
        }"""
    )
    name = visitor.painted.film
    field = visitor.page.get_by_role("spinbutton", name="Seed")
    field.fill("6")
    field.press("Enter")
    expect(visitor.stage).not_to_have_attribute("data-painted", re.compile(name))
    visitor.expect_playing(True)
    first = next(p for p in visitor.page.evaluate("seen") if not p.startswith(name))
    assert first.split(":")[1] == "0"


def test_who_wants_no_motion_sees_the_end(visit, loop_url):
    visitor = visit(f"{loop_url}/?play=1", reduced_motion="reduce")
    visitor.expect_painted(T)
    visitor.expect_playing(False)


def test_without_windows_and_with_one_step_on_a_phone(visit, loop_url):
    visitor = visit(f"{loop_url}/?model=plain", **PHONE)
    visitor.press("End", 1)
    expect(visitor.part("saying")).to_contain_text("reads the whole image")
    expect(visitor.stage.locator(".window")).to_have_count(0)
    expect(visitor.part("lab")).to_be_hidden()
    model = machine.pen(**PLAIN, height=20)
    x = ENGINE.reconstruct(model, picture(SEED, model.config), "grey", SEED).x
    shown = visitor.pixels("readX")
    assert shown.shape == (20, 28, 3)
    assert np.abs(shown / 255 - x.transpose(1, 2, 0)).max() <= 0.51 / 255
    expect(visitor.part("clock").locator(".sector")).to_have_count(1)
    visitor.part("slow").check()
    expect_stage(visitor, 1)
    visitor.part("stages").get_by_role("button", name="6 Write").tap()
    expect_stage(visitor, 6)
    expect(visitor.part("saying")).to_contain_text("writes on the whole canvas")
    assert visitor.page.evaluate("document.scrollingElement.scrollWidth") <= 390
