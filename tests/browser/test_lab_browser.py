"""The attention lab in a real Chromium: its numbers against PyTorch, and what hands can do."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from draw_core.data.drawn.scenes import SCENES, scene
from draw_core.data.intake.intake import fit
from draw_core.families.draw.reconstruct import reconstruct
from tests.support import browser as machine, small, visitor as visiting
from tests.support.apps import lab as app
from tests.support.browser import ROOT, Server
from tests.support.tablet import Tablet
from tests.support.visitor import Visitor
from tests.support.windows import by_pytorch

APP = ROOT / "tests" / "support" / "apps" / "lab.py"
ARRAYS = """
(root) => {
  const { look, n } = root.lab;
  const list = (array) => [...array];
  return {
    n, channels: look.channels, height: look.height, width: look.width,
    fX: list(look.eyeX), fY: list(look.eyeY), penX: list(look.penX), penY: list(look.penY),
    patch: list(look.patch), back: list(look.back), lost: list(look.lost),
    coverage: list(look.coverage),
  };
}
"""
POINTS = """
(group) => {
  const [x, y] = group.querySelector(".body").getAttribute("transform")
    .match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
  const circles = group.querySelector(".points").getAttribute("d").slice(1).split("M");
  return circles.map((circle) => {
    const [left, top, r] = circle.match(/-?[\\d.]+(e-?\\d+)?/g).map(Number);
    return [x + left + r, y + top, r];
  });
}
"""


def assert_close(actual, expected) -> None:
    """Within 1e-4; for values above 1, within 1e-4 of the value."""
    expected = np.asarray(expected).ravel()
    error = np.abs(np.asarray(actual).ravel() - expected) / np.maximum(1, np.abs(expected))
    assert error.max() <= 1e-4


# --- The lab on a page ---


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Server(APP, tmp_path_factory.mktemp("lab") / "log") as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


class LabVisitor:
    """A visitor of the lab, with what tests ask of it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.root = visitor.page.locator(".lab")
        self.page.set_default_timeout(visiting.TIMEOUT_MS)
        expect(self.root).to_have_attribute("data-painted", re.compile(r"^\w+:\d+$"))

    def part(self, ref: str):
        return self.root.locator(f"[data-ref={ref}]")

    def settle(self) -> None:
        """Until everything that was asked for is drawn."""
        self.root.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")

    def arrays(self) -> dict:
        self.settle()
        return self.root.evaluate(ARRAYS)

    def window(self, which: str = "eye") -> tuple:
        w = self.root.evaluate(f"(root) => root.lab.{which}")
        return w["gX"], w["gY"], w["delta"], w["sigma"], w["gamma"]

    def drawn(self, kind: str = "read") -> np.ndarray:
        self.settle()
        return np.array(self.root.locator(f"[data-kind='{kind}']").evaluate(POINTS))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel's centre is on the screen."""
        box = self.part("picture").bounding_box()
        zoom, margin = self.root.evaluate("(root) => [root.lab.zoom, root.lab.margin]")
        return box["x"] + (x + 0.5 + margin) * zoom, box["y"] + (y + 0.5 + margin) * zoom

    def drag(self, start: tuple, *stops: tuple, release: bool = True) -> None:
        self.page.mouse.move(*self.place(*start))
        self.page.mouse.down()
        for stop in stops:
            self.page.mouse.move(*self.place(*stop), steps=4)
        if release:
            self.page.mouse.up()

    def tab(self, name: str) -> None:
        self.root.get_by_role("tab", name=name).click()

    def query(self) -> dict:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def expect_reported(self, text: str) -> None:
        expect(self.page.get_by_text(re.compile(rf"^reported .*{text}"))).to_be_visible()


@pytest.fixture
def go(visit, url):
    def open_lab(query: str, **options) -> LabVisitor:
        return LabVisitor(visit(f"{url}/?{query}", has_stage=False, **options))

    return open_lab


def _pixels(lab: LabVisitor, ref: str) -> np.ndarray:
    image = lab.part(ref).evaluate(visiting.PIXELS)
    data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3].astype(int)


def _shown(weight: float) -> str:
    return f"{weight:.2f}" if weight >= 0.1 else f"{weight:.2g}"


def _image(name: str) -> np.ndarray:
    return app.picture(name).pixels / 255


