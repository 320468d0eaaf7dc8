"""The drawn strokes: the pen by plain loops, what is written, and the file it is kept in."""

import dataclasses
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import safetensors.numpy
from filelock import FileLock

from draw_core.data.datasets import load
from draw_core.data.drawn import pen, strokes
from draw_core.data.drawn.glyphs import FORMS
from draw_core.data.registry import DATASETS, Sizes
from tests.support.browser import ROOT


@pytest.fixture(scope="module")
def written():
    """2,000 images [N, 28, 28] and their labels."""
    images, labels = strokes.make("train", 2000)
    return images[:, 0], labels


@pytest.fixture
def few(monkeypatch):
    """Sizes of 300 and 40 instead of 60,000 and 10,000."""
    dataset = dataclasses.replace(DATASETS["strokes"], sizes=Sizes(300, 40))
    monkeypatch.setitem(DATASETS, "strokes", dataset)


def _distance(p, a, b):
    """Of a point to a segment, by the angle at each end."""
    if np.dot(p - a, b - a) <= 0:
        return np.linalg.norm(p - a)
    if np.dot(p - b, a - b) <= 0:
        return np.linalg.norm(p - b)
    (dx, dy), (px, py) = b - a, p - a
    return abs(dx * py - dy * px) / np.hypot(dx, dy)


def test_ink_by_loops():
    rng = np.random.default_rng(0)
    points = rng.uniform(4, 23, (2, 6, 2)).astype(np.float32)  # three segments each
    radii = rng.uniform(0.8, 2, (2, 6)).astype(np.float32)
    radius = np.array([1.0, 1.5], np.float32)
    ink = pen._ink(points, radii, radius)
    for n in range(2):
        for y in range(28):
            for x in range(28):
                relative = min(
                    _distance(np.array([x, y]), points[n, s], points[n, s + 3])
                    / ((radii[n, s] + radii[n, s + 3]) / 2)
                    for s in range(3)
                )
                covered = np.clip((1 - relative) * radius[n] / 1.15 + 0.5, 0, 1)
                assert ink[n, y, x] == pytest.approx(covered, abs=1e-3)


def test_a_curve_passes_through_its_points_and_keeps_lines_straight():
    matrix = pen._catmull_rom(4, 6)  # every second end of a segment is a point
    np.testing.assert_allclose(matrix[::2], np.eye(4), atol=1e-6)
    line = np.array([[0, 1], [2, 2], [4, 3], [6, 4]])
    np.testing.assert_allclose(matrix @ line, np.linspace([0, 1], [6, 4], 7), atol=1e-5)


def test_strokes_are_joined_inside_and_apart_between():
    tables = pen._tables()
    for row, form in enumerate(FORMS):
        a, b = np.split(tables.curve[row] @ tables.controls[row], 2)
        jumps = (np.linalg.norm(a[1:] - b[:-1], axis=1) > 1e-6).sum()
        lifted = [p[-1] != q[0] for p, q in zip(form.strokes, form.strokes[1:], strict=False)]
        assert jumps == sum(lifted)
        for stroke in form.strokes:  # the pen begins and ends where the form says
            assert np.linalg.norm(a - stroke[0], axis=1).min() < 1e-6
            assert np.linalg.norm(b - stroke[-1], axis=1).min() < 1e-6


def test_every_class_has_forms_in_order_and_their_weights_are_kept():
    labels = [form.label for form in FORMS]
    assert labels == sorted(labels)
    assert set(labels) == set(range(len(DATASETS["strokes"].classes)))
    wanted = np.repeat(4, 20_000)
    chosen = pen._choose_forms(np.random.default_rng(0), wanted, pen._tables())
    first = labels.index(4)
    share = np.bincount(chosen, minlength=len(FORMS)) / len(wanted)
    expected = [form.weight if form.label == 4 else 0 for form in FORMS]
    np.testing.assert_allclose(share, expected, atol=0.015)
    assert share[first] > 0.4


def test_the_same_seed_writes_the_same_images():
    images, labels = strokes.make("train", 300)
    again, same = strokes.make("train", 300)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, same)
    # A longer set begins with the shorter one, also in the middle of a chunk.
    longer, more = strokes.make("train", 520)
    np.testing.assert_array_equal(longer[:300], images)
    np.testing.assert_array_equal(more[:300], labels)


def test_seeds_splits_and_chunks_differ():
    images = strokes.make("train", 2 * strokes.CHUNK)[0]
    others = [
        images[strokes.CHUNK :],
        strokes.make("test", strokes.CHUNK)[0],
        strokes.make("train", strokes.CHUNK, seed=1)[0],
    ]
    for other in others:
        assert (images[: strokes.CHUNK] != other).any(axis=(1, 2, 3)).all()


def test_the_images_are_those_of_this_version(written):
    """If this fails on purpose, raise strokes.VERSION: users have files of the old images."""
    images, labels = written
    assert strokes.VERSION == 1
    assert labels[:12].tolist() == [12, 0, 1, 1, 7, 14, 1, 6, 14, 9, 3, 10]
    assert images.mean() == pytest.approx(35.6258, abs=0.01)


