"""The tables of the page Paper and the commands that it prints."""

import dataclasses
import json
import os
import re
import shlex

import pytest
from typer.testing import CliRunner

from draw_core import cli
from draw_core.base.command_line import DATA_ROOT
from draw_core.base.settings import TrainConfig
from draw_core.families.draw import published
from draw_core.families.vae.config import VaeConfig
from draw_core.families.vae.model import VAE
from draw_core.store.checkpoint import (
    CARD,
    list_checkpoints,
    load_card,
    make_preview,
    save_checkpoint,
)
from tests.support import process, small
from tests.support.command_lines import asked_for, parsed
from tests.support.paper_page import PROTOCOL, visit, words, write_classifier, write_model
from tests.support.tables import tables
from ui.paper import charts, commands, ours

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
    seen, all_at_once = ({"error": e, "standard_error": 0.2} for e in (glimpses, whole))
    text = ours._which_errs_less(8, seen, all_at_once)
    assert text.startswith(said)
    assert f"whole picture at once errs on {whole:.2f} %, the one with 8 glimpses on" in text
    assert "14.35 % against 3.36 %." in text


def test_the_card_of_the_shipped_classifier_is_told_in_table_1_and_figure_5(full, monkeypatch):
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(process.ROOT / "checkpoints"))
    whole, seen = (
        load_card(process.ROOT / "checkpoints" / f"cluttered-{name}").value
        for name in ("baseline", "classifier")
    )
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
    of = {e.name: e.card.command for e in list_checkpoints(full) if e.card}
    del of["cluttered-baseline"]  # whose sizes are of another kind
    expected = [of.pop("cluttered-classifier"), *of.values()]
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


MEASURED = {"nll_bound": 85.5, "L_x": 60.0, "L_z": 25.5, "images": 10_000, "standard_error": 0.2}


# ---- the commands that make a missing model


@pytest.mark.parametrize("block", commands.ALL)
def test_the_program_understands_every_command_for_a_missing_model(block):
    for line in block.splitlines():
        path, options = parsed(line)
        assert path in ("train", "publish")
        if path == "publish":
            assert f"--run-dir {options['run_folder']} " in block
        elif options.get("resume"):
            assert block.count(f"--run-dir {options['run_dir']} ") == block.count("train ")
        elif path == "train":
            assert asked_for(options).training.batch_size > 0


# ---- table 1


def test_each_number_of_table_1_has_the_command_that_prints_it(full):
    shown = [code.value for code in visit(figure="table1").code]
    lines = [line for line in shown if not line.endswith("train")]
    assert len(shown) == 2 * len(lines)  # each beside the one that trains it
    assert "- Hold the window \\*back\\*." in words(visit(figure="table1"))
    assert len(lines) == 2
    assert {path for path, _ in map(parsed, lines)} == {"evaluate"}
    images = {values["checkpoint"]: values.get("images") for _, values in map(parsed, lines)}
    assert images == {"cluttered-classifier": None, "cluttered-baseline": 12}


def test_the_command_of_the_baseline_measures_the_baseline(full):
    shown = [code.value for code in visit(figure="table1").code]
    (line,) = (line for line in shown if "cluttered-baseline" in line)
    words = shlex.split(line)[3:]
    assert words[-2:] == ["--data-root", DATA_ROOT]
    result = CliRunner().invoke(cli.app, [*words[:-1], os.environ["DRAW_DATA_ROOT"], "--json"])
    assert result.exit_code == 0, result.output
    measured = json.loads(result.stdout)
    assert measured["images"] == 12
    assert 0 <= measured["error"] <= 100
    assert "after_glimpse" not in measured  # as the network without glimpses has none


def test_table_1_says_what_sets_our_classifier_apart(full):
    text = words(visit(figure="table1"))
    assert "3 glimpses instead of 4 or 8, 9 units instead of 256" in text
    assert "a window of 4 × 4 instead of 12 × 12" in text


def test_a_classifier_of_other_pictures_is_no_row_of_table_1(full, tmp_path, monkeypatch):
    write_classifier(tmp_path, "cluttered:strokes")
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    app = visit(figure="table1")
    assert "cluttered-classifier, cluttered-baseline (other images)." in words(app)
    assert len(app.code) == 0


