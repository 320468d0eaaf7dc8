"""The page Paper without a browser: its contents, every figure with and without models, tables."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
import torch
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.data import datasets
from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load as load_data
from draw_core.families.draw.film import film_of
from draw_core.families.glimpse.card import ClassifierCard, MeasuredError, Network
from draw_core.families.glimpse.checkpoint import load_classifier_card, save_classifier
from draw_core.families.glimpse.config import ClassifierTraining, ConvConfig, GlimpseConfig
from draw_core.families.glimpse.train import as_input, new_classifier
from draw_core.film.codecs import BERNOULLI
from draw_core.film.files import load_film
from draw_core.store import curve
from draw_core.store.checkpoint import CARD, list_checkpoints, make_preview, save_checkpoint
from tests.support import browser, process, small
from tests.support.tables import tables
from ui.kit import published
from ui.paper import charts, colour, commands, contents, nearest, ours, page as paper_page
from ui.paper.contents import CONTENTS

PATH = "pages/6_Paper.py"
FIGURES = [str(number) for number in range(1, 13)]
TABLES = ["table1", "table2", "table3"]
# The component of each figure that shows one, when everything is there.
COMPONENTS = {
    "1": "draw_paper_strip",
    "2": "draw_paper_unrolled",
    "3": "draw_paper_window",
    "4": "draw_paper_window",
    "5": "draw_paper_glimpses",
    "6": "draw_paper_nearest",
    "7": "draw_paper_strip",
    "8": "draw_paper_strip",
    "9": "draw_stage",  # no house numbers
    "10": "draw_paper_strip",
    "12": "draw_paper_nearest",
}
COLOUR = {"channels": 3, "height": 32, "width": 32}
GLIMPSES = GlimpseConfig(num_steps=3, hidden_size=9, read_size=4)
CONVOLUTIONS = ConvConfig(filters_1=2, filters_2=2)
PROTOCOL = "Composite images of a *test*."


def write_model(
    root: Path,
    name: str,
    data: str = "mnist",
    card: Mapping[str, object] | None = None,
    **changes: object,
) -> Path:
    """An untrained model with a card and a preview; ``changes`` are to its sizes."""
    model = browser.pen(**changes)
    values = {"config": model.config, "data": data, **(card or {})}
    save_checkpoint(root / name, model, small.card(**values), make_preview(model))
    return root / name


def write_classifier(root: Path, data: str = "cluttered:mnist") -> Path:
    """An untrained classifier beside its baseline, each with invented errors."""
    model, baseline = new_classifier(GLIMPSES, 0), new_classifier(CONVOLUTIONS, 0)
    errors = {
        GLIMPSES: MeasuredError(6.54, 0.21, 0.3, 10_000, PROTOCOL, (60.0, 20.0, 6.54)),
        CONVOLUTIONS: MeasuredError(14.29, 0.35, 0.5, 12, PROTOCOL),
    }
    seen, whole = (
        Network(config, 1, ClassifierTraining(), 10, 60.0, "a test", "0", "train", None, error)
        for config, error in errors.items()
    )
    folder = root / "cluttered-classifier"
    card = ClassifierCard(data, seen, whole, ("Hold the window *back*.",))
    save_classifier(folder, card, model.state_dict(), baseline.state_dict())
    return folder


def write_zoo(root: Path) -> Path:
    """A folder with a model for every figure."""
    write_model(root, "mnist-attention")
    write_model(
        root, "mnist-no-attention", read_attention=False, write_attention=False, num_steps=5
    )
    write_model(root, "mnist-two-digits", "two_digits:mnist", height=60, width=60)
    write_model(root, "cifar-colour", "cifar10", **COLOUR)
    write_classifier(root)
    curve_of = {"step": [1, 2, 3], "train": [9, 8, 7], "test_step": [2, 3], "test": [8.5, 7.25]}
    text = json.dumps({"format": curve.FORMAT, "unit": "nats", **curve_of})
    (root / "cifar-colour" / curve.CURVE).write_text(text)
    return root


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zoo(tmp_path_factory.mktemp("zoo"))


@pytest.fixture
def full(zoo: Path, mnist_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(zoo))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    return zoo


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither models nor data."""
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    return tmp_path / "checkpoints"


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(PATH)
    app.run()
    assert not app.exception
    return app


