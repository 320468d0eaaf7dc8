"""The page Reconstruct without a browser: what it sends, compares, says and hands over."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.engine import ENGINE
from draw_core.families.rebuilt import Rebuilt
from draw_core.store.checkpoint import load_checkpoint, make_preview, save_checkpoint
from tests.support import browser, films, process, small
from ui.kit.picture import DRAWN, Picture, drawing_link
from ui.kit.wire import told
from ui.picture import data as picture_data
from ui.picture.data import Target
from ui.reconstruct.page import Asked, Earlier

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
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(PATH)
    app.run()
    assert not app.exception
    return app


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


def metrics(app: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in app.metric}


def test_it_opens_with_a_digit_that_the_model_repaints(root):
    app = visit()
    run = run_of(root, "strokes:1", 0)
    arrays = sent(app)
    np.testing.assert_array_equal(arrays["canvases"], run.film.frames())
    np.testing.assert_allclose(arrays["mu"][:, 0], films.inside(run.film, "mu"), atol=1e-6)
    np.testing.assert_array_equal(
        sent(app, "draw_pad")["base"], picture_data.from_link("strokes:1", DIGITS).pixels
    )
    assert metrics(app) == {
        "Information sent, $L_z$": f"{run.latent_loss:.1f} nats",
        "Still missing, $L_x$": f"{run.nll:.1f} nats",
        "Together, $L_x + L_z$": f"{run.bound:.1f} nats",
    }
    text = " ".join(m.value for m in app.markdown)
    assert f"**{run.latent_loss:.0f} nats** about this picture" in text
    assert f"still misses **{run.nll:.0f} nats**" in text
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


def test_other_noise_is_compared_with_the_noise_before(root):
    app = visit(image="strokes:3")
    first = sent(app)["canvases"]
    next(b for b in app.button if b.label == "Other noise").click().run()
    arrays = sent(app)
    np.testing.assert_array_equal(arrays["before.canvases"], first)
    assert (arrays["canvases"] != first).any()
    assert all(m.delta for m in app.metric)
    data = component(app, "draw_loop").proto.bytes
    assert told(data)["before_words"] == "sampled with seed 0"


ONE, TWO = (np.full((1, 28, 28), value, np.uint8) for value in (1, 255))


def asked(pixels: np.ndarray, words: str = DRAWN, seed: int | None = 0) -> Asked:
    return Asked("m", Picture(pixels, words, None), seed)


@pytest.mark.parametrize(
    ("earlier", "changes", "now", "words"),
    [
        (asked(ONE), 1, asked(TWO), "one change ago"),
        (asked(ONE), 3, asked(TWO), "3 changes ago"),
        (asked(ONE, seed=4), 1, asked(ONE, seed=5), "sampled with seed 4"),
        (asked(ONE, seed=None), 1, asked(ONE, seed=5), "with z = μ"),
        (asked(ONE), 1, asked(TWO, "a test image"), "another picture"),
        (asked(ONE), 2, asked(TWO, seed=1), "2 changes ago, sampled with seed 0"),
    ],
)
def test_what_sets_the_earlier_run_apart(earlier, changes, now, words):
    assert Earlier(earlier, changes).words(now) == words


def test_runs_are_the_same_if_model_pixels_and_noise_are():
    assert asked(ONE).same_as(asked(ONE.copy(), "other words"))
    assert not asked(ONE).same_as(asked(TWO))
    assert not asked(ONE).same_as(asked(ONE, seed=1))
    assert not asked(ONE).same_as(asked(ONE.reshape(1, 14, 56)))


def test_the_mean_is_compared_with_the_sample(root):
    app = visit(image="strokes:3")
    first = sent(app)["canvases"]
    app.session_state["reconstruct_z"] = "mean"
    app.run()
    run = run_of(root, "strokes:3", None)
    np.testing.assert_array_equal(sent(app)["canvases"], run.film.frames())
    np.testing.assert_array_equal(sent(app)["before.canvases"], first)


def test_another_picture_is_not_compared(root):
    app = visit()
    app.number_input(key="reconstruct_picture_number").set_value(5).run()
    np.testing.assert_array_equal(sent(app)["canvases"], run_of(root, "strokes:5", 0).film.frames())
    assert not any(name.startswith("before") for name in sent(app))


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
    app = visit(model="imported", z="mean")
    (text,) = (e.value for e in app.markdown if "The encoder sends" in e.value)
    assert "The model learned from images that are no longer on this machine. A test image" in text


def test_nats_are_explained_before_they_are_counted(root):
    values = [e.value for e in visit().markdown]
    (first,) = (i for i, text in enumerate(values) if "1 nat is 1.44 bits" in text)
    assert first < min(i for i, text in enumerate(values) if "nats**" in text and i != first)


@pytest.mark.parametrize(("usual", "words"), [(1e6, "costs less"), (0.5, "costs more")])
def test_the_cost_of_a_picture_is_held_against_the_average(root, usual, words):
    test = {**small.card().test, "nll_bound": usual}
    model = browser.pen()
    save_checkpoint(
        root / "known", model, small.card(config=model.config, test=test), make_preview(model)
    )
    shown = visit(model="known", seed="3", image="strokes:4")
    (text,) = (e.value for e in shown.markdown if "The encoder sends" in e.value)
    picture = picture_data.from_link("strokes:4", DIGITS)
    bound = ENGINE.reconstruct(model, picture.pixels, "bernoulli", 3).bound
    assert f"{usual:.1f} nats on average; this picture {words}, {bound:.1f} nats." in text
    mean = visit(model="known", z="mean")  # its sum is no bound
    (text,) = (e.value for e in mean.markdown if "The encoder sends" in e.value)
    assert "this picture costs" not in text
    (caption,) = (e.value for e in shown.caption if "For that average" in e.value)
    assert caption.startswith("For that average, each grey test pixel v in 0..255 was drawn once")
