"""What an imported archive or folder becomes, and how sets are listed, described and deleted."""

import errno
import itertools
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from draw_core.data import registry, shelf
from draw_core.data.datasets import load
from draw_core.data.folders import folder, gather, sources
from draw_core.data.folders.preview import preview_images
from draw_core.data.registry import DataError, describe, is_available
from tests.support.archives import (
    SIZE,
    grey,
    greys,
    imported,
    notes_of,
    saved,
    values_of,
    without_warning,
    zipped,
)

# Archives.


def test_an_archive_becomes_a_set(tmp_path):
    told = []
    name = imported(zipped(greys(21)), tmp_path, progress=lambda *p: told.append(p))
    assert told == [(done, 21) for done in range(1, 22)]
    train, test = load(name, "train", tmp_path), load(name, "test", tmp_path)
    assert (len(train.images), len(test.images)) == (19, 2)
    assert train.images.dtype == torch.uint8
    assert train.labels.dtype == torch.int64
    assert values_of(name, tmp_path) == list(range(21))
    assert train.labels.unique().tolist() == [0]
    dataset = describe(name, tmp_path)
    assert (dataset.title, dataset.shape, dataset.sizes) == ("Mine", (1, 8, 10), (19, 2))
    assert not dataset.needs_download
    assert is_available(name, tmp_path)
    assert notes_of(name, tmp_path) == ()


def test_the_test_set_is_chosen_by_the_content(tmp_path):
    first = imported(zipped(greys(40)), tmp_path / "a")
    again = imported(zipped(greys(40)), tmp_path / "b")
    other = imported(zipped(greys(41)), tmp_path / "a")
    assert first == again != other
    left, right = (load(first, "test", tmp_path / root).images for root in "ab")
    assert torch.equal(left, right)
    # It is not simply the last ones or the first ones.
    assert not set(left[:, 0, 0, 0].tolist()) <= {*range(4), *range(36, 40)}


@pytest.mark.parametrize(("count", "test"), [(2, 1), (9, 1), (14, 1), (15, 2), (100, 10)])
def test_a_tenth_is_for_testing_and_both_have_one(tmp_path, count, test):
    name = imported(zipped(greys(count)), tmp_path)
    assert describe(name, tmp_path).sizes == (count - test, test)


def test_folders_are_classes(tmp_path):
    places = itertools.cycle(["set/one/even", "set/odd", "set/two/even", "set/two/odd"])
    files = {f"{next(places)}/{value}.png": grey(value) for value in range(30)}
    name = imported(zipped(files), tmp_path)
    assert describe(name, tmp_path).classes == ("even", "odd")
    for split in ("train", "test"):
        images, labels = load(name, split, tmp_path)
        assert labels.tolist() == (images[:, 0, 0, 0] % 2).tolist()


def test_one_folder_around_everything_is_no_class(tmp_path):
    files = {f"all/{name}": content for name, content in greys(4).items()}
    assert describe(imported(zipped(files), tmp_path), tmp_path).classes == ()