@pytest.mark.parametrize("key", ["table1", "table2"])
def test_what_a_card_says_of_its_images_is_no_markup(full, tmp_path, monkeypatch, key):
    test = MEASURED | {"protocol": PROTOCOL}
    write_model(tmp_path, "mnist-attention", card={"test": test})
    write_classifier(tmp_path)
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    captions = [e.value for e in visit(figure=key).caption]
    assert r"Composite images of a \*test\*." in captions
    assert "± is the standard error over the test images." in captions


# ---- table 2


def _trained(binarisation: str) -> dict[str, object]:
    training = TrainConfig.from_dict({"steps": 6, "binarisation": binarisation})
    return {"training": training, "test": MEASURED}


def test_only_models_of_binarised_mnist_stand_on_the_axis_of_table_2(full, tmp_path, monkeypatch):
    write_model(tmp_path, "mnist-attention", card=_trained("bernoulli"))
    write_model(tmp_path, "hard", card=_trained("threshold"))
    write_model(tmp_path, "grey", card=_trained("grey"))
    write_model(tmp_path, "pens", "strokes", card=_trained("bernoulli"))
    write_model(tmp_path, "pairs", "strokes", card=_trained("bernoulli"))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    app = visit(figure="table2")
    assert [line.value for line in app.code] == [
        "python -m draw_core evaluate mnist-attention --data-root DIR",
        "python -m draw_core train",
    ]
    (sentence,) = (e.value for e in app.caption if e.value.startswith("Not on this axis"))
    assert sentence == (
        "Not on this axis: grey (grey pixels); hard (pixels made black and white by a threshold); "
        "pairs, pens (other images)."
    )
    (chart,) = app.get("plotly_chart")
    assert "Dot chart of 10 values" in chart.proto.alt


def test_a_network_of_another_kind_stands_on_the_axis_of_table_2(full, tmp_path, monkeypatch):
    write_model(tmp_path, "mnist-attention", card=_trained("bernoulli"))
    model = VAE(VaeConfig(hidden_size=3, z_size=2))
    card = small.card(config=model.config, **_trained("bernoulli"))
    save_checkpoint(tmp_path / "mnist-vae", model, card, make_preview(model))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    text = words(visit(figure="table2"))
    assert "It is no DRAW network, but a network of the kind VAE: It makes the whole" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            "Compared with the paper's DRAW (≤ 80.97): 16 steps instead of 64, 16 units instead of "
            "256, 8 latents per step instead of 100, a read window of 3 × 3 instead of 2 × 2, a "
            "write window of 4 × 4 instead of 5 × 5.",
        ),
        (
            {"read_attention": False, "write_attention": False},
            "Compared with the paper's DRAW without attention (≤ 87.40): 16 steps instead of 64, "
            "16 units instead of 256, 8 latents per step instead of 100.",
        ),
        (
            {"read_attention": False, "num_steps": 64, "enc_size": 9, "write_size": 5},
            "Compared with the paper's DRAW (≤ 80.97): 16 units instead of 256, 8 latents per step "
            "instead of 100, 9 units of the encoder instead of 256, no read window.",
        ),
    ],
)
def test_ours_is_set_beside_the_papers_network_that_is_most_like_it(
    full,
    tmp_path,
    monkeypatch,
    changes,
    said,
):
    write_model(tmp_path, "ours", card=_trained("bernoulli") | {"steps": 1234}, **changes)
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    (text,) = (e.value for e in visit(figure="table2").markdown if e.value.startswith("**ours"))
    assert said in text
    batch = dataclasses.asdict(TrainConfig())["batch_size"]
    assert f"It was trained with 1,234 updates of {batch} images in 2 seconds." in text
    assert re.search("black and white in another draw than the paper's", text)


def test_a_tighter_bound_is_named_as_what_it_is(full, tmp_path, monkeypatch):
    weighted = {"iwae": 80.359, "iwae_samples": 50, "iwae_standard_error": 0.2}
    write_model(tmp_path, "ours", card=_trained("bernoulli") | {"test": {**MEASURED, **weighted}})
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path))
    app = visit(figure="table2")
    (text,) = (e.value for e in app.markdown if e.value.startswith("**ours"))
    assert f"**ours: ≤ {MEASURED['nll_bound']:.2f}" in text  # the bound that the paper states
    assert "importance-weighted over 50 samples of the latents, is 80.36 ± 0.20 nats" in text
    assert app.code[0].value == ("python -m draw_core evaluate ours --iwae 50 --data-root DIR")
