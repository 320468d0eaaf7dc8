"""What the pages say of an exact likelihood, and of a reward, is true of them."""

import dataclasses
import json
from pathlib import Path

import pytest

from draw_core.families.objective import BOUND, ERROR, EXACT
from draw_core.families.registry import FAMILIES
from draw_core.runs.execution import execute
from draw_core.runs.files import append_line
from draw_core.runs.history import METRICS
from draw_core.runs.registry import Run
from draw_core.store.checkpoint import load_card, load_checkpoint, make_preview, save_checkpoint
from tests.support import small, tiny_runs
from tests.support.tables import tables
from tests.support.toy_families import DOTS, GUESSES, TOYS
from tests.support.train_page import put, said, visit
from tests.ui.test_compare_words import side
from ui.compare import models, table, words
from ui.models import about
from ui.models.catalogue import Model


@pytest.fixture(autouse=True)
def _registered(monkeypatch) -> None:
    for name, family in TOYS.items():
        monkeypatch.setitem(FAMILIES, name, family)


@pytest.fixture(scope="module")
def folders(tmp_path_factory, mnist_root) -> dict[str, Path]:
    """A finished training of each."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, family in TOYS.items():
            patch.setitem(FAMILIES, name, family)
            (preset,) = family.presets.values()
            run = tiny_runs.new_classifier(tmp_path_factory.mktemp(name), mnist_root, preset.model)
            assert execute(run.folder).state == "finished"
            found[name] = run.folder
    return found


def of(letter: str, folder: Path, at: int | None = None) -> models.Side:
    card = load_card(folder)
    run = folder.name if at is not None else None
    return models.Side(letter, Model(letter, letter, folder, card, run), at)


def curves(app) -> dict[str, dict]:
    """What every chart of curves was told, by the names of its curves."""
    found = {}
    for element in app.get("bidi_component"):
        if element.proto.component_name == "draw_curves":
            content = element.proto.bytes
            header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
            told = json.loads(header["__metadata__"]["told"])
            found[" ".join(one["name"] for one in told["series"])] = told
    return found


def test_the_curves_of_an_exact_likelihood_are_of_one_number(folders, runs):
    app = visit(run=put(folders["dots"], runs).id)
    charts = curves(app)
    assert list(charts) == ["test negative log-likelihood -log p(x)"]
    (told,) = charts.values()
    assert told["unit"] == "nats per image"
    text = said(app)
    assert EXACT.about in text
    assert f"test negative log-likelihood **{load_card(folders['dots']).value:.1f} nats**" in text
    assert not [word for word in ("test bound", "$L_x$", "KL", "wrongly") if word in text]


def test_a_reward_has_a_curve_beside_the_error(folders, runs):
    app = visit(run=put(folders["guesses"], runs).id)
    charts = curves(app)
    assert list(charts) == ["on test images surprise", "test error", "reward"]
    assert charts["test error"]["unit"] == "% of the test images"
    (reward,) = charts["reward"]["series"]
    assert reward["words"] == GUESSES.measures["reward"]
    assert ERROR.about in said(app)
    assert "test error **" in said(app)


def test_the_table_calls_an_exact_likelihood_so(folders):
    a, b = of("A", folders["dots"]), of("B", folders["dots"])
    rows = {row.label: row for row in table.rows(a, b)}
    test = a.card.test
    label = EXACT.figure.label
    assert rows[label].group == EXACT.title
    assert rows[label].a == f"{test['nll']:.2f} ± {test['standard_error']:.2f}"
    assert not {"Bound, L_x + L_z", "Still missing, L_x", "Sent, L_z"} & rows.keys()


def test_beside_a_bound_both_are_named(folders):
    a = of("A", folders["dots"])
    b = side("B", test={"nll_bound": 83.125, "L_x": 55.5, "L_z": 27.625, "images": 10_000})
    rows = {row.label: row for row in table.rows(a, b)}
    assert (rows[EXACT.figure.label].b, rows[BOUND.figure.label].a) == ("not measured",) * 2
    assert rows[BOUND.figure.label].b == "83.12"
    said = " ".join(table.notes(a, b))
    assert "One of the two is a bound" in said
    assert "What the two were measured by cannot be compared." not in said
    of_errors = " ".join(table.notes(a, of("B", folders["guesses"])))
    assert "What the two were measured by cannot be compared." in of_errors


def test_any_two_kinds_can_be_laid_side_by_side(folders):
    """Also two whose settings have the same names, and need other ones of only one of them."""
    cards = []
    for family in FAMILIES.values():
        how = family.training()
        told = {"training": how, "binarisation": how.binarisation, "test": None}
        cards.append(small.card(config=family.config(), **told))
    sides = [models.Side("A", Model("a", "a", Path("/a"), card)) for card in cards]
    for a in sides:
        for b in sides:
            kinds = [row for row in table.rows(a, b) if row.label == "Kind"]
            assert bool(kinds) == (a.family is not b.family)


@pytest.mark.parametrize(("name", "what"), [("dots", EXACT), ("guesses", ERROR)])
def test_a_moment_of_a_training_has_its_own_number(folders, name, what):
    history = Run(folders[name]).history()
    if not len(history.test_step):
        test = {"L_x": 500.25, "L_z": 0.0, "images": 5, "error": 40.0}
        append_line(folders[name] / METRICS, json.dumps({"step": 12, "seconds": 1, "test": test}))
        history = Run(folders[name]).history()
    step = int(history.test_step[-1])
    a = of("A", folders[name], at=12)
    rows = {row.label: row for row in table.rows(a, a)}
    value = history.tested(what.figure.metric)[-1]
    expected = what.figure.shown[1].format(value) + f" after {step} updates"
    assert rows[what.figure.label].a == expected
    assert f"the {what.name} is measured on only a part" in " ".join(table.notes(a, a))


def test_the_words_of_a_card_are_those_of_its_objective(folders):
    exact, errs = load_card(folders["dots"]), load_card(folders["guesses"])
    exact = dataclasses.replace(
        exact, training=dataclasses.replace(exact.training, binarisation="bernoulli")
    )
    said = about.describe("a", exact)
    assert f"the network needs {exact.value:.1f} nats to describe one image; less" in said
    assert "at most" not in said
    said = about.describe("a", errs)
    assert f"the network makes {errs.value:.1f} % errors; less is better." in said
    assert "nat" not in said.split("GB")[-1].partition("On ")[2]


def test_without_latents_no_step_has_numbers(folders):
    text = words.same_noise(of("A", folders["dots"]), side("B"))
    assert "at each step" not in text
    assert "do not use them alike" in text
    assert DOTS.config().drawn == "784 pixel numbers were drawn"


def test_what_cannot_rebuild_is_not_asked_to(folders):
    a = of("A", folders["dots"])
    assert "rebuilds none" in models.why_no_reconstruction(a, a)
    assert models.why_no_samples(a, a) is None


def test_pages_show_them(folders, runs, monkeypatch, tmp_path):
    """Watch, Generate and Compare."""
    root = tmp_path / "shown"
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    for name, folder in folders.items():
        model, card = load_checkpoint(folder)
        save_checkpoint(root / name, model, card, make_preview(model))
    app = visit("app.py")
    assert "called Dots, never saw" in said(app)
    app = visit("pages/1_Generate.py", model="dots")
    assert "784 pixel numbers were drawn" in said(app)
    app = visit("pages/5_Compare.py", a="dots", b="dots")
    assert any(EXACT.figure.label in text for text in tables(app))


def test_a_result_is_set_beside_the_best_shipped_one(folders, runs, monkeypatch, tmp_path):
    root = tmp_path / "shown"
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(root))
    for name, folder in folders.items():
        model, card = load_checkpoint(folder)
        key = card.objective.figure.key
        better = dataclasses.replace(card, test={**card.test, key: card.test[key] - 0.5})
        save_checkpoint(root / name, model, better, make_preview(model))
    text = said(visit(run=put(folders["dots"], runs).id))
    assert "needs 0.5 nats less than the one here" in text
    text = said(visit(run=put(folders["guesses"], runs, id="20260102-000000-abcdef").id))
    assert "errs less often, by 0.5 % of them" in text