@pytest.mark.parametrize("name", ["photo", "wide"])
def test_what_is_drawn_is_what_pytorch_computes(go, name):
    window = (17.25, 11.5, 1.7, 0.9, 1.3)
    lab = go(f"image={name}&n=7&gx=17.25&gy=11.5&delta=1.7&sigma=0.9&gamma=1.3")
    image = _image(name)
    f_x, f_y, patch, back, covered = by_pytorch(image, window, 7)
    arrays = lab.arrays()
    for key, expected in (("fX", f_x), ("fY", f_y), ("patch", patch), ("back", back)):
        assert_close(arrays[key], expected)
    assert_close(arrays["coverage"], covered)
    assert_close(arrays["lost"], (image - back).mean(axis=0))

    offsets = (np.arange(1, 8) - 3.5 - 0.5) * 1.7  # eqs 19, 20
    points = [(17.25 + x, 11.5 + y, 0.9) for y in offsets for x in offsets]
    np.testing.assert_allclose(lab.drawn(), points, atol=1e-4, rtol=0)

    def bytes_of(values, white=1.0):
        colours = values if len(values) == 3 else np.repeat(values.mean(axis=0)[None], 3, axis=0)
        return (255 * (colours / white).clip(0, 1)).transpose(1, 2, 0)

    def same(ref, expected):
        assert np.abs(_pixels(lab, ref) - expected).max() <= 0.51

    same("image", bytes_of(image))
    white = float(lab.part("patchWhite").inner_text())
    assert white == 1 or white >= patch.max() > 1
    same("patch", bytes_of(patch, white))
    white = float(lab.part("backWhite").inner_text())
    assert back.max() <= white < 10 * back.max()
    same("back", bytes_of(back, white))
    most = max(f_x.max(), f_y.max())
    same("matrixX", bytes_of(f_x[None], most))
    same("matrixY", bytes_of(f_y.T[None], most))
    same("coverage", bytes_of(np.sqrt(covered)[None], np.sqrt(covered.max())))
    lost = _pixels(lab, "lost")
    mean = (image - back).mean(axis=0)
    assert (lost[mean > 0.01][:, 1] > lost[mean > 0.01][:, 2]).all()  # green is missing
    assert (lost[mean < -0.01][:, 2] > lost[mean < -0.01][:, 1]).all()  # violet is too much


def test_dragging_moves_the_window_as_far_as_the_hand_and_sends_nothing(go):
    lab = go("image=photo&n=12&gx=50&gy=50&delta=5&sigma=2&other=kept")
    before = len(lab.visitor.sent)
    lab.drag((40, 60), (52, 60), (47, 51), release=False)
    lab.settle()
    np.testing.assert_allclose(lab.window(), (57, 41, 5, 2, 1), atol=1e-4)
    lab.page.mouse.move(*lab.place(60, 55), steps=30)
    np.testing.assert_allclose(lab.window()[:2], (70, 45), atol=1e-4)
    assert_close(lab.arrays()["patch"], by_pytorch(_image("photo"), lab.window(), 12)[2])
    assert len(lab.visitor.sent) == before
    assert "gx=50" in lab.page.url
    lab.page.mouse.up()
    lab.expect_reported(r"g_x=70\.0.*g_y=45\.0")
    assert lab.query() == {
        "image": "photo", "n": "12", "gx": "70", "gy": "45", "delta": "5", "sigma": "2",
        "gamma": "1", "other": "kept",
    }  # fmt: skip
    other = go(urlsplit(lab.page.url).query)
    np.testing.assert_allclose(other.window(), lab.window())


def test_handles_change_the_stride_and_the_spread(go):
    lab = go("image=photo&n=10&gx=50&gy=50&delta=4&sigma=2")
    corner = lab.root.locator("[data-kind=read] .corner").nth(3)
    x, y = (float(corner.get_attribute(k)) + float(corner.get_attribute("width")) / 2 for k in "xy")
    lab.drag((x, y), (x + 5, y + 5))
    lab.settle()
    np.testing.assert_allclose(lab.window(), (50, 50, 5, 2, 1), atol=1e-4)  # 5 pixels on each side
    ring = lab.root.locator("[data-kind=read] .spread")
    x, y = (float(ring.get_attribute(k)) for k in ("cx", "cy"))
    lab.drag((x, y), (x + 3, y))
    lab.settle()
    np.testing.assert_allclose(lab.window(), (50, 50, 5, 5, 1), atol=1e-4)
    lab.page.mouse.wheel(0, 200)
    lab.expect_reported("sigma=3.7")
    assert lab.window()[3] == pytest.approx(5 * 1.0015**-200, abs=1e-4)


