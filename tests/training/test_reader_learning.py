"""The classifier that names samples learns, by itself and from its command."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

from draw_core.cli import app, reader as command
from draw_core.data.composed.composites import RECIPES
from draw_core.data.drawn import strokes
from draw_core.measure.reader import examples, measure
from draw_core.measure.reader.learn import ReaderTraining, save, train, weights_of
from draw_core.measure.reader.network import CLASSES, NONE, Reader


def _source(count: int = 40) -> examples.Source:
    """Bars, rings and, as a figure, crosses."""
    pictures = np.zeros((count, 1, 28, 28), np.uint8)
    labels = np.arange(count) % 3 * 5  # 0, 5 and 10, a figure
    pictures[labels == 0, :, 6:22, 6:22] = 255
    pictures[labels == 0, :, 10:18, 10:18] = 0
    pictures[labels == 5, :, 4:24, 12:16] = 255
    pictures[labels == 10, :, 12:16, 4:24] = 255
    return examples.Source(pictures, labels, "train")


def test_a_batch_has_pictures_chimeras_fog_and_places():
    source = _source()
    pictures, labels = source.batch(3, 12)
    assert len(pictures) == len(labels)
    for picture, label in zip(pictures[:12], labels[:12], strict=True):
        known = source.pictures[np.flatnonzero(source.labels == label)[0]]
        moved = [np.roll(known, (y, x), (1, 2)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        assert any(np.array_equal(picture, one) for one in moved)
    assert set(labels[12:27]) == {NONE}  # chimeras and fog
    assert {0, 5, NONE} == set(labels[27:])  # of pages: no figure, and 10 is not "no digit"
    again, _ = source.batch(3, 12)
    other, _ = source.batch(4, 12)
    np.testing.assert_array_equal(again, pictures)
    assert other.shape != pictures.shape or not np.array_equal(other, pictures)


def test_it_learns_is_written_and_read_again(tmp_path):
    source = _source()
    config = ReaderTraining(steps=40, batch_sizes=(24,), warmup_steps=5)
    done: list[int] = []
    judge = train([source], config, done.append)
    assert done == list(range(1, 41))
    save(judge, tmp_path / "r.safetensors")
    reader = Reader.load(tmp_path / "r.safetensors")
    short = ReaderTraining(steps=2, batch_sizes=(4,))
    one, same = (weights_of(train([source], short)) for _ in range(2))
    learned, beginner = (
        measure.singles(r, source, len(CLASSES), 40) for r in (reader, Reader(one))
    )
    assert learned.right > beginner.right + 20
    assert learned.wrong < 10
    assert all(np.array_equal(one[name], same[name]) for name in one)


def _run(*arguments: object):
    return CliRunner().invoke(app, ["reader", *map(str, arguments)])


def test_the_command_trains_measures_and_saves(mnist_root, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "TEST_PICTURES", 20)
    monkeypatch.setattr(command, "TEST_PAGES", 20)
    monkeypatch.setattr(command, "WEIGHTS", tmp_path / "reader.safetensors")
    few = strokes.make("train", 60)
    monkeypatch.setattr(strokes, "load", lambda *_: few)
    result = _run("--steps", 2, "--data-root", mnist_root)
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "reader.safetensors").exists()
    rows = dict(re.findall(r"^(\S+) +([\d. ]+)$", result.stdout, re.MULTILINE))
    kinds = [f"{kind}:{name}" for name in ("mnist", "strokes") for kind in RECIPES if "two" in kind]
    assert list(rows) == ["mnist", "strokes", *kinds]
    for row in rows.values():
        right, wrong, unclear, _ = map(float, row.split())
        assert right + wrong + unclear == pytest.approx(100, abs=0.2)
    assert _run("--steps", 2, "--data-root", mnist_root, "--save").exit_code == 0
    saved = Reader.load(tmp_path / "reader.safetensors")
    assert saved.odds(np.zeros((1, 28, 28), np.float32)).shape == (1, 1, 1, NONE + 1)
    measured = _run("--measure", "--data-root", mnist_root)
    assert measured.exit_code == 0
    assert measured.stdout != result.stdout


def test_the_command_saves_nothing_that_it_did_not_train(tmp_path):
    result = _run("--measure", "--save")
    assert result.exit_code == 1
    assert "--measure trains nothing" in result.stderr
