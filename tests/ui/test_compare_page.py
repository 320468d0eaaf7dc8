"""The page Compare without a browser: what it sends, what an address opens, what it says."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.data.folders import folder
from draw_core.families.draw.engine import ENGINE
from draw_core.runs.registry import Run
from draw_core.runs.run import LIVE_SAMPLES
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    WEIGHTS,
    load_checkpoint,
    load_preview,
    save_checkpoint,
)
from tests.support import browser, process, small
from tests.support.archives import grey, zipped
from tests.support.paper_page import write_classifier
from tests.support.tables import tables
from ui.compare import page as compare
from ui.kit import wire
from ui.models import runs
from ui.picture import data as picture_data
from ui.picture.data import Target

PATH = "pages/5_Compare.py"
FIRST, OTHER, COLOUR = "mnist-attention", "no-windows", "colour"
PLAIN = {"read_attention": False, "write_attention": False, "num_steps": 5}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two that can be shown the same image, and one that cannot."""
    root = tmp_path_factory.mktemp("original")
    browser.write_checkpoint(root, browser.pen())
    browser.write_checkpoint(root, browser.pen(**PLAIN), OTHER)
    model = browser.pen(channels=3, height=12, width=20)
    card = small.card(config=model.config, data="cifar10")
    save_checkpoint(root / COLOUR, model, card, None)
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkpoints"
    shutil.copytree(original, root)
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    return root


@pytest.fixture
def run(root: Path, trained: Path) -> Run:
    """A trained run that the page offers."""
    folder = root.parent / "runs" / "20260101-000000-abcdef"
    shutil.copytree(trained, folder)
    runs.forget()
    return Run(folder)


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(PATH)
    app.run()
    assert not app.exception
    assert len(app.error) == 0
    return app


def component(app: AppTest, name: str = "draw_twins"):
    (found,) = (e for e in app.get("bidi_component") if e.proto.component_name == name)
    return found.proto


def sent(app: AppTest) -> dict[str, np.ndarray]:
    return load(component(app).bytes)


def meta(app: AppTest) -> dict:
    data = component(app).bytes
    return wire.told(data)


def address(app: AppTest) -> dict[str, str]:
    """What the page makes the address bar say."""
    found = [
        json.loads(text)["parameters"]
        for element in app.get("bidi_component")
        if element.proto.component_name == "draw_browser"
        for text in json.loads(element.proto.json)
    ]
    (parameters,) = found
    return parameters


def words(app: AppTest) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption])


def painted(root: Path, name: str, n: int, seed: int) -> np.ndarray:
    model, _ = load_checkpoint(root / name)
    return ENGINE.generate(model, n, seed).frames()


def test_it_opens_with_two_models_and_their_stored_samples(root):
    app = visit()
    arrays = sent(app)
    np.testing.assert_array_equal(
        arrays["a.canvases"], load_preview(root / FIRST).first(16).frames()
    )
    # The colour model has no stored samples; it is painted now.
    np.testing.assert_array_equal(arrays["b.canvases"], painted(root, COLOUR, 16, 0))
    assert "b.write_params" in arrays
    assert "**A learned from MNIST, B from CIFAR-10.**" in words(app)
    assert "A takes 28×28 pixels in black and white, B 20×12 pixels" in words(app)
    assert f"{compare.TWIN}, is not on this server" in words(app)
    (table,) = tables(app)
    assert "Latent numbers per step, z" in table


