"""The window of the attention lab: its numbers against PyTorch, and what hands and keys do."""

from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.lab_page import assert_close, image_of, pixels_of, shown
from tests.support.windows import by_pytorch


@pytest.mark.parametrize("name", ["photo", "wide"])
def test_what_is_drawn_is_what_pytorch_computes(go, name):
    window = (17.25, 11.5, 1.7, 0.9, 1.3)
    lab = go(f"image={name}&n=7&gx=17.25&gy=11.5&delta=1.7&sigma=0.9&gamma=1.3")
    image = image_of(name)
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
        assert np.abs(pixels_of(lab, ref) - expected).max() <= 0.51

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
    lost = pixels_of(lab, "lost")
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
    assert_close(lab.arrays()["patch"], by_pytorch(image_of("photo"), lab.window(), 12)[2])
    assert len(lab.visitor.sent) == before
    assert "gx=50" in lab.page.url
    lab.page.mouse.up()
    lab.expect_said("gx=70&gy=45")
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
    lab.expect_said(r"sigma=3\.7")
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
    lab.expect_said(r"gx=11\.9")
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
    expected = by_pytorch(image_of("digit"), lab.window(), 4, moved)
    assert_close(lab.arrays()["patch"], expected[2])
    assert_close(lab.arrays()["back"], expected[3])
    np.testing.assert_allclose(lab.drawn("write")[:, :2].mean(axis=0), moved[:2], atol=1e-4)
    chip.press("Space")
    assert_close(lab.arrays()["back"], by_pytorch(image_of("digit"), lab.window(), 4)[3])


# --- Linked pointing ---


def test_a_cell_lights_its_filters_and_its_pixels(go):
    lab = go("image=wide&n=6&gx=20&gy=12&delta=3&sigma=1.2")
    lab.part("patchBoard").focus()
    for key in ["ArrowRight"] * 9 + ["ArrowLeft", "ArrowUp"]:
        lab.page.keyboard.press(key)
    lab.settle()
    assert lab.root.evaluate("(r) => r.lab.linked.lit") == {"i": 4, "j": 1}
    f_x, f_y, patch, *_ = by_pytorch(image_of("wide"), (20, 12, 3, 1.2, 1), 6)
    weights = f_y[1][:, None] * f_x[4]
    y, x = np.unravel_index(weights.argmax(), weights.shape)
    expect(lab.part("readout")).to_contain_text(
        f"i = 5, j = 2 reads {patch[0, 1, 4]:.2f}. Its heaviest pixel is x {x}, y {y}"
    )
    expect(lab.part("readout")).to_contain_text(f"{shown(f_y[1, y])} × FX {shown(f_x[4, x])}")
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
    f_x, f_y, *_ = by_pytorch(image_of("digit"), (13, 13, 2, 1, 1), 6)
    weights = f_y[:, 15][:, None] * f_x[:, 12]
    j, i = np.unravel_index(weights.argmax(), weights.shape)
    words = f"feeds {(weights >= 0.001).sum()} cells, most of all i = {i + 1}, j = {j + 1}"
    expect(lab.part("readout")).to_contain_text(words)
    expect(lab.part("readout")).to_contain_text(
        f"with {shown(weights.max())}; {shown(weights.sum())}"
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
    lab.expect_said("gx=")


def test_the_window_glides_to_a_preset_and_stops_there(go):
    lab = go("image=photo&n=12&gx=20&gy=20&delta=1&sigma=1")
    lab.root.get_by_role("button", name="Blur").click()
    lab.expect_said(r"gx=49\.5&gy=49\.5&delta=9&sigma=30")
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
