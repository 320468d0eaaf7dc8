"""The page Paper where models differ, files break, and images are somebody else's."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from draw_core.data import torchvision_sets
from draw_core.data.composed.composites import Composer
from draw_core.data.drawn import strokes
from draw_core.data.folders import folder
from draw_core.data.registry import DataError
from draw_core.families.glimpse.engine import GlimpseEngine
from draw_core.runs.config import RunConfig
from draw_core.runs.history import METRICS
from draw_core.runs.registry import create_run
from draw_core.runs.run import CONFIG, STATUS
from draw_core.store import curve
from draw_core.store.checkpoint import CARD, load_card
from tests.support.archives import grey, zipped
from tests.support.paper_page import (
    components,
    faults,
    meta,
    visit,
    words,
    write_classifier,
    write_model,
)
from ui.models import cache
from ui.paper import contents, figure_5, figure_11, nearest

RUN = "20260101-000000-abcdef"


@pytest.fixture
def place(full, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for checkpoints of the test's own, with a small MNIST at hand."""
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    return tmp_path / "checkpoints"


# ---- figure 2


@pytest.mark.parametrize("image", ["1x28x28@scene:0", "sample:mnist-attention:2"])
def test_another_picture_follows_one_that_is_alone(full, image):
    app = visit(figure="2", image=image)
    (button,) = app.button
    button.click().run()
    assert not app.exception
    assert faults(app) == []
    link = meta(components(app)["draw_paper_unrolled"])["link"]["image"]
    assert link == ("mnist:1" if "scene" in image else "sample:mnist-attention:3")


def test_another_picture_follows_one_of_a_set_that_was_deleted_meanwhile(full):
    app = visit(figure="2")
    app.session_state["paper_2_image"] = "folder:0123456789abcdef:3"
    (button,) = app.button
    button.click().run()
    assert not app.exception
    assert faults(app) == []
    assert meta(components(app)["draw_paper_unrolled"])["link"]["image"] == "mnist:1"


# ---- figure 5


@pytest.mark.parametrize("data", ["mnist", "two_digits:mnist"])
def test_a_classifier_for_other_pictures_is_explained(place, data):
    path = write_classifier(place) / CARD
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data": data}))
    app = visit(figure="5")
    (warning,) = app.warning
    assert "cannot be shown." in warning.value
    assert ("no composite" if data == "mnist" else "images are (1, 60, 60)") in warning.value
    assert len(app.error) == 0


def test_without_mnist_the_clutter_is_made_of_strokes(place, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "none"))
    digits = np.random.default_rng(0).integers(0, 256, (20, 1, 28, 28)).astype(np.uint8)
    monkeypatch.setattr(strokes, "load", lambda *_: (digits, np.arange(20) % 12))
    write_classifier(place)
    app = visit(figure="5")
    assert "drawn by a program instead" in words(app)
    assert "draw_paper_glimpses" in components(app)


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> str:
    """MNIST is there, but cannot be read; this is what is said then."""
    sentence = "torchvision cannot be used here"

    def read(*_: object) -> None:
        raise DataError(sentence)

    monkeypatch.setattr(torchvision_sets, "read", read)
    nearest._found.clear()  # what was found while it could be read
    figure_5._looks.clear()
    return sentence


def test_of_an_unreadable_mnist_the_clutter_is_made_of_strokes(place, unreadable, monkeypatch):
    digits = np.random.default_rng(0).integers(0, 256, (20, 1, 28, 28)).astype(np.uint8)
    monkeypatch.setattr(strokes, "load", lambda *_: (digits, np.arange(20) % 12))
    write_classifier(place)
    app = visit(figure="5")
    (warning,) = app.warning
    assert f"{unreadable} Here are digits drawn by a program instead." in warning.value
    assert "draw_paper_glimpses" in components(app)


def test_beside_an_unreadable_mnist_samples_are_compared_with_each_other(place, unreadable):
    write_model(place, "mnist-attention", "mnist")
    app = visit(figure="6")
    assert f"{unreadable} So each sample is compared with the 63 other samples" in words(app)
    assert meta(components(app)["draw_paper_nearest"])["among"] == "other samples"


def test_pictures_that_the_classifier_cannot_take_are_explained(place, monkeypatch):
    write_classifier(place)
    # As if the recipe of the pictures had changed since the card was written.
    monkeypatch.setattr(Composer, "images", lambda _, n: np.zeros((len(n), 1, 60, 60), np.uint8))
    app = visit(figure="5")
    (warning,) = app.warning
    assert "**cluttered-classifier** cannot be shown. The images are (1, 60, 60)" in warning.value
    assert len(app.error) == 0


