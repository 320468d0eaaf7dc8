"""The Train page through AppTest: choices, addresses, runs and who may steer them."""

import dataclasses
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core import jobs
from draw_core.data.folders import folder
from draw_core.data.registry import DataError
from draw_core.families.draw.presets import PRESETS
from draw_core.runs import exchange
from draw_core.runs.control import read_control
from draw_core.runs.execution import execute
from draw_core.runs.registry import Run, RunError, list_runs
from draw_core.store.checkpoint import CARD, load_card
from tests.support import process, tiny_runs
from ui.models import runs as model_runs
from ui.train import address as train_address, downloads, live as train_live, manage as train_manage
from ui.train.estimate import spoken

TRAIN, GENERATE = "pages/4_Train.py", "pages/1_Generate.py"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, mnist_root: Path) -> Path:
    """The folder of a small finished run."""
    run = tiny_runs.new(tmp_path_factory.mktemp("trained"), mnist_root, name="Trained")
    assert execute(run.folder).state == "finished"
    return run.folder


@pytest.fixture
def runs(tmp_path: Path, mnist_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of runs that the pages see; nothing is really trained."""
    root = tmp_path / "runs"
    root.mkdir()
    monkeypatch.setenv("DRAW_RUNS_DIR", str(root))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(mnist_root))
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))

    def submit(run: Run) -> None:
        queued = dataclasses.replace(run.stored_status(), state="queued", queued=1.0, message="")
        run.write_status(queued)

    monkeypatch.setattr(jobs, "submit", submit)
    monkeypatch.setattr(jobs, "request", lambda run, **wishes: run.request(**wishes))
    model_runs.forget()
    return root


def visit(path: str = TRAIN, owner: str | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    if owner:
        app.session_state["visitor"] = owner
    app.switch_page(path).run()
    assert not app.exception
    assert not [e.value for e in app.error if "Something went wrong" in e.value]
    return app


def said(app: AppTest) -> str:
    """All text that the page shows."""
    kinds = (app.markdown, app.info, app.warning, app.error, app.caption)
    return "\n".join(element.value for kind in kinds for element in kind)


def in_address(app: AppTest) -> dict[str, str]:
    """What the page tells the browser to write into its address."""
    said: dict[str, str] = {}
    for element in app.get("bidi_component"):
        if element.proto.component_name == "draw_browser":
            (text,) = json.loads(element.proto.json)
            said |= json.loads(text)["parameters"]
    return said


def component(app: AppTest, name: str):
    (found,) = (e for e in app.get("bidi_component") if e.proto.component_name == name)
    return load(found.proto.bytes)


def put(trained: Path, runs: Path, state: str = "finished", **changes: object) -> Run:
    """A run of the module-wide one's pictures and losses, in another state."""
    run = Run(runs / str(changes.pop("id", "20260101-000000-abcdef")))
    shutil.copytree(trained, run.folder)
    config = dataclasses.replace(run.config(), **changes)
    (run.folder / "run.json").write_text(config.to_json())
    run.write_status(dataclasses.replace(run.stored_status(), state=state, worker=None))
    model_runs.forget()
    return run


# ---- choices


def test_it_opens_with_the_first_preset_and_data_that_are_there(runs):
    app = visit()
    assert app.radio(key="train_preset").value == "one-minute"
    assert app.radio(key="train_data").value == "mnist"
    assert not app.button(key="train_go").disabled
    assert app.number_input(key="train_num_steps").value == 8
    assert in_address(app) == {"preset": "one-minute", "data": "mnist"}
    assert len(app.warning) == len(app.error) == 0


def test_without_mnist_the_strokes_are_chosen(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "none"))
    app = visit()
    assert app.radio(key="train_data").value == "strokes"
    assert not app.button(key="train_go").disabled


def test_the_address_makes_every_choice(runs):
    query = {
        "preset": "ten-minutes",
        "data": "strokes",
        "num_steps": "5",
        "learning_rate": "2.5e-3",
        "read_attention": "no",
        "initial_canvas": "blank",
        "seconds": "90",
        "threads": "1",
    }
    app = visit(**query)
    assert app.radio(key="train_preset").value == "ten-minutes"
    assert app.number_input(key="train_num_steps").value == 5
    assert app.number_input(key="train_learning_rate").value == 0.0025
    assert app.toggle(key="train_read_attention").value is False
    assert app.number_input(key="train_read_size").disabled
    assert app.selectbox(key="train_initial_canvas").value == "blank"
    assert app.number_input(key="train_z_size").value == PRESETS["ten-minutes"].model.z_size
    assert in_address(app) == {**query, "learning_rate": "0.0025"}