def test_keys_alone_do_everything_to_the_window(go):
    lab = go("image=digit&n=5&gx=10&gy=10&delta=2&sigma=1")
    keys = lab.page.keyboard
    for _ in range(60):
        keys.press("Tab")
        if lab.root.evaluate("(r) => r.getRootNode().activeElement?.dataset.ref") == "picture":
            break
    expect(lab.part("picture")).to_be_focused()
    for key in ["ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowLeft", "Shift+ArrowDown"]:
        keys.press(key)
    np.testing.assert_allclose(lab.window()[:2], (11.9, 9.1), atol=1e-9)
    for key in ["+", "+", "-", "]", "[", "["]:
        keys.press(key)
    np.testing.assert_allclose(lab.window()[2:4], (2 * 1.05, 1 / 1.05), atol=1e-9)
    lab.expect_reported(r"g_x=11\.9")
    assert lab.query()["gx"] == "11.9"
    for name, key, param in (
        ("Centre across", "ArrowRight", "gX"), ("Centre down", "ArrowLeft", "gY"),
        ("Stride", "ArrowRight", "delta"), ("Spread", "ArrowLeft", "sigma"),
        ("Intensity", "ArrowRight", "gamma"), ("Points per side", "ArrowLeft", "n"),
    ):  # fmt: skip
        read = f"(root) => root.lab.eye.{param} ?? root.lab.n"
        slider = lab.root.get_by_role("slider", name=name)
        before = lab.root.evaluate(read)
        slider.focus()
        keys.press(key)
        change = lab.root.evaluate(read) - before
        assert change > 0 if key == "ArrowRight" else change < 0


def test_the_pen_may_have_its_own_window(go):
    lab = go("image=digit&n=4&gx=9&gy=9&delta=2&sigma=1")
    chip = lab.root.get_by_label("Write through a window of its own")
    chip.focus()
    lab.page.keyboard.press("Space")
    lab.settle()
    pen = lab.window("pen")
    lab.drag(pen[:2], (pen[0] + 4, pen[1] + 6))
    lab.settle()
    moved = lab.window("pen")
    np.testing.assert_allclose(moved[:2], (pen[0] + 4, pen[1] + 6), atol=1e-4)
    np.testing.assert_allclose(lab.window()[:2], (9, 9))
    expected = by_pytorch(_image("digit"), lab.window(), 4, moved)
    assert_close(lab.arrays()["patch"], expected[2])
    assert_close(lab.arrays()["back"], expected[3])
    np.testing.assert_allclose(lab.drawn("write")[:, :2].mean(axis=0), moved[:2], atol=1e-4)
    chip.press("Space")
    assert_close(lab.arrays()["back"], by_pytorch(_image("digit"), lab.window(), 4)[3])


# --- Linked pointing ---


