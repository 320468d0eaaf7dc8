"""What the Train page says of a run that waits, failed or ended, and of its result."""

import dataclasses
import shutil

import numpy as np
import pytest

from draw_core import jobs
from draw_core.runs.estimate import spoken
from draw_core.store.checkpoint import CARD, load_card
from tests.support import tiny_runs
from tests.support.train_page import (
    component,
    empty_words,
    put,
    said,
    sentences,
    visit,
)
from ui.models import runs as model_runs


def test_a_run_that_waits_says_why_nothing_trains(runs, trained, monkeypatch):
    run = put(trained, runs, "queued")
    assert "cannot begin yet" not in said(visit(run=run.id))
    status = jobs.ClusterStatus("none", fault="The scheduler cannot be reached.")
    monkeypatch.setattr(jobs, "cluster_status", lambda: status)
    app = visit(run=run.id)
    assert [w.value for w in app.warning] == [
        "It cannot begin yet: The scheduler cannot be reached."
    ]
    put(trained, runs, "running", id="20260102-000000-abcdef")
    assert not visit(run="20260102-000000-abcdef").warning


@pytest.mark.parametrize(
    ("changes", "place", "wait", "sentence"),
    [
        ({}, 3, 600.0, "It is number 3 in the queue and begins in about 10 minutes"),
        ({}, None, None, "It is next in the queue and begins when it is its turn"),
        (
            {"gave_way": True, "step": 12},
            1,
            61.0,
            "It let others go first, is next in the queue and goes on by itself in about 61 "
            "seconds",
        ),
        (
            {"message": "Its process ended unexpectedly.", "step": 12},
            2,
            7260.0,
            "It was interrupted, is number 2 in the queue and goes on by itself in about 2 hours 1 "
            "minute",
        ),
    ],
)
def test_a_run_that_waits_says_why_where_it_stands_and_how_long(
    runs, trained, monkeypatch, changes, place, wait, sentence
):
    run = put(trained, runs, "queued")
    run.write_status(dataclasses.replace(run.stored_status(), **{"step": 0, **changes}))
    monkeypatch.setattr(jobs, "place", lambda _: place)
    monkeypatch.setattr(jobs, "expected_wait", lambda _: wait)
    assert sentences(visit(run=run.id)) == [sentence]


@pytest.mark.parametrize(
    ("state", "message", "owner", "sentence"),
    [
        ("starting", "Loading the data.", "me", "Loading the data"),
        ("running", "", "me", ""),
        ("paused", "", "me", "It is saved: press Resume to go on"),
        ("paused", "Paused and saved.", "you", "It is saved: its owner can let it go on"),
        ("stopped", "", "me", "It is saved and no longer in the queue: press Resume to go on"),
        ("stopped", "Stopped and saved: no time.", "me", "Stopped and saved: no time"),
        ("finished", "", "me", ""),
    ],
)
def test_each_state_has_one_sentence(runs, trained, state, message, owner, sentence):
    run = put(trained, runs, state, owner=owner)
    run.write_status(dataclasses.replace(run.stored_status(), message=message))
    assert sentences(visit(run=run.id, owner="me")) == [sentence] * bool(sentence)


def test_a_run_that_failed_says_why_once(runs, trained):
    run = put(trained, runs, "failed", owner="me")
    run.write_status(dataclasses.replace(run.stored_status(), message="The disk is full."))
    app = visit(run=run.id, owner="me")
    assert sentences(app) == []
    assert [error.value for error in app.error] == ["The disk is full."]


def test_a_run_that_waits_shows_the_one_that_learns(runs, trained, mnist_root):
    waits = tiny_runs.new(runs, mnist_root, name="Waits")
    jobs.submit(waits)
    app = visit(run=waits.id)
    assert "The first pictures come when it is this training's turn." in said(app)
    assert empty_words(app) == "The first losses come when it is this training's turn."
    learns = put(trained, runs, "running", name="Learns")
    assert "you see the one that learns now" not in said(visit(run=waits.id))  # elsewhere
    learns.write_status(dataclasses.replace(learns.stored_status(), queued=1.0))
    model_runs.forget()
    app = visit(run=waits.id)
    assert "you see the one that learns now: **Learns**, which is another visitor's." in said(app)
    sent = component(app, "draw_stage")
    np.testing.assert_array_equal(sent["canvases"], learns.samples().frames())
    curve = component(app, "draw_curves")["series1"]
    np.testing.assert_allclose(curve[2], learns.history().loss)
    # What has pictures of its own shows them.
    gave_way = put(trained, runs, "queued", id="20260102-000000-abcdef")
    assert "you see the one that learns now" not in said(visit(run=gave_way.id))


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_a_run_that_ended_early_promises_nothing(runs, mnist_root, state):
    run = tiny_runs.new(runs, mnist_root)
    run.write_status(dataclasses.replace(run.stored_status(), state=state))
    app = visit(run=run.id)
    assert "This training ended before its first picture." in said(app)
    assert empty_words(app) == "This training ended before its first losses."


def test_a_finished_training_stands_beside_the_best_shipped_one(runs, trained, tmp_path):
    run = put(trained, runs, owner="me", preset="one-minute")
    card = load_card(run.folder)
    assert "None was measured on these images" in said(visit(run=run.id, owner="me"))
    for name, better in (("good", 3.25), ("best", 5.5), ("other", 9)):
        test = {**card.test, "nll_bound": card.test["nll_bound"] - better}
        test["L_x"] -= better
        one = dataclasses.replace(card, test=test, wall_time_s=7200.0, steps=1234)
        if name == "other":
            one = dataclasses.replace(one, data="strokes")
        shutil.copytree(run.folder, tmp_path / "checkpoints" / name)
        (tmp_path / "checkpoints" / name / CARD).write_text(one.to_json())
    text = said(visit(run=run.id, owner="me"))
    assert f"Your network: {card.test['nll_bound']:.1f} nats" in text
    assert f"best: {card.test['nll_bound'] - 5.5:.1f} nats" in text
    assert (
        "needs 5.5 nats less than the one here. It made 1,234 updates in 2 hours with pictures"
        in text
    )
    tries = "Try *Ten minutes*. Or set the *widest window* to 0.3. Or switch both windows off."
    assert tries in text
    trained_s, all_s = (spoken(s) for s in (run.stored_status().seconds, card.wall_time_s))
    assert f"in {trained_s} of training, or {all_s} with pictures and tests." in text
    assert "This network:" in said(visit(run=run.id, owner="you"))


def test_nothing_is_said_of_a_result_before_there_is_one(runs, trained):
    run = put(trained, runs, "running")
    assert "What to try next" not in said(visit(run=run.id))