def components(app: AppTest) -> dict[str, bytes]:
    return {e.proto.component_name: e.proto.bytes for e in app.get("bidi_component")}


def meta(data: bytes) -> dict:
    length = int.from_bytes(data[:8], "little")
    (text,) = json.loads(data[8 : 8 + length])["__metadata__"].values()
    return json.loads(text)


def faults(app: AppTest) -> list[str]:
    return [element.value for element in [*app.error, *app.warning]]


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.info, *app.caption, *app.code]
    return "\n".join(element.value for element in elements)


def title(app: AppTest) -> str:
    return next(e.value for e in app.markdown if e.value.startswith("# "))


# ---- contents


def test_the_contents_are_those_of_the_paper_in_its_order():
    assert [entry.key for entry in CONTENTS] == FIGURES + TABLES
    assert [entry.name for entry in CONTENTS[11:13]] == ["Figure 12", "Table 1"]
    assert len({entry.title for entry in CONTENTS}) == len(CONTENTS)
    for entry in CONTENTS:
        for text in (entry.paper, entry.do, entry.notice):
            assert 20 < len(text) < 260, entry.name
            assert text[-1] in ".?"


# ---- every entry, with everything and with nothing


@pytest.mark.parametrize("key", FIGURES + TABLES)
def test_every_entry_shows_its_words_and_its_live_part(full, key):
    app = visit(figure=key)
    entry = contents.BY_KEY[key]
    assert title(app) == f"# {entry.name}: {entry.title}"
    for text in (entry.paper, entry.do, entry.notice):
        assert text in words(app)
    assert faults(app) == []
    shown = set(components(app)) - {"draw_paper_nav"}
    if key in COMPONENTS:
        assert COMPONENTS[key] in shown
    else:
        charts_shown = len(app.get("plotly_chart"))
        assert charts_shown == (0 if key == "table3" else 1)


@pytest.mark.parametrize("key", FIGURES + TABLES)
def test_where_nothing_is_here_every_entry_says_so(empty, key):
    app = visit(figure=key)
    assert title(app) == f"# {contents.BY_KEY[key].name}: {contents.BY_KEY[key].title}"
    assert len(app.error) == 0
    if key in ("3", "4"):  # these need only a picture
        assert "draw_paper_window" in components(app)
    elif key in FIGURES:
        (command,) = app.code
        _is_known(command.value)
        assert "on this server" in words(app)
    elif key == "table3":
        assert "No model is on this server yet." in words(app)
    else:
        assert len(app.get("plotly_chart")) == 1
        assert len(app.info) == 1


def _is_known(printed: str) -> None:
    """The lines are those of one entry of ``ALL``; more only says that the images are fetched."""
    lines = printed.splitlines()
    stored = [known.splitlines() for known in commands.ALL]
    assert [line.removesuffix(" --download") for line in lines] in stored
    assert lines[0].endswith(" --download") == ("--data" in lines[0])  # MNIST is not here
    assert all(line.endswith(" --download") for line in lines if " classify " in line)


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
    start = json.loads(_metadata(lab.proto.bytes)["lab"])
    assert start["window"] == {"gX": 1, "gY": 2, "delta": 3, "sigma": 4, "gamma": 1, "n": 12}


def _metadata(data: bytes) -> dict:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length])["__metadata__"]