def test_an_address_opens_the_same_again(root):
    app = visit(
        a=OTHER, b=FIRST, seed="7", n="3", step="9", sample="2", pace="share", mode="generate"
    )
    assert len(app.info) == 0
    arrays = sent(app)
    np.testing.assert_array_equal(arrays["a.canvases"], painted(root, OTHER, 3, 7))
    np.testing.assert_array_equal(arrays["b.canvases"], painted(root, FIRST, 3, 7))
    opened = meta(app)
    assert (opened["step"], opened["sample"], opened["pace"]) == (9, 1, "share")
    assert address(app) == {"a": OTHER, "b": FIRST, "seed": "7", "n": "3"}
    app = visit(a=FIRST, b=OTHER, mode="reconstruct", image="strokes:9", seed="4")
    pixels = picture_data.from_link("strokes:9", Target(1, 28, 28, binary=True)).pixels
    arrays, opened = sent(app), meta(app)
    for letter, name in (("a", FIRST), ("b", OTHER)):
        model, card = load_checkpoint(root / name)
        expected = ENGINE.reconstruct(model, pixels, card.training.binarisation, 4)
        np.testing.assert_array_equal(arrays[f"{letter}.canvases"], expected.film.frames())
        np.testing.assert_allclose(
            arrays[f"{letter}.kl"], expected.film.bars("kl").values, rtol=1e-5
        )
        assert opened[letter]["nll"] == pytest.approx(expected.nll, rel=1e-5)
    asked = {"a": FIRST, "b": OTHER, "mode": "reconstruct", "image": "strokes:9", "seed": "4"}
    assert address(app) == asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("a", "no-such"), ("b", "../.."), ("a_at", "12"), ("mode", "both"), ("seed", "-1")),
        *(("n", "0"), ("n", "65"), ("pace", "fast"), ("sample", "17"), ("image", "strokes:-1")),
        ("step", "99"),
    ],
)
def test_what_an_address_asks_in_vain_is_said(root, name, value):
    app = visit(**{name: value})
    (notice,) = app.info
    assert f"The address asks for {name} =" in notice.value
    np.testing.assert_array_equal(
        sent(app)["a.canvases"], load_preview(root / FIRST).first(16).frames()
    )


def test_a_model_alone_is_compared_with_itself(root):
    shutil.rmtree(root / OTHER)
    shutil.rmtree(root / COLOUR)
    app = visit()
    assert meta(app)["films"]["b."] == "a."
    assert "**Both sides are the same model**" in words(app)
    assert "only one model here, so it is compared with itself" in words(app)


def test_the_page_does_not_begin_with_a_painter_beside_a_classifier(root):
    shutil.rmtree(root / OTHER)
    shutil.rmtree(root / COLOUR)
    write_classifier(root)
    app = visit()
    assert "**Both sides are the same model**" in words(app)
    assert meta(app)["films"]["b."] == "a."


def test_without_any_model_it_says_so(root):
    shutil.rmtree(root)
    app = visit()
    (fault,) = app.warning
    assert f"The model **{FIRST}** is missing" in fault.value
    assert len(tables(app)) == 0


def test_a_torn_checkpoint_is_named_and_left_out(root):
    (root / COLOUR / WEIGHTS).write_bytes(b"no weights")
    app = visit()
    (fault,) = app.warning
    assert f"**{COLOUR}** is left out" in fault.value
    np.testing.assert_array_equal(
        sent(app)["b.canvases"], load_preview(root / OTHER).first(16).frames()
    )


def test_weights_that_do_not_fit_leave_the_page_usable(root):
    path = root / COLOUR / CARD
    card = json.loads(path.read_text())
    card["config"]["z_size"] += 1
    path.write_text(json.dumps(card))
    app = visit()
    (fault,) = app.warning
    assert f"{COLOUR}/model.safetensors does not fit card.json" in fault.value
    assert len(tables(app)) == 1
    app.selectbox("compare_b").select(OTHER).run()
    assert len(app.warning) == 0
    np.testing.assert_array_equal(
        sent(app)["b.canvases"], load_preview(root / OTHER).first(16).frames()
    )


def test_rebuilding_waits_while_no_image_suits_both(root):
    app = visit(a=FIRST, b=OTHER, mode="reconstruct")
    assert "a.kl" in sent(app)
    app.selectbox("compare_b").select(COLOUR).run()
    assert "a.kl" not in sent(app)
    assert "The two cannot be shown the same image" in words(app)
    assert app.button_group("compare_mode").disabled
    app.selectbox("compare_b").select(OTHER).run()
    assert "a.kl" in sent(app)
    assert "cannot be shown" not in words(app)
    assert not app.button_group("compare_mode").disabled


