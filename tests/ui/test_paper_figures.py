"""Every figure of the page Paper is sent what the models made, and says what it shows."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from draw_core.data import datasets
from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load as load_data
from draw_core.families.draw.film import film_of
from draw_core.film.codecs import BERNOULLI
from draw_core.film.files import load_film
from draw_core.store.checkpoint import make_preview, save_checkpoint
from tests.support import browser, small
from tests.support.paper_page import (
    COLOUR,
    GLIMPSES,
    classifier,
    components,
    meta,
    visit,
    words,
    write_model,
)
from ui.kit.wire import told
from ui.paper import colour, nearest

# ---- what the figures send


def test_figure_1_sends_the_samples_of_the_chosen_seed(full):
    app = visit(figure="1", seed="3", step="4", sample="2")
    data = components(app)["draw_paper_strip"]
    film = film_of(browser.pen().generate(6, small.seeded(3)))
    sent = load(data)
    np.testing.assert_allclose(sent["0.write_params"], film.windows("write").parameters, atol=1e-4)
    assert (meta(data)["step"], meta(data)["sample"]) == (4, 1)
    assert meta(data)["link"] == {"figure": "1", "model": "mnist-attention", "seed": "3"}


def test_figure_7_sends_both_films_of_one_seed(full):
    data = components(visit(figure="7"))["draw_paper_strip"]
    sent = load(data)
    assert sent["0.canvases"].shape == (17, 3, 1, 28, 28)
    assert sent["1.canvases"].shape == (6, 3, 1, 28, 28)
    assert "0.write_params" in sent
    assert "1.write_params" not in sent
    titles = [group["title"] for group in meta(data)["groups"]]
    assert titles[0].startswith("With attention: mnist-attention")
    assert titles[1].startswith("Without attention: mnist-no-attention")


def test_films_say_how_their_own_windows_go(full):
    for key in ("1", "8", "10"):
        app = visit(figure=key)
        data = load(components(app)["draw_paper_strip"])
        params, (_, height, width) = data["0.write_params"], data["0.canvases"].shape[2:]
        side = 100 * np.median(4 * params[..., 2]) / max(height, width)
        x, y = params[..., 0].clip(0, width - 1), params[..., 1].clip(0, height - 1)
        path = np.median(np.hypot(np.diff(x, axis=0), np.diff(y, axis=0)).sum(axis=0))
        said = (
            f"window's side is {side:.0f} % of the page's (median over all steps), and its centre"
        )
        assert f"{said} travels {path:.0f} pixels" in words(app)


def test_figure_1_begins_with_the_model_whose_window_is_the_smallest(place_of_two):
    data = components(visit(figure="1"))["draw_paper_strip"]
    assert meta(data)["link"]["model"] == "mnist-small"


@pytest.fixture
def place_of_two(full, tmp_path, monkeypatch) -> Path:
    """Two models of MNIST, the second one with a window of a tenth of the page."""
    root = tmp_path / "two"
    write_model(root, "mnist-attention")
    model = browser.pen()
    with torch.no_grad():
        model.write_window.bias[3] = -5.0  # log delta
    card = small.card(config=model.config, data="mnist")
    save_checkpoint(root / "mnist-small", model, card, make_preview(model))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    return root


def test_figure_2_sends_the_image_of_the_address(full):
    app = visit(figure="2", image="mnist:4", step="7")
    data = components(app)["draw_paper_unrolled"]
    image = load_data("mnist", "test").images[4].numpy()
    np.testing.assert_array_equal(load(data)["x"], image >= 128)
    assert meta(data)["step"] == 7
    assert "You look at test image 4 of MNIST" in words(app)
    app.button[0].click().run()
    assert "You look at test image 5 of MNIST" in words(app)
    following = load_data("mnist", "test").images[5].numpy()
    data = components(app)["draw_paper_unrolled"]
    np.testing.assert_array_equal(load(data)["x"], following >= 128)


def test_figure_4_takes_its_window_from_the_address(full):
    data = components(visit(figure="4", gx="12.5", delta="2", sigma="0.7", n="9"))
    start = meta(data["draw_paper_window"])["window"]
    assert (start["gX"], start["delta"], start["sigma"], start["n"]) == (12.5, 2, 0.7, 9)


def test_a_window_of_figure_3_goes_to_the_lab(full):
    app = visit(figure="3")
    wish = {"id": "1", "n": 12, "window": [1.0, 2.0, 3.0, 4.0, 1.0]}
    app.session_state["paper_window_3"] = {"lab": wish}
    app.run()
    assert not app.exception
    (lab,) = (e for e in app.get("bidi_component") if e.proto.component_name == "draw_lab")
    start = json.loads(_metadata(lab.proto.bytes)["told"])
    assert start["window"] == {"gX": 1, "gY": 2, "delta": 3, "sigma": 4, "gamma": 1, "n": 12}


def _metadata(data: bytes) -> dict:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length])["__metadata__"]


def test_figure_5_sends_what_the_classifier_saw(full):
    data = components(visit(figure="5"))["draw_paper_glimpses"]
    sent = load(data)
    composer = open_composer("cluttered:mnist", "test")
    numbers = np.arange(24)
    np.testing.assert_array_equal(sent["canvases"], composer.images(numbers))
    assert told(data)["labels"] == composer.labels(numbers).tolist()
    with torch.inference_mode():
        trace = classifier(GLIMPSES)(torch.from_numpy(composer.images(numbers)) / 255)
    np.testing.assert_allclose(sent["read_params"], trace.params.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sent["belief"].sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(sent["belief"], trace.logits.softmax(-1), atol=1e-5)


def test_figure_6_sends_the_nearest_training_images(full):
    data = components(visit(figure="6"))["draw_paper_nearest"]
    sent = load(data)
    film = load_film(full / "mnist-attention" / "preview.npz")
    samples = np.rint(255 * BERNOULLI.values[film.last])
    np.testing.assert_array_equal(sent["samples"], samples)
    images = load_data("mnist", "train").images.numpy().astype(float)
    for sample, indices, distances in zip(
        samples[:5], sent["indices"], sent["distances"], strict=False
    ):
        every = np.sqrt(((images - sample) ** 2).sum(axis=(1, 2, 3))) / 255
        np.testing.assert_allclose(distances, np.sort(every)[:5], rtol=1e-5)
        np.testing.assert_allclose(every[indices.astype(int)], distances, rtol=1e-5)
    np.testing.assert_array_equal(sent["neighbours"][3, 1], images[int(sent["indices"][3, 1])])
    tests = load_data("mnist", "test").images.numpy().astype(float)
    first = np.sqrt(((images - tests[0]) ** 2).sum(axis=(1, 2, 3))).min() / 255
    assert sent["real"][0] == pytest.approx(first, rel=1e-5)


def test_without_the_training_images_samples_are_compared_with_each_other(full):
    app = visit(figure="12")
    assert "The training images of CIFAR-10 are not on this machine." in words(app)
    assert "So each sample is compared with the 63 other samples:" in words(app)
    data = components(app)["draw_paper_nearest"]
    assert meta(data)["among"] == "other samples"
    sent = load(data)
    samples = sent["samples"].astype(float)
    for k in (0, 17, 63):
        every = np.sqrt(((samples - samples[k]) ** 2).sum(axis=(1, 2, 3))) / 255
        every[k] = np.inf
        np.testing.assert_allclose(sent["distances"][k], np.sort(every)[:5], rtol=1e-5)
        np.testing.assert_array_equal(sent["neighbours"][k, 0], samples[every.argmin()])
    assert sent["real"].size == 0


def test_of_equal_samples_none_is_its_own_neighbour():
    samples = np.zeros((9, 1, 2, 2), np.uint8)
    samples[8] = 255
    found = nearest.among_themselves(samples)
    assert (found.indices != np.arange(9)[:, None]).all()
    assert (found.distances[:8] == 0).all()
    np.testing.assert_allclose(found.distances[8], 2)


def test_figures_9_and_12_show_other_samples(full):
    stage = load(components(visit(figure="9"))["draw_stage"])
    sent = load(components(visit(figure="12"))["draw_paper_nearest"])
    last = np.rint(255 * BERNOULLI.values[stage["canvases"][-1]])
    assert last.shape == sent["samples"].shape
    assert not (last[:, None] == sent["samples"][None]).all(axis=(2, 3, 4)).any()


def test_neighbours_of_the_shipped_colour_model_are_sought_in_all_of_cifar(
    full, tmp_path, monkeypatch
):
    root = tmp_path / "shipped"
    write_model(root, "cifar-colour", "folder:0123456789abcdef", **COLOUR)
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    images = torch.from_numpy(
        np.random.default_rng(0).integers(0, 256, (30, 3, 32, 32)).astype(np.uint8)
    )
    monkeypatch.setattr(colour, "is_available", lambda name: name == "cifar10")
    monkeypatch.setattr(datasets, "load", lambda *_: SimpleNamespace(images=images))
    app = visit(figure="12")
    assert "All training images of CIFAR-10 are searched instead." in words(app)
    data = components(app)["draw_paper_nearest"]
    assert (meta(data)["among"], meta(data)["images"]) == ("training images", 30)
    sent = load(data)
    np.testing.assert_array_equal(
        sent["neighbours"][4, 2], images[int(sent["indices"][4, 2])].numpy()
    )


def test_the_stand_in_for_house_numbers_is_named(full):
    for key in ("9", "10"):
        assert "This model learned from **CIFAR-10** instead." in words(visit(figure=key))


# ---- costs


def test_the_curve_beside_the_weights_is_drawn(full):
    app = visit(figure="11")
    (chart,) = app.get("plotly_chart")
    assert "training images 7.0, test images 7.2" in chart.proto.alt
    assert "**cifar-colour**, which learned from CIFAR-10" in words(app)
