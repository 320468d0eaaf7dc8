"""Every page through AppTest: what it shows, without a browser."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.families.draw.film import film_of
from draw_core.film.files import load_film
from draw_core.store.checkpoint import CARD, PREVIEW, PREVIEW_SEED, WEIGHTS
from tests.support import browser, process, small
from ui.generate.page import SERVED
from ui.kit import page
from ui.models.catalogue import DEFAULT_MODEL

EVERY_PAGE = ["app.py", *(entry.path for entry in page.PAGES)]
# Its pad is there without torch (see test_reconstruct_page.py), what the network makes of it not.
COMPUTING = "pages/2_Reconstruct.py"
GENERATE = "pages/1_Generate.py"
PAGES = ["app.py", GENERATE]  # those that show a model
NAME = DEFAULT_MODEL


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("original")
    browser.write_checkpoint(root, browser.pen())
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of checkpoints that the pages see, for one test."""
    root = tmp_path / "checkpoints"
    shutil.copytree(original, root)
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    return root


def visit(path: str, **query: str) -> AppTest:
    """Opens a page the way its address does: app.py is what the server runs."""
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    for name, value in query.items():
        app.query_params[name] = value
    if path != "app.py":
        app.switch_page(path)
    app.run()
    assert not app.exception
    return app


def packed(app: AppTest) -> dict[str, np.ndarray]:
    """The film that the page sent to the Stage."""
    (stage,) = (e for e in app.get("bidi_component") if "stage" in e.proto.component_name)
    return load(stage.proto.bytes)


def faults(app: AppTest) -> list[str]:
    return [element.value for element in [*app.warning, *app.error]]


@pytest.mark.parametrize("path", PAGES)
def test_the_page_plays_the_stored_samples(root, path):
    app = visit(path)
    assert faults(app) == []
    assert len(app.info) == 0
    film = load_film(root / NAME / PREVIEW).first(16)
    np.testing.assert_array_equal(packed(app)["canvases"], film.frames())