def test_sizes_places_and_greys_are_those_of_mnist(written):
    images = written[0].astype(float)
    ink = images >= 64
    rows, columns = ink.any(axis=2), ink.any(axis=1)
    height = 28 - rows.argmax(axis=1) - rows[:, ::-1].argmax(axis=1)
    width = 28 - columns.argmax(axis=1) - columns[:, ::-1].argmax(axis=1)
    longer = np.maximum(height, width)
    assert np.percentile(longer, 1) >= 18
    assert longer.max() <= 22
    mass = images.sum(axis=(1, 2))
    centre_y = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    centre_x = (images.sum(axis=1) * np.arange(28)).sum(axis=1) / mass
    assert np.abs(centre_x - 13.5).max() < 1
    assert np.abs(centre_y - 13.5).max() < 1
    assert (images.max(axis=(1, 2)) >= 240).mean() > 0.95
    # MNIST's test set: mean 33.8, 80.7 % black, 7.5 % white, the rest is the soft edge.
    assert 28 < images.mean() < 38
    assert 0.75 < (images == 0).mean() < 0.85
    assert 0.05 < (images > 250).mean() < 0.1


def test_classes_are_alike_often_and_can_be_told_apart(written):
    images, labels = written
    np.testing.assert_allclose(np.bincount(labels) / len(labels), 1 / 15, atol=0.02)
    flat = images.reshape(len(images), -1).astype(np.float32)
    known, asked = flat[:1700], flat[1700:]
    distances = (known**2).sum(axis=1) - 2 * asked @ known.T
    right = labels[:1700][distances.argmin(axis=1)] == labels[1700:]
    assert right.mean() > 0.85  # the nearest of 1,700 images; MNIST gives about 0.9
    assert distances.min(axis=1).min() > -np.inf
    # Hands differ: no two images are the same.
    assert len(np.unique(flat, axis=0)) == len(flat)


def test_made_once_then_read(tmp_path, few, monkeypatch):
    told = []
    images, labels = load("strokes", "train", tmp_path, progress=lambda *p: told.append(p))
    assert images.shape == (300, 1, 28, 28)
    np.testing.assert_array_equal(images, strokes.make("train", 300)[0])
    assert told == [(250 * 784, 300 * 784), (300 * 784, 300 * 784)]
    assert len(load("strokes", "test", tmp_path).images) == 40
    monkeypatch.setattr(strokes, "make", None)
    again = load("strokes", "train", tmp_path)
    np.testing.assert_array_equal(again.images, images)
    np.testing.assert_array_equal(again.labels, labels)


@pytest.mark.parametrize("fault", ["cut", "empty", "fewer", "noise"])
def test_a_broken_file_is_made_anew(tmp_path, few, fault):
    images = load("strokes", "train", tmp_path).images
    (path,) = (tmp_path / "strokes").iterdir()
    whole = path.read_bytes()
    if fault == "fewer":
        load("strokes", "test", tmp_path)
        (other,) = set((tmp_path / "strokes").iterdir()) - {path}
        path.write_bytes(other.read_bytes())
    else:
        path.write_bytes({"cut": whole[:-1], "empty": b"", "noise": whole[::-1]}[fault])
    np.testing.assert_array_equal(load("strokes", "train", tmp_path).images, images)
    assert path.read_bytes() == whole


def test_a_root_that_cannot_be_written_is_no_obstacle(tmp_path, few):
    (tmp_path / "file").write_bytes(b"")
    assert len(load("strokes", "test", tmp_path / "file" / "root").images) == 40


def test_several_at_once_get_the_same(tmp_path, few):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(load("strokes", "train", tmp_path).images))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for images in results:
        np.testing.assert_array_equal(images, results[0])
    assert [p.name for p in (tmp_path / "strokes").iterdir()] == ["train-v1.safetensors"]


def test_made_by_a_process_of_its_own_they_are_the_same(tmp_path):
    code = (
        "import dataclasses\n"
        "from draw_core.data import registry\n"
        "from draw_core.data.drawn import strokes\n"
        "few = dataclasses.replace(registry.DATASETS['strokes'], sizes=registry.Sizes(300, 40))\n"
        "registry.DATASETS['strokes'] = few\n"
        "strokes.make_files()"
    )
    assert not strokes.are_made(tmp_path)
    environment = {**os.environ, "DRAW_DATA_ROOT": str(tmp_path), "PYTHONPATH": str(ROOT)}
    lock = FileLock(tmp_path / ".strokes.lock")
    with lock, subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for who draws already
            process.wait(2)
        lock.release()
        assert process.wait(60) == 0
    assert strokes.are_made(tmp_path)
    for split, count in (("train", 300), ("test", 40)):
        stored = safetensors.numpy.load_file(tmp_path / "strokes" / f"{split}-v1.safetensors")
        np.testing.assert_array_equal(stored["images"], strokes.make(split, count)[0])


def test_who_waits_can_leave(tmp_path, few):
    def stop(done, total):
        raise InterruptedError

    with FileLock(tmp_path / ".strokes.lock"), pytest.raises(InterruptedError):
        load("strokes", "train", tmp_path, progress=stop)
    assert not strokes.are_made(tmp_path)


def test_who_stops_it_does_not_wait_for_the_rest(monkeypatch):
    drawn = []
    draw = pen.draw

    def count(rng, labels):
        drawn.append(labels)
        return draw(rng, labels)

    def stop(done, total):
        raise InterruptedError

    monkeypatch.setattr(pen, "draw", count)
    monkeypatch.setattr(strokes, "cores", lambda: 2)
    with pytest.raises(InterruptedError):
        strokes.make("train", 60_000, progress=stop)
    assert len(drawn) < 200  # of 240
