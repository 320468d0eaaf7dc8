"""What a visitor uploads, and what learns from it, stays theirs: every door, two visitors."""

import dataclasses
import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from draw_core import jobs
from draw_core.data import shelf
from draw_core.data.folders import folder
from draw_core.runs import exchange
from draw_core.runs.execution import execute
from draw_core.runs.registry import Run, list_runs
from draw_core.store.checkpoint import load_preview
from tests.support import browser, tiny_runs
from tests.support.train_page import component, in_address, said, visit
from ui.models import runs

ME, YOU = "a" * 32, "b" * 32
SECRET = "Grandmother"  # what the images are called
GENERATE, RECONSTRUCT, ATTENTION, TRAIN, COMPARE, PAPER = (
    f"pages/{k}_{name}.py"
    for k, name in enumerate(
        ("Generate", "Reconstruct", "Attention", "Train", "Compare", "Paper"), 1
    )
)


def _archive() -> io.BytesIO:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for k in range(24):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (28, 28), np.uint8)).save(picture, "PNG")
            archive.writestr(f"{k}.png", picture.getvalue())
    return buffer


def _import(root: Path, owner: str | None) -> str:
    return folder.import_images(
        _archive(), root, name=SECRET, height=28, width=28, channels=1, owner=owner
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with my images, and a run that has learned from them."""
    root = tmp_path_factory.mktemp("private")
    name = _import(root / "data", ME)
    run = tiny_runs.new(
        root / "runs",
        root / "data",
        data=name,
        name=f"One minute, {SECRET}",
        preset="one-minute",
        owner=ME,
        binarisation="grey",
    )
    assert execute(run.folder).state == "finished"
    browser.write_checkpoint(root / "checkpoints", browser.pen())
    return root


@pytest.fixture
def run(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """My run on my images, on the server that both visit."""
    root = tmp_path / "server"
    shutil.copytree(trained, root)
    for variable, name in (("RUNS_DIR", "runs"), ("DATA_ROOT", "data"), ("CHECKPOINTS",) * 2):
        monkeypatch.setenv(f"DRAW_{variable}", str(root / name.lower()))
    monkeypatch.setattr(jobs, "submit", lambda run: None)
    (entry,) = list_runs(root / "runs")
    run = Run(root / "runs" / entry.id)
    config = dataclasses.replace(run.config(), data_root=str(root / "data"))
    (run.folder / "run.json").write_text(config.to_json())
    card = json.loads((run.folder / "card.json").read_text())
    card["notes"] = [f"It learned what {SECRET} drew."]  # as an imported training may have
    (run.folder / "card.json").write_text(json.dumps(card))
    runs.forget()
    runs._checkpoints.clear()
    return run


def everything(app) -> str:
    """All that is sent to a browser, the components' payloads included."""
    return (
        said(app)
        + "".join(repr(element.proto) for element in app.main if hasattr(element, "proto"))
        + "".join(
            repr(e.proto)
            for kind in ("bidi_component", "radio", "selectbox", "html")
            for e in app.get(kind)
        )
    )


DOORS = {
    "the list": (TRAIN, {}),
    "the form": (TRAIN, {"data": "{data}"}),
    "the training": (TRAIN, {"run": "{run}"}),
    "the compared curves": (TRAIN, {"compare": "{run}"}),
    "Generate": (GENERATE, {"model": "run:{run}"}),
    "Reconstruct": (RECONSTRUCT, {"model": "run:{run}", "image": "{data}:0"}),
    "Attention": (ATTENTION, {"image": "{data}:0"}),
    "samples on Attention": (ATTENTION, {"image": "sample:run:{run}:0"}),
    "a scaled picture": (ATTENTION, {"image": "1x20x20@{data}:0"}),
    "Compare": (COMPARE, {"a": "run:{run}", "mode": "reconstruct", "image": "{data}:0"}),
    "Paper": (PAPER, {"figure": "2", "model": "run:{run}", "image": "{data}:0"}),
}


def _open(run: Run, door: str, owner: str):
    path, query = DOORS[door]
    names = {"run": run.id, "data": run.config().data}
    return visit(path, owner=owner, **{k: v.format(**names) for k, v in query.items()})


@pytest.mark.parametrize("door", DOORS)
def test_what_is_mine_is_told_to_nobody_else(run, door):
    text = everything(_open(run, door, YOU))
    identity = run.config().data.removeprefix("folder:")
    # An address that is refused may be repeated to whoever typed it; nothing else may be said.
    assert SECRET not in text
    assert "(a training)" not in text
    assert f"train_row_{run.id}" not in text
    assert f'"model": "run:{run.id}"' not in text
    assert f'{identity}:0"' not in text.replace("\\", "")


def test_i_find_what_is_mine_everywhere(run):
    data = run.config().data
    assert SECRET in said(visit(owner=ME))
    assert visit(owner=ME, data=data).radio(key="train_data").value == data
    app = visit(owner=ME, run=run.id)
    assert in_address(app)["run"] == run.id
    assert "One image, rebuilt" in app.segmented_control(key="train_what").options
    assert (
        visit(GENERATE, owner=ME, model=f"run:{run.id}").session_state["model"] == f"run:{run.id}"
    )
    app = visit(RECONSTRUCT, owner=ME, model=f"run:{run.id}", image=f"{data}:0")
    assert SECRET in said(app)


def test_a_training_that_is_not_shared_does_not_exist_for_others(run):
    app = visit(owner=YOU, run=run.id)
    assert "There is no such run" in said(app)
    assert "run" not in in_address(app)
    app = visit(owner=YOU, compare=run.id)
    assert not [e for e in app.get("bidi_component") if e.proto.component_name == "draw_curves"]


def test_a_link_waits_until_the_browser_says_whose_it_is(run):
    app = visit(run=run.id)
    assert "One moment" in said(app)
    (asked,) = (e.proto.json for e in app.get("bidi_component") if "waiting" in e.proto.json)
    assert json.loads(json.loads(asked)[0])["waiting"]
    app.session_state["visitor"] = ME
    assert in_address(app.run())["run"] == run.id


def test_a_shared_training_shows_the_network_and_not_the_images(run):
    app = visit(owner=ME, run=run.id)
    app.session_state[f"train_menu_{run.id}"] = True
    app.run()
    app.toggle(key=f"train_share_{run.id}").set_value(True).run()
    assert run.config().shared
    runs.forget()
    app = visit(owner=YOU, run=run.id)
    text = everything(app)
    assert SECRET not in text
    assert "images that somebody else imported" in text
    assert app.segmented_control(key="train_what").options == ["New pictures"]
    names = [e.proto.component_name for e in app.get("bidi_component")]
    assert {"draw_stage", "draw_curves"} <= set(names)
    assert app.button(key="train_restart").disabled
    for door in ("Generate", "Reconstruct", "Compare", "Paper"):
        text = everything(_open(run, door, YOU))
        assert SECRET not in text, door
    assert (
        visit(GENERATE, owner=YOU, model=f"run:{run.id}").session_state["model"] == f"run:{run.id}"
    )


def test_nobody_trains_on_images_of_somebody_else_by_a_forged_click(run):
    app = visit(owner=ME, run=run.id)
    app.session_state["visitor"] = YOU
    app.button(key="train_restart").click().run()
    assert len(list_runs(run.folder.parent)) == 1
    assert "somebody else" in app.error[0].value
    app = visit(owner=ME, data=run.config().data)
    app.session_state["visitor"] = YOU
    app.button(key="train_go").click().run()
    learned = [entry.config.data for entry in list_runs(run.folder.parent)]
    assert learned.count(run.config().data) == 1


def test_only_who_began_it_shares_it(run):
    run.share(True)
    runs.forget()
    app = visit(owner=YOU, run=run.id)
    app.session_state[f"train_menu_{run.id}"] = True
    app.run()
    assert app.toggle(key=f"train_share_{run.id}").disabled


def test_an_export_for_others_names_no_images(run, tmp_path):
    with zipfile.ZipFile(io.BytesIO(exchange.export_run(run, anonymous=True))) as archive:
        names = archive.namelist()
        content = b"".join(
            archive.read(name) for name in names if name.endswith((".json", ".jsonl"))
        )
    assert SECRET.encode() not in content
    assert run.config().data.encode() not in content
    assert "reconstruction.npz" not in names
    copy = exchange.import_run(exchange.export_run(run, anonymous=True), tmp_path / "x", owner=YOU)
    assert copy.config().owner == YOU
    assert not copy.config().shared


def test_who_owns_what_is_looked_up_once_and_not_for_each_label(run, monkeypatch):
    for number in range(8):
        copy = Run(
            shutil.copytree(run.folder, run.folder.with_name(f"20200101-00000{number}-aaaaaa"))
        )
        copy.share(True)
    found, reads, read = list_runs(run.folder.parent), [], shelf.read
    monkeypatch.setattr(runs, "every_entry", lambda: found)
    monkeypatch.setattr(shelf, "read", lambda *names: reads.append(names) or read(*names))
    app = visit(GENERATE, owner=YOU)
    (options,) = (box.options for box in app.selectbox if box.label == "Model")
    assert sum("(a training)" in option for option in options) == len(found) - 1
    assert len(reads) <= 4 * len(found)


def test_images_of_everyone_are_shown_to_everyone(run):
    name = _import(Path(run.config().data_root), None)
    config = dataclasses.replace(run.config(), data=name)
    (run.folder / "run.json").write_text(config.to_json())
    runs.forget()
    app = visit(owner=YOU, run=run.id)
    assert SECRET in said(app)
    assert "One image, rebuilt" in app.segmented_control(key="train_what").options


def test_the_name_of_what_is_gone_is_not_told_either(run):
    shelf.delete_folder(run.config().data, Path(run.config().data_root))
    assert SECRET not in everything(visit(owner=YOU))
    assert SECRET in said(visit(owner=ME))


def test_who_waits_for_what_is_mine_sees_a_shipped_network(run, mnist_root):
    run.write_status(
        dataclasses.replace(run.stored_status(), state="running", worker=None, queued=1.0)
    )
    waits = tiny_runs.new(run.folder.parent, mnist_root, owner=YOU)
    waits.write_status(dataclasses.replace(waits.stored_status(), state="queued", queued=2.0))
    runs.forget()
    app = visit(owner=YOU, run=waits.id)
    assert "learns now is for its owner alone" in said(app)
    assert "**mnist-attention**, which comes with this program" in said(app)
    assert SECRET not in everything(app)
    shipped = load_preview(run.folder.parents[1] / "checkpoints" / "mnist-attention")
    sent = component(app, "draw_stage")
    np.testing.assert_array_equal(sent["canvases"], shipped.first(16).frames())
    waits_too = visit(owner=ME, run=waits.id)
    assert f"**One minute, {SECRET}**, which is yours" in said(waits_too)
