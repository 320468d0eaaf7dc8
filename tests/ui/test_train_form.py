"""The Train page's form through AppTest: choices, addresses, own images and downloads."""

import dataclasses
import io
import shutil
import zipfile

import numpy as np
from PIL import Image

from draw_core.data import shelf
from draw_core.data.folders import folder, preview
from draw_core.data.registry import DataError
from draw_core.families.draw.presets import PRESETS
from tests.support import tiny_runs
from tests.support.train_page import (
    TRAIN,
    in_address,
    said,
    visit,
)
from ui.train import downloads

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
    assert shelf.list_folders()[0].dataset.shape == (1, 16, 16)
    owner = app.session_state["visitor_session"]  # the browser keeps it, and says it another time
    assert visit(owner=owner, data=name).radio(key="train_data").value == name


def _import(count: int, owner: str | None) -> str:
    return folder.import_images(
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
    assert {s.dataset.name for s in shelf.list_folders()} == {yours, everyones}


def test_a_set_of_another_visitor_is_not_deleted_by_a_forged_click(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    name = _import(3, "me")
    app = visit(owner="me", data=name)
    app.session_state["visitor"] = "you"
    app.button(key="train_own_delete").click().run()
    assert "not yours" in app.error[0].value
    assert len(shelf.list_folders()) == 1


def test_a_bad_archive_is_looked_at_once(runs, monkeypatch):
    looks = []

    def look(file, **shape):
        looks.append(shape)
        raise DataError("There is no picture in it.")

    monkeypatch.setattr(preview, "preview_images", look)
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