def test_a_slow_browser_begins_with_the_choices_of_the_address(runs):
    app = visit(preset="paper", data="cifar10")
    for _ in range(2):  # it may see only what the second run of the page sends
        for name, value in {"preset": "paper", "data": "cifar10"}.items():
            radio = app.radio(key=f"train_{name}")
            assert radio.value == value
            assert radio.proto.default == radio.index
        app.run()
    app.radio(key="train_preset").set_value("one-minute").run()
    assert app.radio(key="train_preset").value == "one-minute"
    assert in_address(app) == {"preset": "one-minute", "data": "cifar10"}


def test_what_is_wrong_in_the_address_is_said_and_left_out(runs):
    bad = {"preset": "fast", "data": "imagenet", "num_steps": "0", "learning_rate": "1e9"}
    app = visit(**bad, seed="4")
    text = said(app)
    for name, value in bad.items():
        assert f"{name} = “{value}”" in text
    assert said(app.run()) == text  # the page may run once more by itself
    assert app.number_input(key="train_seed").value == 4
    assert in_address(app) == {"preset": "one-minute", "data": "mnist", "seed": "4"}


def test_the_address_is_read_once(runs):
    app = visit(num_steps="5")
    app.number_input(key="train_num_steps").set_value(7).run()
    assert in_address(app)["num_steps"] == "7"
    app.switch_page("app.py").run()
    app.query_params.clear()
    app.switch_page(TRAIN).run()
    assert in_address(app)["num_steps"] == "7"


def test_a_preset_sets_every_field(runs):
    app = visit(num_steps="5", seed="3")
    app.radio(key="train_preset").set_value("paper").run()
    assert app.number_input(key="train_num_steps").value == 64
    assert app.number_input(key="train_seed").value == 0
    assert app.number_input(key="train_seconds").value == 0
    assert in_address(app) == {"preset": "paper", "data": "mnist"}
    assert "its first seconds tell how long" in said(app)


def test_other_images_keep_the_settings_that_were_made(runs):
    app = visit(num_steps="5")
    app.radio(key="train_data").set_value("cifar10").run()
    assert app.selectbox(key="train_binarisation").value == "grey"
    assert app.number_input(key="train_num_steps").value == 5
    assert app.button(key="train_go").disabled  # they are not here
    app.radio(key="train_data").set_value("mnist").run()
    assert app.selectbox(key="train_binarisation").value == "bernoulli"
    assert in_address(app) == {"preset": "one-minute", "data": "mnist", "num_steps": "5"}


def test_parameters_are_counted_as_settings_change(runs):
    app = visit()
    before = sum(PRESETS["one-minute"].model.count_parameters().values())
    assert f"**{before:,} parameters**" in said(app)
    app.number_input(key="train_dec_size").set_value(64).run()
    now = dataclasses.replace(PRESETS["one-minute"].model, dec_size=64).count_parameters()
    assert f"**{sum(now.values()):,} parameters**" in said(app)


def test_what_cannot_work_is_refused_and_what_works_badly_is_said(runs):
    app = visit(read_size="40")
    assert app.button(key="train_go").disabled
    assert "larger than the image's 28 pixels" in said(app)
    app.number_input(key="train_read_size").set_value(5).run()
    assert not app.button(key="train_go").disabled
    assert len(app.error) == len(app.warning) == 0
    app.number_input(key="train_learning_rate").set_value(0.05).run()
    assert "Learning rate 0.05" in app.warning[0].value
    assert not app.button(key="train_go").disabled


# ---- own images