def test_first_paint_needs_no_torch(root):
    code = """
import sys
from streamlit.testing.v1 import AppTest
from ui.generate.page import SERVED
from ui.models import cache
# What a server imports in the background, once its first pages are there, never comes.
cache._WARM_UP_DELAY_S = cache._TRAINING_DELAY_S = cache._WARM_UP_LATEST_S = 1e5
for path in sys.argv[1:]:
    app = AppTest.from_file("app.py", default_timeout=30)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    if path != "app.py":
        app.switch_page(path)
    app.run()
    print(path, len(app.get("bidi_component")) > 0, len(app.exception), "torch" in sys.modules)
"""
    paths = [path for path in EVERY_PAGE if path != COMPUTING]
    result = subprocess.run(
        [sys.executable, "-c", code, *paths],
        cwd=process.ROOT,
        env={
            **process.ENVIRONMENT,
            "DRAW_CHECKPOINTS": str(root),
            "DRAW_RUNS_DIR": str(root.parent / "runs"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines() == [f"{path} True 0 False" for path in paths]


@pytest.mark.parametrize("path", PAGES)
def test_no_checkpoint_at_all(root, path):
    shutil.rmtree(root)
    (fault,) = faults(visit(path))
    assert NAME in fault
    assert "is missing" in fault


def _tear_weights(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])


def _tear_card(folder: Path) -> None:
    (folder / CARD).write_text('{"format": ')


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


DAMAGE = [
    (_tear_weights, "model.safetensors is truncated"),
    (_tear_card, "card.json cannot be used: it is not valid JSON"),
    (_empty, "card.json is missing"),
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("damage", "message"), DAMAGE)
def test_a_broken_checkpoint_is_named_and_the_other_works(root, path, damage, message):
    shutil.copytree(root / NAME, root / "broken")
    damage(root / "broken")
    app = visit(path)
    (fault,) = faults(app)
    assert "broken" in fault
    assert message in fault
    assert len(packed(app)["canvases"]) == 17


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("damage", "message"), DAMAGE)
def test_only_a_broken_checkpoint(root, path, damage, message):
    damage(root / NAME)
    (fault,) = faults(visit(path))
    assert message in fault


@pytest.mark.parametrize("path", PAGES)
def test_a_broken_preview_is_named(root, path):
    (root / NAME / PREVIEW).write_bytes(b"PK nonsense")
    app = visit(path)
    (fault,) = faults(app)
    assert "preview.npz is damaged" in fault
    # The weights are whole, so the model paints what the preview should have held.
    painted = film_of(browser.pen().generate(16, small.seeded(PREVIEW_SEED)))
    np.testing.assert_allclose(
        packed(app)["write_params"], painted.windows("write").parameters, atol=1e-4
    )


def test_weights_of_another_network_are_named(root):
    card = root / NAME / CARD
    values = json.loads(card.read_text())
    values["config"]["dec_size"] = 17
    card.write_text(json.dumps(values))
    (fault,) = faults(visit(GENERATE, seed="3"))
    assert "does not fit card.json" in fault


def test_after_a_model_that_fails_another_can_be_chosen(root):
    browser.write_checkpoint(root, browser.pen(), "other")
    card = root / NAME / CARD
    values = json.loads(card.read_text())
    values["config"]["dec_size"] = 17
    card.write_text(json.dumps(values))
    app = visit(GENERATE, seed="3")
    assert "does not fit card.json" in " ".join(faults(app))
    app.selectbox(key="model").select("other").run()
    assert not app.exception
    assert not app.error
    assert packed(app)["canvases"].shape[:2] == (17, 16)


@pytest.mark.parametrize("path", PAGES)
def test_a_model_that_comes_later_is_shown_without_reloading(root, path):
    (root / NAME).rename(root.parent / "elsewhere")
    app = visit(path, step="5")
    assert len(faults(app)) == 1
    (root.parent / "elsewhere").rename(root / NAME)
    app.run()
    assert not app.exception
    assert not app.error
    assert len(packed(app)["canvases"]) == 17


def test_the_address_sets_the_widgets_and_the_samples(root):
    app = visit(GENERATE, seed="3", n="5", temperature="0.8", step="2", sample="4")
    assert app.number_input(key="seed").value == 3
    assert app.slider(key="n").value == 5
    assert app.slider(key="temperature").value == 0.8
    film = film_of(browser.pen().generate(5, small.seeded(3), 0.8))
    sent = packed(app)
    np.testing.assert_allclose(sent["write_params"], film.windows("write").parameters, atol=1e-4)
    assert any("step 2 of sample 4" in element.value for element in app.markdown)


def test_bad_parameters_of_an_address_are_ignored_with_a_notice(root):
    bad = {"seed": "-4", "n": "many", "temperature": "9", "step": "17", "sample": "0", "model": "x"}
    app = visit(GENERATE, **bad)
    text = " ".join(element.value for element in app.info)
    for name, value in bad.items():
        assert f"{name} = “{value}”" in text
    assert app.number_input(key="seed").value == PREVIEW_SEED
    assert packed(app)["canvases"].shape[:2] == (17, 16)


def test_new_samples_change_seed_and_pictures(root):
    app = visit(GENERATE)
    before = packed(app)["canvases"]
    app.button[0].click().run()
    assert not app.exception
    assert app.number_input(key="seed").value != PREVIEW_SEED
    assert (packed(app)["canvases"] != before).any()


def test_the_explanation_follows_the_stage(root):
    app = visit(GENERATE)
    for step, sample in ((1, 0), (7, 3), (0, 2)):
        app.session_state["generate_stage"] = {"view": {"step": step, "sample": sample}}
        app.run()
        assert not app.exception
        assert any(f"step {step} of sample {sample + 1}" in e.value for e in app.markdown)


def test_a_model_without_write_window(root):
    browser.write_checkpoint(root, browser.pen(write_attention=False), "whole-image")
    app = visit(GENERATE, model="whole-image", step="3")
    assert app.selectbox(key="model").value == "whole-image"
    assert set(packed(app)) == {"canvases", "z", "memory"}
    assert len(app.get("plotly_chart")) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", "1e9999"), ("seed", "٣"), ("n", "3.7"), ("n", "1_0"), ("temperature", "0.333")],
)
def test_what_the_notice_calls_ignored_is_ignored(root, name, value):
    app = visit(GENERATE, **{name: value})
    assert not app.exception
    assert any(f"asks for {name}" in element.value for element in app.info)
    default = visit(GENERATE)
    assert app.session_state[name] == default.session_state[name]
    np.testing.assert_array_equal(packed(app)["canvases"], packed(default)["canvases"])


def test_a_card_cannot_write_markup_on_a_page(root):
    card = root / NAME / CARD
    values = json.loads(card.read_text())
    values["config"]["![x](http://example.com/x.png)"] = 1
    card.write_text(json.dumps(values))
    (fault,) = faults(visit(GENERATE))
    assert "!\\[x\\](http\\://example.com/x.png)" in fault
