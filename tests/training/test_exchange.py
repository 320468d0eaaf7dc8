"""Runs as files: what is exported comes back the same, and nothing else comes in."""

import dataclasses
import io
import json
import shutil
import struct
import time
import zipfile

import numpy as np
import pytest
import torch

from draw_core.runs import exchange, limits
from draw_core.runs.exchange import export_run, import_run
from draw_core.runs.execution import execute
from draw_core.runs.history import METRICS
from draw_core.runs.registry import CONFIG, Run, RunError, create_run, list_runs
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    WEIGHTS,
    load_card,
    load_checkpoint,
    load_preview,
)
from tests.support import tiny_runs


@pytest.fixture(scope="module")
def trained(tmp_path_factory, mnist_root):
    """A finished run of someone."""
    config = tiny_runs.config(mnist_root, owner="secret token", restart_of="another")
    run = create_run(config, tmp_path_factory.mktemp("runs"))
    assert execute(run.folder).state == "finished"
    return run


@pytest.fixture(scope="module")
def files(trained):
    """What the archive of the run holds."""
    with zipfile.ZipFile(io.BytesIO(export_run(trained))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _pack(
    files: dict[str, bytes],
    packing: int = zipfile.ZIP_DEFLATED,
    stored: tuple[str, ...] = (WEIGHTS, PREVIEW),
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else packing)
    return buffer.getvalue()


def _refused(content: bytes, root, message: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        import_run(content, root)
    assert "\n" not in str(caught.value)
    assert ".new-" not in str(caught.value)
    assert not root.exists() or list(root.iterdir()) == []


def test_there_and_back(trained, files, tmp_path):
    assert set(files) == {CARD, CONFIG, WEIGHTS, PREVIEW, METRICS}
    run = import_run(export_run(trained), tmp_path, owner="me")
    assert run.id != trained.id
    config, before = run.config(), trained.config()
    assert config == dataclasses.replace(
        before, owner="me", created=config.created, restart_of=None, data_root=None
    )
    status, old = run.status(), trained.status()
    assert (status.state, status.step, status.test) == ("finished", old.step, old.test)
    weights, card = load_checkpoint(run.folder)
    for name, value in load_checkpoint(trained.folder)[0].state_dict().items():
        assert torch.equal(weights.state_dict()[name], value)
    assert card == load_checkpoint(trained.folder)[1]
    np.testing.assert_array_equal(run.history().loss, trained.history().loss)
    np.testing.assert_array_equal(run.samples().frames(), trained.samples().frames())
    assert load_preview(run.folder).num_samples == 64
    assert [e.fault for e in list_runs(tmp_path)] == [None]
    assert import_run(export_run(run), tmp_path).id != run.id


def test_no_secret_leaves(trained, files):
    text = b"".join(content for name, content in files.items() if name != WEIGHTS)
    for secret in ("secret token", "another", trained.config().data_root):
        assert secret.encode() not in text


def test_weights_alone_are_enough(files, tmp_path):
    run = import_run(_pack({name: files[name] for name in (CARD, WEIGHTS)}), tmp_path)
    assert run.config().name == "Imported run"
    assert run.config().data == "mnist"
    assert run.history().step.size == 0
    preview = load_preview(run.folder)  # painted anew
    np.testing.assert_array_equal(
        preview.vectors("z").values, np.load(io.BytesIO(files[PREVIEW]))["z"]
    )
    np.testing.assert_array_equal(run.samples().frames(), preview.first(16).frames())


def test_a_run_that_has_not_begun_cannot_be_exported(tmp_path, mnist_root):
    with pytest.raises(RunError, match="no weights yet"):
        export_run(tiny_runs.new(tmp_path, mnist_root))


@pytest.mark.parametrize(
    "name",
    ["../card.json", "/etc/passwd", "training.safetensors", "a/card.json", "C:\\x", "status.json"],
)
def test_foreign_members_are_refused(files, tmp_path, name):
    root = tmp_path / "a" / "b" / "runs"
    _refused(_pack({**files, name: b"x"}), root, "This is no exported run: it holds ")
    assert not (tmp_path / "a" / "b" / "card.json").exists()


@pytest.mark.parametrize("name", [CARD, WEIGHTS])
def test_without_its_checkpoint_it_is_no_run(files, tmp_path, name):
    rest = {other: content for other, content in files.items() if other != name}
    _refused(_pack(rest), tmp_path, f"it has no {name}")


def test_a_file_twice_is_refused(files, tmp_path):
    content = bytearray(_pack({**files, "carD.json": files[CARD]}))
    at = -1
    while (at := content.find(b"carD.json", at + 1)) >= 0:
        content[at : at + 9] = b"card.json"
    _refused(bytes(content), tmp_path, "holds a file twice")


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip(tmp_path, content):
    _refused(content, tmp_path, "damaged or is no zip|it has no card")


def test_cut_and_flipped_archives_are_refused(files, tmp_path):
    content = _pack(files)
    for cut in (10, len(content) // 2, len(content) - 5):
        _refused(content[:cut], tmp_path, "damaged or is no zip")
    flipped = bytearray(content)
    flipped[200] ^= 0xFF
    _refused(bytes(flipped), tmp_path, "damaged")


@pytest.mark.parametrize(("name", "size"), [(CARD, "1 MiB"), (CONFIG, "1 MiB"), (METRICS, "4 MiB")])
def test_bombs_are_refused(files, tmp_path, name, size):
    bomb = _pack({**files, name: bytes(50 << 20)})
    assert len(bomb) < 200_000 + sum(map(len, files.values()))
    _refused(bomb, tmp_path, f"{name} in the archive is larger than {size}")


@pytest.mark.parametrize("name", [WEIGHTS, PREVIEW])
def test_weights_and_pictures_take_as_much_memory_as_was_uploaded(files, tmp_path, name):
    bomb = _pack({**files, name: bytes(50 << 20)}, stored=())
    _refused(bomb, tmp_path, "packed in a way")


def test_a_preview_that_is_a_bomb_itself(files, tmp_path):
    with np.load(io.BytesIO(files[PREVIEW])) as archive:
        arrays = dict(archive)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays, more=np.zeros(50 << 20, np.uint8))
    _refused(_pack({**files, PREVIEW: buffer.getvalue()}), tmp_path, "larger than its network")


def test_weights_are_no_larger_than_their_network(files, tmp_path):
    _refused(
        _pack({**files, WEIGHTS: files[WEIGHTS] + bytes(70_000)}),
        tmp_path,
        r"model.safetensors in the archive is larger than \d+ KiB",
    )


def test_an_import_is_within_the_quota_of_its_owner_and_may_be_pruned(files, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "RUNS_PER_OWNER", 2)
    archive = _pack({**files, CONFIG: _changed(files[CONFIG], kept=True)})
    runs = [import_run(archive, tmp_path, owner="me") for _ in range(2)]
    with pytest.raises(limits.QuotaError, match="You have 2 trainings; delete one"):
        import_run(archive, tmp_path, owner="me")
    runs.append(import_run(archive, tmp_path, owner="you"))
    assert {entry.id for entry in list_runs(tmp_path)} == {run.id for run in runs}
    later = time.time() + 15 * 86_400
    assert set(limits.prune(tmp_path, now=later)) == {run.id for run in runs}


def test_a_bomb_that_lies_about_its_size_is_refused(files, tmp_path):
    content = bytearray(_pack({**files, CARD: bytes(50 << 20)}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        offset = archive.getinfo(CARD).header_offset
    content[offset + 22 : offset + 26] = struct.pack("<I", 10)
    table = content.rfind(b"PK\x01\x02", 0, content.rfind(CARD.encode()))
    content[table + 24 : table + 28] = struct.pack("<I", 10)
    _refused(bytes(content), tmp_path, "card.json")


def test_a_table_of_contents_that_eats_the_memory_is_refused(tmp_path):
    _refused(_pack({f"{i}": b"" for i in range(200)}), tmp_path, "too many files")


def test_other_packings_and_passwords_are_refused(files, tmp_path):
    _refused(_pack(files, zipfile.ZIP_LZMA, stored=()), tmp_path, "packed in a way")
    content = bytearray(_pack(files))
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        content[at + 8] |= 1
    at = -1
    while (at := content.find(b"PK\x03\x04", at + 1)) >= 0:
        content[at + 6] |= 1
    _refused(bytes(content), tmp_path, "damaged or is no zip.*password")


def test_a_larger_archive_than_allowed(files, tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_IMPORT_BYTES", 1000)
    _refused(_pack(files), tmp_path, "larger than")


def _changed(content: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(content), **changes}).encode()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (CARD, lambda c: b"{}", "card.json cannot be used: it is no card of this program"),
        (CARD, lambda c: _changed(c, steps="x"), "its steps must be a number"),
        (
            CARD,
            lambda c: _changed(c, config={"enc_size": 16384, "num_steps": 2}),
            "does not fit card.json",
        ),
        (WEIGHTS, lambda c: c[:-10], "model.safetensors is truncated"),
        (WEIGHTS, lambda c: c[:-4] + b"\x00\x00\xc0\x7f", "values that are not numbers"),
        (PREVIEW, lambda c: c[:100], "preview.npz is damaged"),
        (CONFIG, lambda c: b"[]", "run.json: it is no JSON object"),
        (CONFIG, lambda c: b"\xff", "run.json: "),
        (CONFIG, lambda c: _changed(c, name=""), "run.json: The name is empty"),
        (CONFIG, lambda c: _changed(c, model={"z_size": 9}), "describe different networks"),
    ],
)
def test_files_are_checked_as_those_of_a_checkpoint(files, tmp_path, name, change, message):
    _refused(_pack({**files, name: change(files[name])}), tmp_path, message)


def test_hostile_metrics_are_left_out(files, tmp_path):
    row = b'{"step": 1e99, "seconds": NaN, "loss": 1}\n' + b"[" * 100_000 + b"\n{}\nnull\n\xff\n"
    run = import_run(_pack({**files, METRICS: row + files[METRICS]}), tmp_path)
    assert run.history().step.size > 0


def test_the_curve_of_an_exported_run_ends_where_its_weights_are_from(trained, tmp_path):
    folder = tmp_path / "runs" / trained.id  # as if it had trained on since its checkpoint
    shutil.copytree(trained.folder, folder)
    run, card = Run(folder), load_card(folder)
    last = (folder / METRICS).read_text(encoding="utf-8").splitlines()
    row = next(json.loads(line) for line in reversed(last) if "loss" in json.loads(line))
    with (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "step": card.steps + 5}) + "\n")
    assert run.history().step[-1] == card.steps + 5
    imported = import_run(export_run(run), tmp_path / "others")
    np.testing.assert_array_equal(imported.history().step, trained.history().step)


def test_a_run_exported_before_its_end_says_so(trained, files, tmp_path):
    card = {**json.loads(files[CARD]), "test": None}
    run = import_run(_pack({**files, CARD: json.dumps(card).encode()}), tmp_path)
    assert (
        run.status().message
        == f"Imported as it was after update {card['steps']:,}, before its end."
    )