def test_other_noise_is_other_for_both(root):
    app = visit(a=FIRST, b=OTHER, n="2")
    before = sent(app)
    next(b for b in app.button if b.label == "New samples").click().run()
    seed = app.number_input(compare._SEED.key).value
    for letter, name in (("a", FIRST), ("b", OTHER)):
        now = sent(app)[f"{letter}.canvases"]
        np.testing.assert_array_equal(now, painted(root, name, 2, seed))
        assert seed == 0 or (now != before[f"{letter}.canvases"]).any()


def test_two_moments_of_one_training(run):
    name = f"run:{run.id}"
    steps = run.sample_steps()
    assert len(steps) >= 2
    app = visit(a=name, a_at=str(steps[0]), b=name, seed="7", n="20")
    arrays = sent(app)
    early, last = run.samples_at(steps[0]), load_preview(run.folder)
    np.testing.assert_array_equal(arrays["a.canvases"], early.frames())
    np.testing.assert_array_equal(arrays["b.canvases"], last.first(LIVE_SAMPLES).frames())
    # As the page says, both were painted from the same random numbers.
    np.testing.assert_array_equal(
        early.vectors("z").values, last.first(LIVE_SAMPLES).vectors("z").values
    )
    text = words(app)
    assert "**The same network at two moments of its training**" in text
    assert f"A after {steps[0]} update" in text
    assert "A cannot be shown an image" in text
    assert app.number_input(compare._SEED.key).disabled
    assert app.button_group("compare_mode").disabled
    assert address(app) == {"a": name, "a_at": str(steps[0]), "b": name, "n": "20"}
    app.selectbox("compare_a").select(FIRST).run()
    assert "a_at" not in address(app)
    assert not app.number_input(compare._SEED.key).disabled
    assert sent(app)["a.canvases"].shape[1] == 20


def test_a_moment_that_was_pruned_is_said(run):
    name, steps = f"run:{run.id}", run.sample_steps()
    app = visit(a=name, a_at=str(steps[0]), b=FIRST)
    assert len(app.warning) == 0
    (run.folder / "rollouts" / f"{steps[1]:09d}.npz").write_bytes(b"torn")
    app.selectbox("compare_a_at").select(str(steps[1])).run()
    (fault,) = app.warning
    assert "are gone or damaged" in fault.value


# ---- whose images


@pytest.mark.parametrize("owner", ["me", "you"])
def test_a_visitor_is_asked_who_they_are_where_images_may_be_theirs(run, owner):
    size = {"height": 28, "width": 28, "channels": 1}
    pictures = {f"{v}.png": grey(v, (28, 28)) for v in range(3)}
    name = folder.import_images(zipped(pictures), None, name="X", owner=owner, **size)
    card = json.loads((run.folder / CARD).read_text())
    (run.folder / CARD).write_text(json.dumps(card | {"data": name}))
    config = dataclasses.replace(run.config(), data=name, shared=True)
    (run.folder / "run.json").write_text(config.to_json())
    runs.forget()
    app = visit(a=f"run:{run.id}")
    asked = [e.proto.json for e in app.get("bidi_component") if "known" in e.proto.json]
    assert len(asked) == 1
    app.session_state["visitor"] = "me"
    app.run()
    (table,) = tables(app)
    assert ("images that somebody else imported" in table) == (owner == "you")


def test_a_run_that_still_learns_lacks_nothing(run):
    (run.folder / PREVIEW).unlink()
    runs.forget()
    app = visit(a=f"run:{run.id}", b=FIRST)
    assert [element.value for element in app.warning] == []
    assert meta(app)["a"]["name"].startswith("Trained")
