"""The Train page's list of runs: copies, names, comparison, deletion and faults."""

import dataclasses

import pytest
from safetensors.numpy import load

from draw_core.runs import exchange
from draw_core.runs.registry import RunError, list_runs
from tests.support.train_page import (
    GENERATE,
    component,
    in_address,
    put,
    said,
    visit,
)
from ui.models import runs as model_runs
from ui.train import address as train_address, live as train_live, manage as train_manage


def test_a_restart_under_the_clock_is_not_promised_to_be_the_same(runs, trained):
    run = put(trained, runs, owner="me")
    assert "clock" not in visit(run=run.id, owner="me").button(key="train_restart").help
    timed = dataclasses.replace(run.config().training, seconds=60.0)
    run = put(trained, runs, id="20260102-000000-abcdef", owner="me", training=timed)
    assert "differ slightly" in visit(run=run.id, owner="me").button(key="train_restart").help


def test_a_copy_keeps_a_number_that_is_part_of_the_name(runs, trained):
    run = put(trained, runs, name="One minute, CIFAR-10")
    app = visit(run=run.id, owner="you")
    app.button(key="train_restart").click().run()
    app.button(key="train_restart").click().run()
    names = {e.config.name for e in list_runs(runs)}
    assert names == {f"One minute, CIFAR-10{end}" for end in ("", " #2", " #3")}


def test_anybody_restarts_a_run_as_their_own(runs, trained):
    run = put(trained, runs, owner="me")
    app = visit(run=run.id, owner="you")
    app.button(key="train_restart").click().run()
    assert not app.exception
    copy = next(e.config for e in list_runs(runs) if e.id != run.id)
    assert (copy.owner, copy.restart_of, copy.name) == ("you", run.id, "Trained #2")
    assert (copy.model, copy.training) == (run.config().model, run.config().training)
    assert in_address(app)["run"] != run.id


def test_a_run_is_renamed_and_deleted_from_its_menu(runs, trained):
    run = put(trained, runs, owner="me")
    app = visit(run=run.id, owner="me")
    app.session_state[f"train_menu_{run.id}"] = True
    app.run()
    app.text_input(key=f"train_name_{run.id}").set_value("*New* name").run()
    app.button(key=f"train_rename_{run.id}").click().run()
    assert run.config().name == "*New* name"
    assert "## \\*New\\* name" in said(app)
    app.session_state[f"train_menu_{run.id}"] = True
    app.run()
    assert app.button(key=f"train_delete_{run.id}").disabled
    app.checkbox(key=f"train_sure_{run.id}").check().run()
    app.button(key=f"train_delete_{run.id}").click().run()
    assert not app.exception
    assert not run.folder.exists()
    assert "preset" in in_address(app)  # the form again


def test_the_list_opens_and_compares(runs, trained):
    ids = [f"2026010{k}-000000-abcdef" for k in (1, 2, 3)]
    for k, name in enumerate(ids):
        put(trained, runs, id=name, name=f"Run {k}", created=float(k + 1))
    app = visit()
    for name in ids[:2]:
        app.checkbox(key=f"train_compare_{name}").check().run()
    assert len(component(app, "draw_curves")) == 4
    compare = f"{ids[1]},{ids[0]}"
    assert in_address(app)["compare"] == compare
    app.button(key=f"train_open_{ids[2]}").click().run()
    assert in_address(app) == {"run": ids[2], "compare": compare}
    assert app.button(key=f"train_open_{ids[2]}").disabled


def test_runs_on_different_images_share_no_axis(runs, trained):
    ids = [f"2026010{k}-000000-abcdef" for k in (1, 2, 3)]
    for name, data in zip(ids, ("mnist", "mnist", "strokes"), strict=True):
        put(trained, runs, id=name, data=data)
    app = visit(compare=",".join(ids))
    sent = [e for e in app.get("bidi_component") if e.proto.component_name == "draw_curves"]
    assert sorted(len(load(e.proto.bytes)) for e in sent) == [2, 4]
    assert "cannot be compared" in said(app)
    same = visit(compare=",".join(ids[:2]))
    assert len(component(same, "draw_curves")) == 4