def test_figure_5_sends_what_the_classifier_saw(full):
    sent = load(components(visit(figure="5"))["draw_paper_glimpses"])
    composer = open_composer("cluttered:mnist", "test")
    numbers = np.arange(24)
    np.testing.assert_array_equal(sent["images"], composer.images(numbers))
    np.testing.assert_array_equal(sent["labels"], composer.labels(numbers))
    with torch.inference_mode():
        trace = new_classifier(GLIMPSES, 0)(as_input(composer.images(numbers)))
    np.testing.assert_allclose(sent["params"], trace.params.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(sent["probabilities"].sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(sent["probabilities"], trace.logits.softmax(-1), atol=1e-5)


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


# ---- tables


def test_the_published_values_are_the_papers():
    assert [v.value for v in published.TABLE_1] == [14.35, 9.41, 8.11, 4.18, 3.36]
    found = {v.name: (v.value, v.bound) for v in published.TABLE_2}
    assert found == {
        "DBM, 2 hidden layers": (84.62, False),
        "DBN, 2 hidden layers": (84.55, False),
        "NADE": (88.33, False),
        "EoNADE-5": (84.68, False),
        "DLGM 8": (85.51, False),
        "DARN, 1 hidden layer": (84.13, False),
        "DRAW without attention": (87.40, True),
        "DRAW": (80.97, True),
        "PixelRNN, 7 layers": (79.20, False),
    }
    rows = [dataclasses.astuple(row)[1:] for row in published.TABLE_3]
    assert rows == [
        (8, 256, None, 12, None),
        (64, 256, 100, 2, 5),
        (32, 800, 100, 12, 12),
        (64, 400, 200, 5, 5),
    ]


def test_our_nats_are_read_from_the_card_with_their_command(full, monkeypatch, tmp_path):
    root = tmp_path / "changed"
    write_model(root, "mnist-attention")
    card = root / "mnist-attention" / CARD
    values = json.loads(card.read_text())
    values["test"] |= {"nll_bound": 82.345, "standard_error": 0.0678, "samples": 7, "seed": 5}
    card.write_text(json.dumps(values))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    app = visit(figure="table2")
    text = words(app)
    assert "**mnist-attention: ≤ 82.34 ± 0.07**" in text or "≤ 82.35 ± 0.07" in text
    assert "python -m draw_core evaluate mnist-attention --images 10 --samples 7 --seed 5" in text
    assert "The paper used one fixed binarised MNIST" in text
    assert "16 steps instead of 64" in text
    (chart,) = app.get("plotly_chart")
    assert "Dot chart of 10 values; the lowest is PixelRNN, 7 layers with 79.20" in chart.proto.alt


def test_our_errors_are_read_from_the_classifiers_card(full):
    text = words(visit(figure="table1"))
    assert "cluttered-classifier, 3 glimpses: 6.54 % ± 0.21" in text
    assert "cluttered-classifier, baseline: 14.29 % ± 0.35" in text


@pytest.mark.parametrize(
    ("glimpses", "whole", "said"),
    [
        (4.92, 4.17, "**Our convolutional network beats our glimpses:** the one that sees the"),
        (3.36, 14.35, "**Our glimpses beat our convolutional network:** the one that sees the"),
        (4.5, 4.17, "**Our two networks err about as often:** the one that sees the"),
    ],
)
def test_table_1_says_which_of_our_networks_errs_less(glimpses, whole, said):
    seen, all_at_once = (MeasuredError(e, 0.2, 0.3, 10_000, "") for e in (glimpses, whole))
    text = ours._which_errs_less(8, seen, all_at_once)
    assert text.startswith(said)
    assert f"whole picture at once errs on {whole:.2f} %, the one with 8 glimpses on" in text
    assert "14.35 % against 3.36 %." in text


def test_the_card_of_the_shipped_classifier_is_told_in_table_1_and_figure_5(full, monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(process.ROOT / "checkpoints"))
    card = load_classifier_card(process.ROOT / "checkpoints" / "cluttered-classifier")
    whole, seen = card.baseline.test.error, card.model.test.error
    text = words(visit(figure="table1"))
    winner = "Our convolutional network beats our glimpses" if whole < seen else "Our glimpses"
    assert winner in text
    assert f"errs on {whole:.2f} %, the one with 8 glimpses on {seen:.2f} %" in text


def test_table_3_has_our_sizes(full):
    (theirs, ours) = tables(visit(figure="table3"))
    for cell in ("SVHN", "800", "12 × 12"):
        assert cell in theirs
    row = next(row for row in ours.split("<tr") if "mnist-no-attention" in row)
    cells = [cell.split("</td>")[0] for cell in row.split('class="number">')[1:]]
    assert cells == ["5", "16", "8", "–", "–"]


def test_table_3_has_the_command_and_the_notes_of_each_card(full):
    app = visit(figure="table3")
    expected = [load_classifier_card(full / "cluttered-classifier").model.command]
    expected += [e.card.command for e in list_checkpoints(full) if e.card]
    assert [code.value for code in app.code] == expected
    assert len(expected) == 5
    assert "Hold the window" in words(app)


def test_a_name_in_a_chart_or_table_is_no_markup():
    dots = [charts.Dot("<img src=x>", 1.0, "1", "ours"), charts.Dot("b", 2.0, "2", "others")]
    text = charts.dots(dots, "x").to_json()
    assert "<img" not in text.encode().decode("unicode_escape")


@pytest.mark.parametrize(("others", "from_zero"), [(3.0, True), (1.5, False)])
def test_a_line_ends_at_its_dot_only_where_the_axis_begins_at_zero(others, from_zero):
    dots = [charts.Dot("a", 1.0, "1", "ours"), charts.Dot("b", others, "2", "others")]
    figure = charts.dots(dots, "x")
    ends = {shape.x1 for shape in figure.layout.shapes}
    assert (figure.layout.xaxis.range[0] == 0) == from_zero
    assert ends == ({1.0, others} if from_zero else {1})
    assert {shape.xref for shape in figure.layout.shapes} == {"x" if from_zero else "paper"}


def test_all_errors_of_table_1_have_their_unit(full):
    app = visit(figure="table1")
    (found,) = app.get("plotly_chart")
    traces = json.loads(found.proto.spec)["data"]
    told = [text for trace in traces for text in trace["text"]]
    assert len(told) == len(published.TABLE_1) + 2
    assert all(" %" in text for text in told)


def test_the_legend_names_the_kinds_that_are_there_and_no_others():
    dots = [charts.Dot("a", 1.0, "1", "ours"), charts.Dot("b", 2.0, "2", "later")]
    legend = charts.legend(dots)
    assert legend.index("later") < legend.index("ours")
    assert "DRAW" not in legend
    assert "others" not in legend


# ---- addresses


@pytest.mark.parametrize("value", ["13", "0", "-1", "table4", "1e0", "١", "<b>", "5 ", "x" * 5000])
def test_a_figure_that_is_none_is_refused_in_a_sentence(full, value):
    app = visit(figure=value)
    assert title(app).startswith("# Figure 1:")
    (notice,) = (e.value for e in app.info)
    assert "The address asks for figure" in notice
    assert len(notice) < 400


@pytest.mark.parametrize(
    ("key", "query"),
    [
        ("1", {"seed": "-4"}),
        ("1", {"model": "../../etc"}),
        ("1", {"step": "99"}),
        ("1", {"sample": "7"}),
        ("2", {"image": "mnist:99999"}),
        ("3", {"window": "5"}),
        ("4", {"gx": "1e99"}),
        ("5", {"step": "4"}),
        ("6", {"sample": "65"}),
        ("11", {"curve": "nothing"}),
    ],
)
def test_what_cannot_be_used_is_named_and_the_figure_shown(full, key, query):
    app = visit(figure=key, **query)
    ((name, _),) = query.items()
    assert any(f"asks for {name} =" in e.value for e in app.info)
    assert faults(app) == []
    assert title(app).startswith(f"# Figure {key}:")


def test_another_figure_takes_nothing_of_the_address(full, monkeypatch):
    def nav(_chosen, _owned, on_choice):
        st.button("Figure 7", key="seven", on_click=on_choice, args=("7",))

    monkeypatch.setattr(paper_page, "nav", nav)  # AppTest clicks on buttons alone
    app = visit(figure="1", seed="3", step="4")
    app.button(key="seven").click().run()
    data = components(app)["draw_paper_strip"]
    assert meta(data)["link"]["seed"] == "0"
    assert meta(data)["step"] is None