def test_a_cell_lights_its_filters_and_its_pixels(go):
    lab = go("image=wide&n=6&gx=20&gy=12&delta=3&sigma=1.2")
    lab.part("patchBoard").focus()
    for key in ["ArrowRight"] * 9 + ["ArrowLeft", "ArrowUp"]:
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.root.evaluate("(r) => r.lab.linked.lit") == {"i": 4, "j": 1}
    f_x, f_y, patch, *_ = by_pytorch(_image("wide"), (20, 12, 3, 1.2, 1), 6)
    weights = f_y[1][:, None] * f_x[4]
    y, x = np.unravel_index(weights.argmax(), weights.shape)
    expect(lab.part("readout")).to_contain_text(
        f"i = 5, j = 2 reads {patch[0, 1, 4]:.2f}. Its heaviest pixel is x {x}, y {y}"
    )
    expect(lab.part("readout")).to_contain_text(f"{_shown(f_y[1, y])} × FX {_shown(f_x[4, x])}")
    alpha = lab.part("imageLight").evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          return [...data].filter((_, k) => k % 4 === 3);
        }"""
    )
    share = weights / weights.max()
    expected = np.where(share < 0.004, 0, 40 + 190 * np.sqrt(share))
    assert np.abs(np.array(alpha).reshape(24, 40) - expected).max() <= 0.51
    row = lab.part("rowX").evaluate("(i) => [i.style.top, i.style.height]")
    np.testing.assert_allclose([float(v[:-1]) for v in row], [100 * 4 / 6, 100 / 6], atol=1e-3)
    lit = lab.root.locator(".lit")
    np.testing.assert_allclose(
        [float(lit.get_attribute(k)) for k in ("cx", "cy")], [20 + 1.5 * 3, 12 - 1.5 * 3], atol=1e-4
    )
    lab.page.keyboard.press("Escape")
    expect(lab.part("imageLight")).to_be_hidden()


def test_a_pixel_lights_the_cells_that_it_feeds(go):
    lab = go("image=digit&n=6&gx=13&gy=13&delta=2&sigma=1")
    lab.page.mouse.move(*lab.place(12, 15))
    expect(lab.part("patchLight")).to_be_visible()
    f_x, f_y, *_ = by_pytorch(_image("digit"), (13, 13, 2, 1, 1), 6)
    weights = f_y[:, 15][:, None] * f_x[:, 12]
    j, i = np.unravel_index(weights.argmax(), weights.shape)
    words = f"feeds {(weights >= 0.001).sum()} cells, most of all i = {i + 1}, j = {j + 1}"
    expect(lab.part("readout")).to_contain_text(words)
    expect(lab.part("readout")).to_contain_text(
        f"with {_shown(weights.max())}; {_shown(weights.sum())}"
    )
    lab.part("coverageBoard").focus()
    lab.page.keyboard.press("ArrowDown")
    lab.settle()
    assert lab.root.evaluate("(r) => r.lab.linked.lit") == {"x": 12, "y": 16}


# --- Lessons ---


def test_presets_lie_where_they_say(go):
    lab = go("image=photo", reduced_motion="reduce")
    lab.root.get_by_role("button", name="Outside").click()
    expect(lab.part("presetNotice")).to_contain_text("still sums to 1")
    arrays = lab.arrays()
    f_x = np.reshape(arrays["fX"], (arrays["n"], 100))
    np.testing.assert_allclose(f_x.sum(axis=1), 1, atol=1e-9)
    assert (f_x.argmax(axis=1) == 99).all()
    for name in ("Small stride, wide spread", "Large stride, narrow spread", "Both large"):
        lab.root.get_by_role("button", name=name).click()
        assert lab.arrays()["n"] == 12
        _, _, delta, sigma, _ = lab.window()
        assert (delta > 5) == name.startswith(("Large", "Both"))
        assert (sigma > 5) == name.startswith(("Small", "Both"))
    lab.root.get_by_role("button", name="Zoom").click()
    assert lab.window()[2] < 1.5
    lab.expect_reported("Window")


def test_the_window_glides_to_a_preset_and_stops_there(go):
    lab = go("image=photo&n=12&gx=20&gy=20&delta=1&sigma=1")
    lab.root.get_by_role("button", name="Blur").click()
    lab.expect_reported(r"g_x=49\.5.*delta=9\.0, sigma=30")
    assert lab.query()["sigma"] == "30"


def test_formula_has_the_numbers_of_the_moment(go):
    lab = go("image=wide&n=6&gx=20&gy=12&delta=3&sigma=1.2&gamma=2")
    lab.tab("The formula")

    def number(name):
        return lab.root.locator(f"[data-f={name}]").first

    for name, text in {
        "gx0": "20.00", "gx1": "21.00", "half": "3", "delta": "3.00", "fromX": "12.50",
        "toX": "27.50", "fromY": "4.50", "toY": "19.50", "twoVariance": "2.88",
        "shapeY": "6×24", "shapeImage": "24×40", "shapeX": "40×6",
        "rawX": f"{2 * 21 / 41 - 1:.3f}"[:5], "rawGamma": f"{np.log(2):.2f}",
        "rawDelta": f"−{-np.log(3 / (39 / 5)):.2f}", "rawSigma": f"{2 * np.log(1.2):.2f}",
        "halfWidth": "20.50", "unit": "7.80",
    }.items():  # fmt: skip
        expect(number(name)).to_have_text(text)


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
    image = _image("wide")[0]
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
    image = _image("digit")
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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, with one model."""
    root = tmp_path_factory.mktemp("checkpoints")
    machine.write_checkpoint(root, machine.pen())
    log = tmp_path_factory.mktemp("page") / "log"
    with Server(machine.HOME, log, DRAW_CHECKPOINTS=str(root)) as server:
        yield server.url
    assert not re.search(r"traceback|error", log.read_text(), re.IGNORECASE)


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
    run = reconstruct(machine.pen(), pixels, small.card().training.binarisation, 0)
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
    lab.expect_reported("g_x=1")
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
