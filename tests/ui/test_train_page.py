"""A run on the Train page through AppTest: what it shows, and who may steer it."""

import dataclasses
import json

import numpy as np
import pytest

from draw_core import jobs
from draw_core.runs.control import read_control
from draw_core.runs.registry import Run, list_runs
from tests.support.train_page import (
    component,
    in_address,
    put,
    said,
    visit,
)
from ui.models import runs as model_runs


def test_train_makes_a_run_of_the_choices_and_opens_it(runs):
    app = visit(num_steps="5", threads="1", owner="me")
    app.button(key="train_go").click().run()
    assert not app.exception
    (entry,) = list_runs(runs)
    config = entry.config
    assert (config.model.num_steps, config.threads, config.owner) == (5, 1, "me")
    assert (config.preset, config.data, entry.status.state) == ("one-minute", "mnist", "queued")
    assert in_address(app) == {"run": entry.id}
    assert "Waiting" in said(app)
    assert "steps 5" in said(app)


def test_what_is_begun_before_the_browser_is_known_stays_the_visitors(runs):
    app = visit(data="strokes")
    app.button(key="train_go").click().run()
    (entry,) = list_runs()
    browsers = (e.proto for e in app.get("bidi_component"))
    payloads = (proto.json for proto in browsers if proto.component_name == "draw_browser")
    (told,) = (told for text in payloads if "known" in (told := json.loads(json.loads(text)[0])))
    # The browser keeps the name of this session, and says it when it comes again.
    assert told["used"]
    assert entry.config.owner == told["session"]
    again = visit(run=entry.id, owner=f"{'0' * 32} {told['session']}")
    assert not again.button(key="train_pause").disabled


def test_too_many_runs_of_one_visitor_are_refused_in_a_sentence(runs):
    app = visit(owner="me")
    for _ in range(3):
        app.button(key="train_go").click().run()
        app.button(key="train_new").click().run()
    app.button(key="train_go").click().run()
    assert not app.exception
    assert "not finished" in app.error[0].value
    assert len(list_runs(runs)) == 3
    assert len({entry.config.name for entry in list_runs(runs)}) == 3


@pytest.mark.parametrize("state", ["running", "paused", "finished", "stopped", "failed"])
def test_a_run_is_shown_with_pictures_and_curves(runs, trained, state):
    run = put(trained, runs, state)
    app = visit(run=run.id)
    sent = component(app, "draw_stage")
    np.testing.assert_array_equal(sent["canvases"], run.samples().frames())
    assert "series0" in component(app, "draw_curves")
    app.segmented_control(key="train_what").set_value("One image, rebuilt").run()
    sent = component(app, "draw_stage")
    np.testing.assert_array_equal(sent["original"], run.reconstruction().original)
    np.testing.assert_array_equal(sent["kl"], run.reconstruction().bars("kl").values)


def test_the_stage_of_another_run_is_as_at_first_and_that_of_the_same_one_stays(runs, trained):
    """A browser component keeps what it was switched to as long as it has the same identity."""
    ids = [f"2026010{k}-000000-abcdef" for k in (1, 2)]
    for run_id in ids:
        put(trained, runs, id=run_id)
    app = visit(run=ids[0])

    def identity() -> str:
        (found,) = (e for e in app.get("bidi_component") if "stage" in e.proto.component_name)
        return found.proto.id

    first = identity()
    app.run()
    assert identity() == first
    app.button(key=f"train_open_{ids[1]}").click().run()
    assert identity() != first


@pytest.mark.parametrize(("share", "word"), [(0.5, "Learning"), (1.0, "Measuring")])
def test_after_its_last_update_a_run_measures_and_names_no_end(runs, trained, share, word):
    plan, done = Run(trained).config().training, Run(trained).stored_status().step
    training = dataclasses.replace(plan, steps=round(done / share), seconds=None, warmup_steps=0)
    run = put(trained, runs, "running", training=training)
    run.write_status(dataclasses.replace(run.stored_status(), left_s=0.0))
    text = said(visit(run=run.id))
    assert word in text
    assert ("0 s left" in text) == (word == "Learning")