def test_classifiers_wait_for_each_other_as_samples_do(place, monkeypatch):
    write_classifier(place)
    alone, threads, original = [], [], GlimpseEngine.look

    def looking(*arguments):
        alone.append(not cache._SAMPLING.acquire(blocking=False))
        return original(*arguments)

    monkeypatch.setattr(GlimpseEngine, "look", looking)
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    visit(figure="5")
    assert (alone, threads) == ([True], [1])


def test_the_errors_after_glimpses_are_those_of_the_card(full):
    sentence = (
        "Asked after 1 glimpse, it errs on 60.0 %, after 3 on 6.5 %; only its last answer was "
        "trained."
    )
    assert sentence in words(visit(figure="5"))


# ---- figure 7


def _said(app) -> str:
    return next(e.value for e in app.markdown if e.value.startswith(("The two", "Both have")))


def test_the_differences_of_both_films_are_named(full):
    said = _said(visit(figure="7"))
    assert "they have 16 and 5 steps T." in said
    assert "does not mean the same to both" in said


def test_a_true_twin_is_preferred_and_gets_the_same_numbers(place):
    write_model(place, "mnist-attention")
    write_model(place, "twin", num_steps=5)
    write_model(
        place, "mnist-no-attention", read_attention=False, write_attention=False, num_steps=5
    )
    app = visit(figure="7")
    titles = [group["title"] for group in meta(components(app)["draw_paper_strip"])["groups"]]
    assert titles == [
        "With attention: twin, 5 steps",
        "Without attention: mnist-no-attention, 5 steps",
    ]
    said = _said(app)
    assert said.startswith("Both have the same number of steps T, units h and latents z.")
    assert "The same seed gives both the same random numbers." in said


def test_a_network_with_one_window_is_not_said_to_have_none(place):
    write_model(place, "reads", write_attention=False)
    write_model(place, "writes", read_attention=False, z_size=9)
    app = visit(figure="7")
    titles = [group["title"] for group in meta(components(app)["draw_paper_strip"])["groups"]]
    assert titles == [
        "Reads the whole image, writes through a window: writes, 16 steps",
        "Reads through a window, writes everywhere: reads, 16 steps",
    ]
    assert "they have 9 and 8 latents z per step." in _said(app)


# ---- figure 11

CURVE = {"step": [1, 2, 3], "train": [9, 8, 7], "test_step": [2, 3], "test": [8.5, 7.25]}


def _curve(place: Path, text: str | None = None) -> None:
    good = json.dumps({"format": curve.FORMAT, "unit": "nats", **CURVE})
    (place / curve.CURVE).write_text(good if text is None else text)


def _metrics(place: Path, loss: float) -> None:
    line = {"seconds": 1, "nll": 1, "latent_loss": 1, "grad_norm": 1, "learning_rate": 1, "kl": [1]}
    rows = [json.dumps({"step": step, "loss": loss} | line) for step in (1, 2, 3)]
    (place / METRICS).write_text("\n".join(rows) + "\n")


def test_a_broken_curve_hides_no_other(place):
    _curve(write_model(place, "cifar-colour", "cifar10", channels=3, height=32, width=32), "{")
    _curve(write_model(place, "mnist-attention"))
    app = visit(figure="11")
    assert "**mnist-attention**, which learned from MNIST" in words(app)
    assert len(app.get("plotly_chart")) == 1
    assert len(app.selectbox) == 0


def test_metrics_serve_where_the_curve_is_broken(place):
    folder = write_model(place, "mnist-attention")
    _curve(folder, '{"format": "another"}')
    _metrics(folder, 77.0)
    (chart,) = visit(figure="11").get("plotly_chart")
    assert "training images 77.0" in chart.proto.alt


def test_metrics_are_read_again_only_when_they_change(place, monkeypatch):
    folder = write_model(place, "mnist-attention")
    _metrics(folder, 77.0)
    read = []
    history = figure_11.Run.history
    monkeypatch.setattr(figure_11.Run, "history", lambda run: read.append(run) or history(run))
    app = visit(figure="11")
    app.run()
    assert len(read) == 1
    _metrics(folder, 5.25)
    app.run()
    assert len(read) == 2
    (chart,) = app.get("plotly_chart")
    assert "training images 5.2" in chart.proto.alt


def test_costs_are_stated_with_the_binarisation(place):
    _curve(write_model(place, "mnist-attention"))
    captions = "\n".join(e.value for e in visit(figure="11").caption)
    assert "a Bernoulli draw with the fixed seed 0" in captions
    assert "The paper used one fixed binarised MNIST" in captions


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"test_images": 300}, "over 300 images, the first of the set; over 10 the bound is "),
        ({"test_images": 300, "test_spread": True}, "over 300 images, spread over the set; over"),
        ({"test_images": 10}, None),
        ({}, None),
    ],
)
def test_a_curve_over_a_part_of_the_test_images_says_so(place, about, said):
    folder = write_model(place, "mnist-attention")
    _curve(folder, json.dumps({"format": curve.FORMAT, "unit": "nats", **CURVE, **about}))
    captions = "\n".join(e.value for e in visit(figure="11").caption)
    assert ("The test curve is over" in captions) == (said is not None)
    assert (said or "") in captions