def test_a_file_on_disk_and_one_that_is_gone(tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(zipped(greys(2)).getvalue())
    assert values_of(imported(path, tmp_path), tmp_path) == [0, 1]
    with pytest.raises(DataError, match="There is no folder or archive"):
        imported(tmp_path / "gone.zip", tmp_path)


@pytest.mark.parametrize(
    "changes", [{"height": 7}, {"width": 129}, {"height": 129}, {"channels": 2}]
)
def test_sizes_out_of_range(tmp_path, changes):
    for use in (imported, lambda file, _, **k: preview_images(file, **{**SIZE, **k})):
        with pytest.raises(DataError, match=r"(sides of 8 to 128 pixels|1 channel .grey. or 3)"):
            use(zipped(greys(3)), tmp_path, **changes)


def test_too_many_images_are_thinned_out_at_random(tmp_path, monkeypatch):
    monkeypatch.setattr(gather, "MAX_IMAGES_BYTES", 80 * 20 + 79)
    name = imported(zipped(greys(200)), tmp_path)
    values = values_of(name, tmp_path)
    assert len(values) == len(set(values)) == 20
    assert min(values) < 60
    assert max(values) > 140
    (note,) = notes_of(name, tmp_path)
    assert note.startswith("20 of 200 files are taken, chosen at random")
    assert preview_images(zipped(greys(200)), **SIZE).notes == (note,)


# The preview.


def test_the_preview_says_what_an_import_would_give(tmp_path):
    files = {
        "cat/a.png": grey(1, (20, 16)),
        "cat/b.png": grey(2, (20, 16)),
        "dog/c.jpg": saved(Image.new("RGB", (30, 30), (3, 3, 3)), "JPEG"),
        "dog/d.txt": b"hello",
    }
    told = []
    preview = preview_images(zipped(files), **SIZE, progress=lambda *p: told.append(p))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert preview.sample.shape == (3, 1, 8, 10)
    assert preview.sample[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert (preview.images, preview.skipped) == (3, 1)
    assert preview.modes == {"L": 2, "RGB": 1}
    assert preview.sizes == {(20, 16): 2, (30, 30): 1}
    assert preview.classes == ("cat", "dog")
    assert without_warning(preview.notes) == (
        "1 file is left out: it is not a picture that can be read (dog/d.txt).",
    )
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_spread_over_the_whole_and_in_order():
    sample = preview_images(zipped(greys(250)), **SIZE, count=24).sample
    values = sample[:, 0, 0, 0].tolist()
    assert len(values) == 24
    assert values == sorted(set(values))
    assert min(values) < 60
    assert max(values) > 190


# Folders of this computer.


def test_a_folder_becomes_a_set(tmp_path):
    pictures_in = tmp_path / "in"
    (pictures_in / "b" / "deep").mkdir(parents=True)
    (pictures_in / "a").mkdir()
    for value, place in enumerate(["b/deep", "a", "b/deep", "a"]):
        (pictures_in / place / f"{value}.png").write_bytes(grey(value))
    (pictures_in / "a" / "notes.txt").write_text("hello")
    (pictures_in / ".hidden.png").write_bytes(grey(50))
    (pictures_in / "link.png").symlink_to(pictures_in / "a" / "1.png")
    for name in ("loop", ".hidden"):
        (pictures_in / name).symlink_to(pictures_in)
    preview = preview_images(pictures_in, **SIZE)
    assert (preview.images, preview.classes) == (4, ("a", "deep"))
    name = folder.import_images(pictures_in, tmp_path / "root", name="Mine", **SIZE)
    assert values_of(name, tmp_path / "root") == [0, 1, 2, 3]
    assert describe(name, tmp_path / "root").classes == ("a", "deep")
    assert notes_of(name, tmp_path / "root") == without_warning(preview.notes)
    assert set(without_warning(preview.notes)) == {
        "1 file is left out: it is a link to a folder (loop).",
        "1 file is left out: it is not a picture that can be read (a/notes.txt).",
        "1 file is left out: it is a link or no plain file (link.png).",
    }
    with pytest.raises(DataError, match="There is no folder"):
        folder.import_images(tmp_path / "gone", tmp_path, name="x", **SIZE)


def test_what_may_not_be_opened_is_named(tmp_path, monkeypatch):
    """Folders that may not be listed, or be listed and not entered. Root may do both."""
    pictures_in = tmp_path / "in"
    for value, place in enumerate(["a", "a", "private", "seen", ".git", "secret/deep"]):
        (pictures_in / place).mkdir(parents=True, exist_ok=True)
        (pictures_in / place / f"{value}.png").write_bytes(grey(value))
    right_list, right_look = os.scandir, Path.lstat
    shut = ["private", ".git", "secret"]

    def listed(path):
        if Path(path).name in shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return right_list(path)

    def looked(path):
        if path.parent.name == "seen":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return right_look(path)

    monkeypatch.setattr(os, "scandir", listed)
    monkeypatch.setattr(Path, "lstat", looked)
    preview = preview_images(pictures_in, **SIZE)
    name = folder.import_images(pictures_in, tmp_path / "root", name="Mine", **SIZE)
    assert values_of(name, tmp_path / "root") == [0, 1]
    assert notes_of(name, tmp_path / "root") == without_warning(preview.notes)
    assert set(without_warning(preview.notes)) == {
        "2 folders are left out: they cannot be read (private).",
        "1 file is left out: it cannot be read (seen/3.png).",
    }
    shut.append("in")
    with pytest.raises(DataError, match="/in cannot be read: Permission denied"):
        folder.import_images(pictures_in, tmp_path, name="x", **SIZE)


def test_too_many_files_in_a_folder(tmp_path, monkeypatch):
    for name, content in greys(4).items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(sources, "MAX_FILES", 4)
    assert preview_images(tmp_path, **SIZE).images == 4
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    with pytest.raises(DataError, match="folder has more than 3 files"):
        preview_images(tmp_path, **SIZE)


# What is stored.


def test_sets_are_listed_newest_first_and_deleted(tmp_path, monkeypatch):
    times = iter([100.0, 300.0, 200.0])
    monkeypatch.setattr(folder, "time", SimpleNamespace(time=lambda: next(times)))
    names = [imported(zipped(greys(count)), tmp_path) for count in (2, 3, 4)]
    listed = shelf.list_folders(tmp_path)
    assert [one.dataset.name for one in listed] == [names[1], names[2], names[0]]
    assert [one.created for one in listed] == [300, 200, 100]
    for one in listed:
        file = shelf.folder_path(one.dataset.name, tmp_path) / shelf.IMAGES
        assert one.bytes == file.stat().st_size
    shelf.delete_folder(names[2], tmp_path)
    shelf.delete_folder(names[2], tmp_path)  # gone already
    assert [one.dataset.name for one in shelf.list_folders(tmp_path)] == [names[1], names[0]]
    assert not is_available(names[2], tmp_path)
    with pytest.raises(DataError, match="are not on this machine; python -m draw_core images"):
        load(names[2], "train", tmp_path)


def test_a_set_has_an_owner_who_shares_it_with_nobody(tmp_path):
    mine, yours, everyones = (
        imported(zipped(greys(30)), tmp_path, owner=owner) for owner in ("me", "you", None)
    )
    assert len({mine, yours, everyones}) == 3
    assert imported(zipped(greys(30)), tmp_path, owner="me") == mine
    owners = {one.dataset.name: one.owner for one in shelf.list_folders(tmp_path)}
    assert owners == {mine: "me", yours: "you", everyones: None}
    left, right = (load(name, "test", tmp_path).images for name in (mine, everyones))
    assert torch.equal(left, right)  # the content alone chooses what is for testing
    shelf.delete_folder(mine, tmp_path)
    assert len(load(yours, "train", tmp_path).images) == 27


def test_a_set_stored_before_there_were_owners_is_everyones(tmp_path):
    name = imported(zipped(greys(3)), tmp_path, owner="me")
    _about(lambda about: {k: v for k, v in about.items() if k != "owner"})(
        shelf.folder_path(name, tmp_path)
    )
    (one,) = shelf.list_folders(tmp_path)
    assert (one.dataset.name, one.owner) == (name, None)


def test_nothing_is_listed_where_there_is_nothing(tmp_path, monkeypatch):
    assert shelf.list_folders(tmp_path / "absent") == []
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    name = imported(zipped(greys(2)), None)
    assert [one.dataset.name for one in shelf.list_folders()] == [name]
    shelf.delete_folder(name)
    assert shelf.list_folders() == []


@pytest.mark.parametrize(
    "name",
    [
        "folder:",
        "folder:..",
        "folder:../../etc",
        "folder:0123",
        "folder:" + "g" * 16,
        "folder:0123456789abcdef/..",
        "folder:0123456789abcdef\n",
    ],
)
def test_a_name_is_never_a_path(tmp_path, name):
    for use in (describe, shelf.delete_folder, lambda n, root: load(n, "train", root)):
        with pytest.raises(DataError, match="names no imported images"):
            use(name, tmp_path)
    assert not is_available(name, tmp_path)


def _about(change):
    def edit(place: Path) -> None:
        path = place / shelf.ABOUT
        path.write_text(json.dumps(change(json.loads(path.read_text()))))

    return edit


@pytest.mark.parametrize(
    "fault",
    [
        lambda place: (place / shelf.ABOUT).write_bytes(b"\xff{"),
        lambda place: (place / shelf.ABOUT).write_bytes(b"[]"),
        lambda place: (place / shelf.ABOUT).write_bytes(b"[" * 100_000),
        _about(lambda about: about | {"height": "8"}),
        _about(lambda about: about | {"classes": 3}),
        _about(lambda about: about | {"created": None}),
        _about(lambda about: about | {"more": 1}),
        _about(lambda about: about | {"owner": 1}),
        _about(lambda about: {}),
    ],
)
def test_a_broken_description_is_not_listed(tmp_path, fault):
    good, bad = (imported(zipped(greys(count)), tmp_path) for count in (2, 3))
    fault(shelf.folder_path(bad, tmp_path))
    assert [one.dataset.name for one in shelf.list_folders(tmp_path)] == [good]
    with pytest.raises(DataError, match="are broken; import them again"):
        load(bad, "train", tmp_path)


@pytest.mark.parametrize("fault", ["cut", "other", "gone"])
def test_broken_images_say_so(tmp_path, fault):
    good, bad = (imported(zipped(greys(count)), tmp_path) for count in (12, 3))
    path = shelf.folder_path(bad, tmp_path) / shelf.IMAGES
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif fault == "other":
        path.write_bytes((shelf.folder_path(good, tmp_path) / shelf.IMAGES).read_bytes())
    else:
        path.unlink()
    with pytest.raises(DataError, match="are (broken; import them again|not on this machine)"):
        load(bad, "train", tmp_path)
    if fault != "other":  # an image of the right shape is there
        with pytest.raises(DataError, match="are (broken; import them again|not on this machine)"):
            folder.read_one(bad, "train", 0, tmp_path)


def test_one_image_is_read_without_the_others(tmp_path):
    name = imported(zipped(greys(21)), tmp_path)
    for split in ("train", "test"):
        images, labels = load(name, split, tmp_path)
        for index in (0, len(images) - 1):
            image, label = folder.read_one(name, split, index, tmp_path)
            assert (image == images[index].numpy()).all()
            assert label == labels[index]
    with pytest.raises(DataError, match="are broken"):
        folder.read_one(name, "test", 2, tmp_path)


def test_the_quota_counts_all_sets(tmp_path, monkeypatch):
    first = imported(zipped(greys(20)), tmp_path)
    used = shelf.used_bytes(tmp_path)
    files = shelf.folder_path(first, tmp_path).iterdir()
    assert used == sum(file.stat().st_size for file in files)
    monkeypatch.setattr(shelf, "QUOTA_BYTES", used + 1000)
    with pytest.raises(DataError, match="All imported images together .* “Delete these images”"):
        imported(zipped(greys(21)), tmp_path)
    assert imported(zipped(greys(20)), tmp_path) == first  # the same again takes no more
    shelf.delete_folder(first, tmp_path)
    assert len(values_of(imported(zipped(greys(11)), tmp_path), tmp_path)) == 11


def test_a_disk_that_is_full_leaves_no_half_set(tmp_path, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        if path.name == shelf.ABOUT:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True)
        path.write_bytes(content)

    monkeypatch.setattr(shelf, "write_atomic", full)
    with pytest.raises(DataError, match="cannot be kept in .*: No space left on device. Free"):
        imported(zipped(greys(3)), tmp_path)
    assert list((tmp_path / "folders").iterdir()) == []


def test_the_default_root_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "default_root", lambda: tmp_path)
    name = folder.import_images(zipped(greys(2)), tmp_path, name="", **SIZE)
    assert describe(name).title == "My images"
