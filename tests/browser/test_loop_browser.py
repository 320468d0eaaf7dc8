"""The loop in a real Chromium: its numbers are PyTorch's, and keys and pointer do what they say."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from draw_core.families.draw.reconstruct import Reconstruction, reconstruct
from draw_core.film.codecs import BERNOULLI
from tests.support import browser as machine
from tests.support.apps.loop import picture
from tests.support.browser import ROOT, Server
from tests.support.tablet import Tablet
from tests.support.visitor import OVERLAY, Visitor, still

T, SEED = 16, 5
STAGES = ("Error", "Read", "Encode", "Sample", "Decode", "Write", "Add")
PLAIN = {"read_attention": False, "write_attention": False, "num_steps": 1, "channels": 3}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with the loop, for a network with both windows and one with neither."""
    root = tmp_path_factory.mktemp("checkpoints")
    machine.write_checkpoint(root, machine.pen())
    machine.write_checkpoint(root, machine.pen(**PLAIN, height=20), "plain")
    log = tmp_path_factory.mktemp("server") / "log"
    with Server(ROOT / "tests/support/apps/loop.py", log, DRAW_CHECKPOINTS=str(root)) as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


@pytest.fixture(scope="module")
def run() -> Reconstruction:
    """What the page shows, by PyTorch."""
    return _run(SEED)


def _run(seed: int) -> Reconstruction:
    model = machine.pen()
    return reconstruct(model, picture(seed, model.config), "grey", seed)


def _signed(pixels: np.ndarray) -> np.ndarray:
    """The values from -1 to 1 of signed colours: the square of how bright they are."""
    positive = pixels[..., 1] / 235
    negative = pixels[..., 2] / 255
    return np.where(negative > positive, -(negative**2), positive**2)


def _units(pixels: np.ndarray) -> np.ndarray:
    """The values from -1 to 1 of hidden units: the logarithm of 1 + 10,000 |h| is how bright."""
    positive, negative = pixels[..., 1] / 235, pixels[..., 2] / 255
    size = np.expm1(np.maximum(positive, negative) * np.log1p(1e4)) / 1e4
    return np.where(negative > positive, -size, size)