def _zip(count: int, **files: bytes) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for k in range(count):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (20, 30), np.uint8)).save(picture, "PNG")
            archive.writestr(f"{k}.png", picture.getvalue())
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_own_images_are_looked_at_then_imported_then_chosen(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    app = visit(data="own")
    assert app.button(key="train_go").disabled
    app.number_input(key="train_own_side").set_value(16).run()
    app.file_uploader(key="train_own_file").upload("mine.zip", _zip(9, note=b"x")).run()
    assert not app.exception
    assert "1 file is left out" in said(app)
    assert "9 pictures, 1 left out; 30×20 pixels." in said(app)
    app.button(key="train_own_use").click().run()
    assert not app.exception
    name = app.radio(key="train_data").value
    assert name.startswith("folder:")
    assert not app.button(key="train_go").disabled
    assert folder.list_folders()[0].dataset.shape == (1, 16, 16)
    owner = app.session_state["visitor_session"]  # the browser keeps it, and says it another time
    assert visit(owner=owner, data=name).radio(key="train_data").value == name


def _import(count: int, owner: str | None) -> str:
    return folder.import_archive(
        io.BytesIO(_zip(count)),
        None,
        name=f"Set {count}",
        height=8,
        width=8,
        channels=1,
        owner=owner,
    )


def test_own_sets_come_back_in_a_new_visit_and_can_be_deleted(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    mine, yours, everyones = _import(3, "me"), _import(4, "you"), _import(5, None)
    app = visit(owner="me")
    titles = " ".join(app.radio(key="train_data").options)
    assert "Set 3" in titles
    assert "Set 4" not in titles
    assert "Set 5" in titles
    seen = visit(owner="me", data=everyones)
    assert seen.radio(key="train_data").value == everyones
    assert not [b for b in seen.button if b.key == "train_own_delete"]
    app.radio(key="train_data").set_value(mine).run()
    app.button(key="train_own_delete").click().run()
    assert not app.exception
    assert not app.error
    assert app.radio(key="train_data").value == "strokes"
    assert {s.dataset.name for s in folder.list_folders()} == {yours, everyones}


def test_a_set_of_another_visitor_is_not_deleted_by_a_forged_click(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    name = _import(3, "me")
    app = visit(owner="me", data=name)
    app.session_state["visitor"] = "you"
    app.button(key="train_own_delete").click().run()
    assert "not yours" in app.error[0].value
    assert len(folder.list_folders()) == 1


def test_a_bad_archive_is_looked_at_once(runs, monkeypatch):
    looks = []

    def look(file, **shape):
        looks.append(shape)
        raise DataError("There is no picture in it.")

    monkeypatch.setattr(folder, "preview_archive", look)
    app = visit(data="own")
    app.file_uploader(key="train_own_file").upload("mine.zip", b"PK nonsense").run()
    app.run()
    assert [e.value for e in app.error] == ["There is no picture in it."]
    assert len(looks) == 1
    app.number_input(key="train_own_side").set_value(16).run()
    assert len(looks) == 2


def test_what_is_no_archive_is_said_in_one_sentence(runs):
    app = visit(data="own")
    app.file_uploader(key="train_own_file").upload("mine.zip", b"PK nonsense").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "\n" not in app.error[0].value


def test_a_download_is_offered_and_its_fault_is_said(runs, monkeypatch):
    def download(dataset, root, progress):
        progress(1, 2)
        raise DataError("The server cannot be reached.")

    from draw_core.data import torchvision_sets

    monkeypatch.setattr(torchvision_sets, "fetch", download)
    app = visit(data="fashion_mnist")
    assert app.button(key="train_go").disabled
    app.button(key="train_download").click().run()
    tiny_runs.wait_for(lambda: not downloads.state("fashion_mnist").running)
    app.run()
    assert not app.exception
    assert [e.value for e in app.error] == ["The server cannot be reached."]
    assert downloads.state("fashion_mnist").total == 2


# ---- runs


def test_a_broken_mnist_is_named_for_what_is_made_of_it(runs, mnist_root, tmp_path, monkeypatch):
    shutil.copytree(mnist_root, tmp_path / "torn")
    (tmp_path / "torn/MNIST/raw/train-labels-idx1-ubyte").write_bytes(b"")
    (tmp_path / "torn/MNIST/raw/train-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "torn"))
    app = visit(data="two_digits")
    assert not app.exception
    assert "MNIST/raw/train-labels-idx1-ubyte is empty. Put a whole file" in app.warning[0].value
    assert app.button(key="train_download").label == "Download MNIST (12 MB)"
    assert app.button(key="train_go").disabled


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


def sentences(app: AppTest) -> list[str]:
    """What the line of a training says beside its state and its figures."""
    line = next(m.value for m in app.markdown if "-badge[" in m.value)
    return [part for part in line.split(" · ")[1:] if re.match("[A-Z]", part)]


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


def empty_words(app: AppTest) -> str:
    """What stands in place of the curves while there are none."""
    (found,) = (
        e.proto.bytes for e in app.get("bidi_component") if e.proto.component_name == "draw_curves"
    )
    header = json.loads(found[8 : 8 + int.from_bytes(found[:8], "little")])
    return json.loads(header["__metadata__"]["curves"])["empty"]


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
    assert component(app, "draw_stage")["canvases"].shape[:2] == (3, 16)


def test_a_name_cannot_write_markup_on_the_page(runs, trained):
    run = put(trained, runs, name="![x](http://example.com/x.png)")
    for app in (visit(), visit(run=run.id)):
        assert "!\\[x\\](http\\://example.com/x.png)" in said(app)
        assert "![x]" not in said(app)


def test_the_addresses_own_names_are_no_other_pages(runs):
    assert {"seed", "preset", "data", "run", "num_steps"} <= set(train_address.OWNED)
    app = visit(seed="7")
    assert "seed" not in app.session_state  # which is Generate's