@pytest.mark.parametrize(("bound", "easier"), [(8.0, False), (9.5, True)])
def test_a_curve_over_easy_test_images_says_so(place, bound, easier):
    test = {"nll_bound": bound, "L_x": 5.0, "L_z": bound - 5, "images": 10, "samples": 1, "seed": 0}
    folder = write_model(place, "mnist-attention", card={"test": test})
    about = {"test_images": 5}
    _curve(folder, json.dumps({"format": curve.FORMAT, "unit": "nats", **CURVE, **about}))
    captions = "\n".join(e.value for e in visit(figure="11").caption)
    assert f"over 10 the bound is {bound:.2f} nats" in captions
    assert (". These 5 images are easier than the rest. " in captions) == easier
    assert "the bound $L_x + L_z$ per image" in captions


# ---- images of somebody else


def _imported(owner: str | None) -> str:
    """A set of pictures that this owner imported."""
    files = {f"{v}.png": grey(v, (28, 28)) for v in range(30)}
    size = {"height": 28, "width": 28, "channels": 1}
    return folder.import_images(zipped(files), None, name="Holiday", owner=owner, **size)


def _trained_on(runs: Path, data: str, owner: str | None) -> None:
    """A training on imported images whose owner lets everybody see the network."""
    card = load_card(write_model(runs, RUN, data))
    config = RunConfig("Mine", data, card.config, card.training, owner=owner, shared=True)
    made = create_run(config, runs)
    for name in (CONFIG, STATUS):
        shutil.move(made.folder / name, runs / RUN / name)
    shutil.rmtree(made.folder)


@pytest.fixture
def data(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize("owner", [None, "me", "you"])
def test_imported_images_are_for_their_owner(data, tmp_path, owner):
    name = _imported(owner)
    _trained_on(tmp_path / "runs", name, owner)
    app = visit(figure="6")
    (said,) = (e.proto for e in app.get("bidi_component") if "browser" in e.proto.component_name)
    asked = "known" in said.json
    if owner == "me":
        app.session_state["visitor"] = "me"
        app.run()
    shown = components(app)
    if owner == "you":
        sent = load(shown["draw_paper_nearest"])
        assert meta(shown["draw_paper_nearest"])["among"] == "other samples"
        for sample in sent["neighbours"].reshape(-1, 28 * 28):
            assert (sent["samples"].reshape(-1, 28 * 28) == sample).all(axis=1).any()
        assert "This model learned from images that somebody else imported." in words(app)
        # Only then is the browser asked who the visitor is, who may own them after all.
        assert asked
    else:
        sent = load(shown["draw_paper_nearest"])
        values = np.unique(sent["neighbours"])
        assert set(values) <= set(range(30))


@pytest.mark.parametrize("owner", ["me", "you"])
def test_the_first_picture_of_figure_2_is_none_of_somebody_else(data, tmp_path, owner):
    name = _imported(owner)
    _trained_on(tmp_path / "runs", name, owner)
    app = visit(figure="1")
    app.session_state["visitor"] = "me"
    app.session_state["paper_figure"] = "2"
    app.run()
    link = meta(components(app)["draw_paper_unrolled"])["link"]["image"]
    assert link == (f"{name}:1" if owner == "me" else "strokes:1")


def test_a_shipped_model_says_what_it_learned_from(data, place):
    write_model(place, "photographs", _imported("you"))
    text = words(visit(figure="6"))
    assert "This model learned from 10 images called “Holiday”. Images are not shipped with" in text
    assert "or run `python -m draw_core images FOLDER`, and they are shown here." in text
    assert "So each sample is compared with the 63 other samples" in text


def test_a_shipped_model_of_images_that_are_not_here_says_so(place):
    write_model(place, "photographs", "folder:0123456789abcdef")
    text = words(visit(figure="6"))
    assert "This model learned from 10 images that are not shipped with it." in text


# ---- words


def test_no_words_count_windows_or_filters_that_may_be_others():
    assert "four windows" in contents.BY_KEY["3"].do
    assert "144" not in contents.BY_KEY["3"].notice + contents.BY_KEY["4"].do
    # What is seen in a figure hangs on the model, so that it is asked and not told.
    for key in ("1", "5", "7", "8", "10", "11", "12"):
        assert "?" in contents.BY_KEY[key].notice
    assert "never" not in contents.BY_KEY["11"].notice