def _contrast(pixels: np.ndarray) -> np.ndarray:
    """To black, as the Web Content Accessibility Guidelines (1.4.11) have it."""
    part = pixels / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return (linear @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.05


def _node(visitor: Visitor, name: str) -> Locator:
    return visitor.stage.locator(f"[data-node={name}]")


def _window(visitor: Visitor, node: str, kind: str) -> dict:
    return _node(visitor, node).locator(f".window.{kind}").evaluate(OVERLAY)


def _expect_stage(visitor: Visitor, stage: int) -> None:
    expect(visitor.stage).to_have_attribute("data-stage", str(stage))


def _number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_windows_have_the_numbers_of_pytorch_at_every_step(visit, url, run):
    visitor = visit(url)
    visitor.press("Home", 0)
    places = [
        ("x", "read", run.film.windows("read").parameters, 3),
        ("error", "read", run.film.windows("read").parameters, 3),
        ("canvas", "write", run.film.windows("write").parameters, 4),
    ]
    for node, kind, _, _ in places:
        expect(_node(visitor, node).locator(f".window.{kind}")).to_be_hidden()
    for t in range(T):
        visitor.press("ArrowRight", t + 1)
        for node, kind, params, n in places:
            shown = _window(visitor, node, kind)
            g_x, g_y, delta, sigma2, _ = params[t, 0]
            offsets = delta * (np.arange(n) - (n - 1) / 2)
            points = [(g_x + i, g_y + j, sigma2**0.5) for j in offsets for i in offsets]
            close = {"atol": 1e-4, "rtol": 0}
            np.testing.assert_allclose(shown["points"], points, **close)
            side = n * delta
            border = [g_x - side / 2, g_y - side / 2, side, side]
            np.testing.assert_allclose(shown["border"], border, **close)
            np.testing.assert_allclose(shown["trail"], params[: t + 1, 0, :2], **close)


def test_pictures_are_the_tensors(visit, url, run):
    visitor = visit(url)
    visitor.press("Home", 0)
    canvases = BERNOULLI.values[run.film.frames()[:, 0, 0]]
    most_read = np.abs(run.read_patches).max()
    most_written = np.abs(run.film.patches("write").values).max()
    assert np.abs(visitor.pixels("x")[..., 0] / 255 - run.x[0]).max() <= 0.51 / 255
    for t in range(T):
        visitor.press("ArrowRight", t + 1)
        error = _signed(visitor.pixels("error"))
        assert np.abs(error - (run.x[0] - canvases[t])).max() <= 1 / 128
        assert np.abs(visitor.pixels()[..., 0] / 255 - canvases[t + 1]).max() <= 0.51 / 255
        of_x, of_error = run.read_patches[t, :, 0] / most_read
        of_x = np.clip(of_x, 0, 1)
        assert np.abs(visitor.pixels("readX")[..., 0] / 255 - of_x).max() <= 0.51 / 255
        assert np.abs(_signed(visitor.pixels("readError")) - of_error).max() <= 1 / 128
        patch = run.film.patches("write").values[t, 0, 0] / most_written
        assert np.abs(_signed(visitor.pixels("patch")) - patch).max() <= 1 / 128
        for ref, state in (("enc", run.h_enc), ("dec", run.h_dec)):
            cells = _units(visitor.pixels(ref)).ravel()
            np.testing.assert_allclose(cells, state[t], rtol=0.03, atol=1e-5)


def test_small_hidden_units_can_be_seen(visit, url, run):
    visitor = visit(url)
    visitor.press("End", T)
    small = 0
    for ref, state in (("enc", run.h_enc), ("dec", run.h_dec)):
        contrast = _contrast(visitor.pixels(ref)).ravel()
        seen = np.abs(state[-1]) >= 0.03
        assert (contrast[seen] >= 3).all()
        small += (seen & (np.abs(state[-1]) < 0.3)).sum()
        order = np.argsort(state[-1][state[-1] > 0])
        assert (np.diff(contrast[state[-1] > 0][order]) >= -0.05).all()
    assert small > 3


def test_latents_are_drawn_where_they_are(visit, url, run):
    visitor = visit(url)
    for t in (0, T - 1):
        visitor.press("Home", 0)
        for step in range(t + 1):
            visitor.press("ArrowRight", step + 1)
        for part, values in (("mu", run.mu), ("z", run.film.vectors("z").values[:, 0])):
            paths = visitor.part("latents").locator(f".{part}").all()
            d = "".join(path.get_attribute("d") for path in paths)
            drawn = {int(float(k)): -float(y) for k, y in re.findall(r"M(\S+) ([^\sh]+)h", d)}
            assert sorted(drawn) == list(range(8))
            shown = [drawn[k] for k in range(8)]
            np.testing.assert_allclose(shown, values[t], atol=1e-4)


def test_sectors_are_as_long_as_their_nats_and_lead_to_their_step(visit, url, run):
    visitor = visit(url)
    kl = run.film.bars("kl").values[:, 0]
    sectors = visitor.part("clock").locator(".sector")
    radii = [float(re.search(r"A(\S+) ", sectors.nth(t).get_attribute("d"))[1]) for t in range(T)]
    np.testing.assert_allclose((np.array(radii) - 40) / 56, kl / kl.max(), atol=1e-4)
    box = still(visitor.part("clock"))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in (7, 1, T):
        angle = (step - 0.5) * 2 * np.pi / T
        radius = 0.3 * box["width"]
        visitor.page.mouse.move(x + radius * np.sin(angle), y - radius * np.cos(angle))
        visitor.expect_painted(step)
        total = f"step {step}: {kl[step - 1]:.2f} nats of {kl.sum():.1f}"
        expect(visitor.part("total")).to_have_text(total)


def test_slow_motion_goes_through_the_seven_stages(visit, url, run):
    visitor = visit(url)
    visitor.press("Home", 0)
    for step in range(1, 6):
        visitor.press("ArrowRight", step)
    before = visitor.pixels("dec")
    visitor.press("s", 5)
    shown, t = {}, 4
    for number, name in enumerate(STAGES, start=1):
        _expect_stage(visitor, number)
        expect(visitor.part("stages").locator("[aria-current=step]")).to_have_text(
            f"{number} {name}"
        )
        assert visitor.stage.locator(".lit").count() >= 1
        kinds = visitor.part("saying").locator("p").evaluate_all("all => all.map(p => p.className)")
        assert kinds == ["plain", "equation", "numbersLine"]
        cells = visitor.part("saying").locator("[data-number]").all()
        shown[name] = {c.get_attribute("data-number"): _number(c.inner_text()) for c in cells}
        # Up to the decoder's stage its node shows the step before, and dimmed.
        arrived = np.array_equal(visitor.pixels("dec"), before)
        assert arrived == (number >= 5)
        assert ("waits" in _node(visitor, "dec").get_attribute("class")) == (number < 5)
        visitor.page.keyboard.press("ArrowRight")
    _expect_stage(visitor, 1)
    visitor.expect_painted(6)
    visitor.press("ArrowLeft", 5)
    _expect_stage(visitor, 7)
    visitor.press("s", 5)
    _expect_stage(visitor, 0)
    expect(visitor.stage.locator(".lit, .waits")).to_have_count(0)

    canvases = BERNOULLI.values[run.film.frames()[:, 0, 0]]
    error = run.x[0] - canvases[t]
    worst = np.unravel_index(np.abs(error).argmax(), error.shape)
    logits = BERNOULLI.logits[run.film.frames()[:, 0, 0]]
    change = canvases[t + 1] - canvases[t]
    most = np.unravel_index(np.abs(change).argmax(), change.shape)
    sigma = np.exp(run.log_sigma[t])
    nats = (run.mu[t] ** 2 + sigma**2 - 2 * run.log_sigma[t] - 1) / 2
    k = int(nats.argmax())
    z = run.film.vectors("z").values[t, 0]

    def window(params: np.ndarray) -> dict[str, float]:
        g_x, g_y, delta, sigma2, gamma = params[t, 0]
        return {"g_x": g_x, "g_y": g_y, "delta": delta, "sigma": sigma2**0.5, "gamma": gamma}

    def unit(state: np.ndarray) -> dict[str, float]:
        most = int(np.abs(state[t] - state[t - 1]).argmax())
        return {"unit": most + 1, "before": state[t - 1, most], "now": state[t, most]}

    expected = {
        "Error": {
            "missing": error.clip(0).sum(),
            "excess": -error.clip(max=0).sum(),
            "error": error[worst],
            "x": run.x[0][worst],
            "painted": canvases[t][worst],
        },
        "Read": window(run.film.windows("read").parameters),
        "Encode": unit(run.h_enc),
        "Sample": {
            "k": k + 1,
            "z": z[k],
            "mu": run.mu[t, k],
            "sigma": sigma[k],
            "eps": (z[k] - run.mu[t, k]) / sigma[k],
            "kl_k": nats[k],
            "kl": run.film.bars("kl").values[t, 0],
        },
        "Decode": unit(run.h_dec),
        "Write": window(run.film.windows("write").parameters),
        "Add": {
            "added": change.clip(0).sum(),
            "taken": -change.clip(max=0).sum(),
            "after": logits[t + 1][most],
            "canvas": logits[t][most],
            "stroke": logits[t + 1][most] - logits[t][most],
        },
    }
    coarse = {"missing", "excess", "added", "taken"}  # shown with one decimal
    for name, numbers in expected.items():
        assert set(shown[name]) == set(numbers)
        for key, value in numbers.items():
            assert abs(shown[name][key] - value) <= (0.0501 if key in coarse else 0.00501), key


def test_a_node_explains_itself_and_in_slow_motion_leads_to_its_stage(visit, url):
    visitor = visit(url)
    visitor.press("End", T)
    saying = visitor.part("saying")
    _node(visitor, "z").hover()
    expect(saying).to_contain_text("8 numbers, the only thing that passes")
    visitor.part("total").hover()
    expect(saying).to_contain_text("The information clock")
    visitor.page.mouse.move(0, 0)
    expect(saying).to_contain_text(f"Step {T}: the network looks at")
    _node(visitor, "dec").focus()
    visitor.page.keyboard.press("Tab")  # on to the next node, as a visitor without a mouse
    expect(saying).to_contain_text("The canvas")
    visitor.part("slow").check()
    _node(visitor, "enc").click()
    _expect_stage(visitor, 3)
    _node(visitor, "write").focus()
    visitor.page.keyboard.press("Enter")
    _expect_stage(visitor, 6)
    visitor.expect_painted(T)


def test_what_is_pointed_at_stays_explained_while_it_plays(visit, url, run):
    visitor = visit(f"{url}/?play=1")
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
        _node(visitor, node).hover()
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
    _node(visitor, "read").hover()
    visitor.press("Home", 0)
    for step in range(1, 4):
        visitor.press("ArrowRight", step)
        g_x = run.film.windows("read").parameters[step - 1, 0, 0]
        shown = saying.locator("[data-number=g_x]")
        expect(shown).to_have_text(f"{g_x:.2f}".replace("-", "\N{MINUS SIGN}"))
    visitor.page.mouse.move(0, 0)
    expect(saying).to_contain_text("Step 3: the network looks at")


def test_a_finger_explains_a_part_until_it_touches_another(visit, url):
    visitor = visit(f"{url}/?play=1", **PHONE)
    saying = visitor.part("saying")
    _node(visitor, "z").tap()
    expect(saying).to_contain_text("The latents")
    step = visitor.painted.step
    expect(visitor.stage).not_to_have_attribute("data-painted", f"{visitor.painted.film}:{step}:0")
    expect(saying).to_contain_text("The latents")
    visitor.part("play").tap()
    visitor.expect_playing(False)
    expect(saying).not_to_contain_text("The latents")


def test_a_cell_of_a_patch_shows_its_place_in_the_picture(visit, url, run):
    visitor = visit(url)
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
        marked = _node(visitor, node).locator(".marked")
        expect(marked).to_have_count(1)
        g_x, g_y, delta, *_ = params[0, 0]
        place = [g_x + (column - (n - 1) / 2) * delta, g_y + (row - (n - 1) / 2) * delta]
        shown = [float(marked.get_attribute(name)) for name in ("cx", "cy")]
        np.testing.assert_allclose(shown, place, atol=1e-4)
        visitor.page.mouse.move(0, 0)
        expect(marked).to_have_count(0)


def test_a_window_goes_to_the_lab_and_the_address_follows(visit, url):
    visitor = visit(url)
    visitor.press("End", T)
    visitor.press("ArrowLeft", T - 1)
    expect(visitor.page).to_have_url(re.compile(rf"seed={SEED}&step={T - 1}$"))
    for kind in ("read", "write"):
        visitor.stage.get_by_role("button", name=f"Take this {kind} window to Attention").click()
        said = f"lab Wish(kind='{kind}', step={T - 1}, id="
        expect(visitor.page.get_by_text(said)).to_be_visible()
    visitor.press("Home", 0)
    expect(visitor.stage.get_by_role("button", name=re.compile("read window"))).to_be_disabled()


def test_scrubbing_sends_nothing_before_it_rests(visit, url):
    visitor = visit(url)
    visitor.part("bars").scroll_into_view_if_needed()
    before = len(visitor.sent)
    visitor.press("End", T)
    visitor.wait_for_report(before)
    mouse = visitor.page.mouse
    mouse.move(*visitor.bar_centre(T))
    mouse.down()
    before = len(visitor.sent)
    for step in [*range(T - 1, -1, -1), *range(1, 8)]:
        mouse.move(*visitor.bar_centre(step))
        visitor.expect_painted(step)
    assert len(visitor.sent) == before
    mouse.up()
    visitor.wait_for_report(before)
    expect(visitor.page.get_by_text("view View(step=7, sample=0)")).to_be_visible()


def test_a_finger_that_scrolls_or_a_palm_leaves_the_step_as_it_was(visit, url):
    visitor = visit(url, has_touch=True)
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


def test_a_second_finger_on_the_clock_lets_it_play_on(visit, url):
    visitor = visit(url, has_touch=True)
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


def test_a_new_run_beside_the_old_one_stays_at_the_step(visit, url, run):
    visitor = visit(f"{url}/?before={SEED}")
    visitor.press("Home", 0)
    for step in range(1, 6):
        visitor.press("ArrowRight", step)
    compare = visitor.part("compare")
    expect(compare).to_contain_text("0.0 px from where it was")
    name = visitor.painted.film
    field = visitor.page.get_by_role("spinbutton", name="Seed")
    field.fill("6")
    field.press("Enter")
    expect(visitor.stage).to_have_attribute("data-painted", re.compile(rf"^(?!{name})\w+:5:0$"))
    visitor.expect_playing(False)
    gaze, old = (r.film.windows("read").parameters[:, 0, :2] for r in (_run(6), run))
    apart = np.hypot(*(gaze - old).T)
    most = int(apart.argmax())
    expect(compare).to_have_text(
        f"At this step the gaze is {apart[4]:.1f} px from where it was; "
        f"it differs most at step {most + 1} ({apart[most]:.1f} px)."
    )
    ghost = _node(visitor, "x").locator(".ghostTrail circle")
    shown = [float(ghost.get_attribute(a)) for a in ("cx", "cy")]
    np.testing.assert_allclose(shown, old[4], atol=1e-4)
    expect(visitor.part("before")).to_be_visible()
    visitor.stage.get_by_label("Before", exact=True).uncheck()
    expect(visitor.part("before")).to_be_hidden()
    expect(ghost).to_be_hidden()


def test_a_new_run_restarts_while_it_plays(visit, url):
    visitor = visit(f"{url}/?play=1")
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


def test_who_wants_no_motion_sees_the_end(visit, url):
    visitor = visit(f"{url}/?play=1", reduced_motion="reduce")
    visitor.expect_painted(T)
    visitor.expect_playing(False)


def test_without_windows_and_with_one_step_on_a_phone(visit, url):
    visitor = visit(f"{url}/?model=plain", **PHONE)
    visitor.press("End", 1)
    expect(visitor.part("saying")).to_contain_text("reads the whole image")
    expect(visitor.stage.locator(".window")).to_have_count(0)
    expect(visitor.part("lab")).to_be_hidden()
    model = machine.pen(**PLAIN, height=20)
    x = reconstruct(model, picture(SEED, model.config), "grey", SEED).x
    shown = visitor.pixels("readX")
    assert shown.shape == (20, 28, 3)
    assert np.abs(shown / 255 - x.transpose(1, 2, 0)).max() <= 0.51 / 255
    expect(visitor.part("clock").locator(".sector")).to_have_count(1)
    visitor.part("slow").check()
    _expect_stage(visitor, 1)
    visitor.part("stages").get_by_role("button", name="6 Write").tap()
    _expect_stage(visitor, 6)
    expect(visitor.part("saying")).to_contain_text("writes on the whole canvas")
    assert visitor.page.evaluate("document.scrollingElement.scrollWidth") <= 390