def test_an_address_says_which_runs_are_compared(runs, trained):
    ids = [f"202601{k:02d}-000000-abcdef" for k in range(1, 12)]
    for k, name in enumerate(ids):
        put(trained, runs, id=name, name=f"Run {k}", created=float(k + 1))
    app = visit(compare=f"{ids[0]},{ids[10]},gone,<b>")  # the first is too old to be listed
    assert len(component(app, "draw_curves")) == 4
    assert in_address(app)["compare"] == f"{ids[10]},{ids[0]}"
    app.checkbox(key=f"train_compare_{ids[0]}").uncheck().run()
    assert in_address(app)["compare"] == ids[10]


def test_what_can_be_done_is_named_for_whoever_does_it(runs, trained):
    run = put(trained, runs, owner="me")
    label = {"me": "Restart, same seed", "you": "Start one like it"}
    for owner, words in label.items():
        assert visit(run=run.id, owner=owner).button(key="train_restart").label == words


def test_a_deleted_or_foreign_run_is_said_and_the_form_shown(runs):
    for name in ("20260101-000000-abcdef", "..", "a/b"):
        app = visit(run=name)
        assert not app.exception
        assert app.button(key="train_go")
        assert "run" in said(app).lower()
        assert "run" not in in_address(app)


def test_a_run_deleted_while_it_is_watched(runs, trained):
    run = put(trained, runs, "running")
    app = visit(run=run.id)
    run.delete()
    app.run()
    assert not app.exception
    assert not app.error
    assert app.button(key="train_go")


def test_a_run_deleted_between_two_looks_at_its_folder(runs, trained, monkeypatch):
    run = put(trained, runs, "running")

    def gone(folder):
        raise FileNotFoundError(folder)

    monkeypatch.setattr(train_live, "read_control", gone)
    app = visit(run=run.id)
    assert "was deleted" in app.warning[0].value


def test_a_bad_import_is_tried_once_and_its_fault_stays(runs, monkeypatch):
    tried = []

    def bad(content, owner=None):
        tried.append(content)
        raise RunError("The archive cannot be used.")

    monkeypatch.setattr(exchange, "import_run", bad)
    app = visit()
    app.session_state["train_import_menu"] = True
    app.run()
    app.file_uploader(key="train_import").upload("run.zip", b"PK").run()
    app.run()
    assert [e.value for e in app.error] == ["The archive cannot be used."]
    assert len(tried) == 1
    app.button(key="train_import_again").click().run()
    assert len(tried) == 2


def test_a_failed_export_is_no_archive(runs, trained):
    run = put(trained, runs)
    run.delete()
    faults = {}
    with pytest.raises(RunError):
        train_manage._export(run, faults)
    assert "deleted" in faults[run.id]


def test_a_broken_run_is_named_in_the_list_and_breaks_nothing(runs, trained):
    put(trained, runs)
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text("{")
    model_runs.forget()
    app = visit()
    assert "broken" in said(app)
    assert not app.error


def test_generate_opens_a_run(runs, trained):
    run = put(trained, runs, "running", name="Mine")
    twins = [put(trained, runs, name="Twin", id=f"2026010{k}-000000-{k}bcdef") for k in (1, 2)]
    app = visit(GENERATE, model=f"run:{run.id}")
    box = app.selectbox(key="model")
    assert box.value == f"run:{run.id}"
    assert "Mine (still learning)" in box.options
    # Of two with the same name, the one that was chosen is opened.
    labels = ["Twin 1bcdef (a training)", "Twin 2bcdef (a training)"]
    assert set(labels) <= set(box.options)
    for twin, label in zip(twins, labels, strict=True):
        app.selectbox(key="model").select(label).run()
        assert app.session_state["model"] == f"run:{twin.id}"
    assert component(app, "draw_live_stage")["canvases"].shape[:2] == (3, 16)


def test_a_name_cannot_write_markup_on_the_page(runs, trained):
    run = put(trained, runs, name="![x](http://example.com/x.png)")
    for app in (visit(), visit(run=run.id)):
        assert "!\\[x\\](http\\://example.com/x.png)" in said(app)
        assert "![x]" not in said(app)


def test_the_addresses_own_names_are_no_other_pages(runs):
    assert {"seed", "preset", "data", "run", "num_steps"} <= set(train_address.OWNED)
    app = visit(seed="7")
    assert "seed" not in app.session_state  # which is Generate's
