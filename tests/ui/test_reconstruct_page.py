"""The page Reconstruct without a browser: what it sends, compares, says and hands over."""

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.engine import ENGINE
from draw_core.families.rebuilt import Rebuilt
from draw_core.store.checkpoint import load_checkpoint, make_preview, save_checkpoint
from tests.support import browser, films, pages, process, small
from ui.kit.picture import drawing_link
from ui.kit.wire import told
from ui.picture import data as picture_data
from ui.picture.data import Target

PATH = "pages/2_Reconstruct.py"
DIGITS = Target(1, 28, 28, binary=True)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    browser.write_checkpoint(tmp_path / "checkpoints", browser.pen())
    other = browser.pen(num_steps=5, height=20, width=20)
    browser.write_checkpoint(tmp_path / "checkpoints", other, "small")
    return tmp_path / "checkpoints"


def visit(**query: str) -> AppTest:
    return pages.visit(PATH, **query)


def component(app: AppTest, name: str):
    (found,) = (e for e in app.get("bidi_component") if e.proto.component_name == name)
    return found


def sent(app: AppTest, name: str = "draw_loop") -> dict[str, np.ndarray]:
    return load(component(app, name).proto.bytes)


def run_of(root: Path, link: str, seed: int | None, name: str = "mnist-attention") -> Rebuilt:
    model, card = load_checkpoint(root / name)
    c = card.config
    picture = picture_data.from_link(link, Target(c.channels, c.height, c.width, binary=True))
    return ENGINE.reconstruct(model, picture.pixels, card.training.binarisation, seed)


def test_it_opens_with_a_digit_that_the_model_repaints(root):
    app = visit()
    run = run_of(root, "strokes:1", 0)
    arrays = sent(app)
    np.testing.assert_array_equal(arrays["canvases"], run.film.frames())
    np.testing.assert_allclose(arrays["mu"][:, 0], films.inside(run.film, "mu"), atol=1e-6)
    np.testing.assert_array_equal(
        sent(app, "draw_pad")["base"], picture_data.from_link("strokes:1", DIGITS).pixels
    )
    told_of = told(component(app, "draw_loop").proto.bytes)
    assert told_of["nll"] == run.nll
    assert told_of["latent_loss"] == run.latent_loss
    assert len(app.warning) == len(app.error) == len(app.info) == 0


def test_an_address_opens_the_same_again(root):
    pixels = picture_data.from_link("strokes:9", DIGITS).pixels
    link = f"drawing:{drawing_link(pixels)}"
    app = visit(model="small", image=link, seed="7", step="3")
    assert len(app.info) == 0
    run = run_of(root, link, 7, "small")
    np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    app = visit(image="strokes:4", z="mean", seed="42")
    run = run_of(root, "strokes:4", None)
    np.testing.assert_array_equal(sent(app)["z"][:, 0], films.inside(run.film, "mu"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("image", value) for value in ("strokes:10000", "../../etc/passwd", "drawing:28x28.!")),
        *(("seed", value) for value in ("-1", "1e9", "99999999999", "x")),
        *(("model", "no-such"), ("z", "both"), ("step", "17")),
    ],
)
def test_what_an_address_asks_in_vain_is_said(root, name, value):
    app = visit(**{name: value})
    (notice,) = app.info
    assert f"The address asks for {name} =" in notice.value
    np.testing.assert_array_equal(sent(app)["canvases"], run_of(root, "strokes:1", 0).film.frames())


def about(app: AppTest) -> dict[str, Any]:
    """What the page says of its run."""
    return told(component(app, "draw_loop").proto.bytes)["about"]


def test_other_noise_is_another_run(root):
    app = visit(image="strokes:3")
    first = sent(app)["canvases"]
    next(b for b in app.button if b.label == "Other noise").click().run()
    seed = about(app)["seed"]
    assert seed != 0
    run = run_of(root, "strokes:3", seed)
    np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    assert (sent(app)["canvases"] != first).any()


def drawing(app: AppTest, pixels: np.ndarray, *, followed: bool) -> None:
    """What the pad reports of a drawing."""
    pad = told(component(app, "draw_pad").proto.bytes)
    report = {
        "token": pad["token"],
        "name": pad["name"],
        "shape": pad["shape"],
        "edited": True,
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "followed": followed,
    }
    app.session_state["reconstruct_picture_pad"] = {"drawing": report}
    app.run()


def test_what_the_browser_paints_by_itself_is_not_painted_again(root):
    app = visit(image="strokes:3")
    first = component(app, "draw_loop").proto.bytes
    pixels = np.zeros((1, 28, 28), np.uint8)
    pixels[0, 5:20, 9:12] = 255
    drawing(app, pixels, followed=True)
    assert component(app, "draw_loop").proto.bytes == first
    next(b for b in app.button if b.label == "Other noise").click().run()
    link = f"drawing:{drawing_link(pixels)}"
    for followed in (True, False):  # other noise is asked of the server, and so is a drawing else
        drawing(app, pixels, followed=followed)
        run = run_of(root, link, about(app)["seed"])
        np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    assert about(app)["drawn"]


def test_the_mean_is_another_run(root):
    app = visit(image="strokes:3")
    app.session_state["reconstruct_z"] = "mean"
    app.run()
    run = run_of(root, "strokes:3", None)
    np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    assert about(app)["seed"] is None


def test_another_picture_is_another_run(root):
    app = visit()
    app.number_input(key="reconstruct_picture_number").set_value(5).run()
    np.testing.assert_array_equal(sent(app)["canvases"], run_of(root, "strokes:5", 0).film.frames())
    assert not about(app)["drawn"]


def test_another_model_gets_the_picture_in_its_own_shape(root):
    app = visit(image="strokes:3")
    app.selectbox(key="reconstruct_model").set_value("small").run()
    run = run_of(root, "strokes:3", 0, "small")
    np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    assert sent(app, "draw_pad")["base"].shape == (1, 20, 20)


def test_the_pad_paints_before_torch_is_there(root):
    code = f"""
import sys
from importlib.abc import MetaPathFinder

class NoTorch(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            raise ImportError("not yet")

sys.meta_path.insert(0, NoTorch())
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=30)
app.switch_page({PATH!r})
app.run()
print(*(e.proto.component_name for e in app.get("bidi_component")))
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=process.ROOT,
        env={**process.ENVIRONMENT, "DRAW_CHECKPOINTS": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "draw_pad" in result.stdout.split()


def test_a_model_whose_images_are_gone_still_says_what_pictures_cost(root):
    model = browser.pen()
    card = small.card(config=model.config, data="folder:0123456789abcdef")
    save_checkpoint(root / "imported", model, card, make_preview(model))
    told_of = about(visit(model="imported", z="mean"))
    assert told_of["images"] == "images that are no longer on this machine"
    assert told_of["usual"] == card.test["nll_bound"]


def test_nats_are_explained(root):
    app = visit()
    assert any("1 nat is 1.44 bits" in e.value for e in app.markdown)
    (caption,) = (e.value for e in app.caption if "For that average" in e.value)
    assert caption.startswith("For that average, each grey test pixel v in 0..255 was drawn once")