@pytest.mark.parametrize(
    ("limit", "left", "words"),
    [
        (60.0, 52.0, "15 s of 60 s of training · 52 s left with pictures and tests"),
        (60.0, 45.0, "15 s of 60 s of training · 45 s left"),
        (None, 52.0, "15 s of training · 52 s left"),
    ],
)
def test_what_is_left_is_more_than_what_is_left_of_training(runs, trained, limit, left, words):
    plan = dataclasses.replace(Run(trained).config().training, seconds=limit, steps=1000)
    run = put(trained, runs, "running", training=plan)
    status = dataclasses.replace(run.stored_status(), seconds=15.0, left_s=left)
    run.write_status(status)
    (line,) = (e.value for e in visit(run=run.id).markdown if "of training" in e.value)
    assert line.endswith(words)


def test_one_page_never_names_two_bounds_of_the_training_that_goes_on(runs, trained):
    run = put(trained, runs, "running")
    bound = f"{run.stored_status().test:.1f}"
    text = said(visit(run=run.id))
    assert text.count(bound) == 1
    assert ":gray[see above]" in text
    assert f"**{bound}** nats" in said(visit())  # where only the list shows it
    run.write_status(dataclasses.replace(run.stored_status(), state="finished"))
    model_runs.forget()
    assert f"**{bound}** nats" in said(visit(run=run.id))


GONE = "There is no such run; it may have been deleted."


def test_a_run_that_is_gone_is_said_until_another_is_opened(runs, trained):
    app = visit(run="nobody-has-it")
    assert GONE in said(app)
    assert "# Train a network" in said(app)
    app.run()  # as when the browser says whose it is
    assert GONE in said(app)
    run = put(trained, runs)
    app.session_state["train_run"] = run.id
    app.run()
    app.session_state["train_run"] = ""
    app.run()
    assert GONE not in said(app)


def test_the_samples_of_the_past_are_shown(runs, trained):
    run = put(trained, runs)
    app = visit(run=run.id)
    first = run.sample_steps()[0]
    app.select_slider(key=f"train_past_{run.id}").set_value(first).run()
    sent = component(app, "draw_stage")["canvases"]
    np.testing.assert_array_equal(sent, run.samples_at(first).frames())
    assert (sent != run.samples().frames()).any()


def test_only_its_owner_steers_a_run(runs, trained):
    run = put(trained, runs, "running", owner="me")
    app = visit(run=run.id, owner="you")
    assert app.button(key="train_pause").disabled
    assert "another visitor" in said(app)
    app = visit(run=run.id, owner="me")
    app.button(key="train_pause").click().run()
    assert read_control(run.folder).pause_at == 0
    app.button(key="train_resume").click().run()
    assert read_control(run.folder).pause_at is None
    app.select_slider(key=f"train_rate_{run.id}").set_value(0.5).run()
    assert read_control(run.folder).learning_rate_scale == 0.5
    app.button(key="train_stop").click().run()
    assert read_control(run.folder).stop


def test_a_run_of_the_command_line_is_only_watched(runs, trained):
    run = put(trained, runs, "running")
    app = visit(run=run.id, owner="you")
    for key in ("train_pause", "train_step", "train_stop"):
        assert app.button(key=key).disabled
    assert not app.button(key="train_restart").disabled
    assert "command line" in said(app)


@pytest.mark.parametrize("state", ["stopped", "failed"])
@pytest.mark.parametrize("wish", ["resume", "step"])
def test_a_run_that_stopped_or_failed_goes_on(runs, trained, monkeypatch, state, wish):
    asked = []
    monkeypatch.setattr(jobs, "request", lambda run, **wishes: asked.append(wishes))
    run = put(trained, runs, state, owner="me")
    app = visit(run=run.id, owner="me")
    assert app.button(key="train_stop").disabled
    app.button(key=f"train_{wish}").click().run()
    app.select_slider(key=f"train_rate_{run.id}").set_value(0.5).run()
    assert asked == [{wish: True}, {"learning_rate_scale": 0.5}]


def test_what_is_asked_by_a_forged_click_is_refused(runs, trained):
    run = put(trained, runs, "running", owner="me")
    app = visit(run=run.id, owner="me")
    app.session_state["visitor"] = "you"
    app.button(key="train_stop").click().run()
    assert not read_control(run.folder).stop
    assert "not yours" in app.error[0].value
    app.session_state["visitor"] = "me"
    app.session_state[f"train_menu_{run.id}"] = True
    app.run()
    app.checkbox(key=f"train_sure_{run.id}").check().run()
    app.session_state["visitor"] = "you"
    app.button(key=f"train_delete_{run.id}").click().run()
    assert run.folder.exists()
