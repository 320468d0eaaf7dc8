"""The classifier that names samples: what it reads, what it learned from, and its command."""

from pathlib import Path

import numpy as np
import pytest
import torch

from draw_core.data.composed.composites import RECIPES, open_digits
from draw_core.data.drawn import strokes
from draw_core.data.registry import is_available
from draw_core.film.codecs import BERNOULLI
from draw_core.measure.judge import Judge, Pages
from draw_core.measure.reader import examples, measure, network
from draw_core.measure.reader.network import CLASSES, NONE, WEIGHTS, Reader
from draw_core.store.checkpoint import load_card, load_preview
from tests.support import small

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
PICTURES = 500


def _ink(images: np.ndarray) -> np.ndarray:
    return images[:, 0].astype(np.float32) / 255


def _judge(seed: int = 0) -> Judge:
    """One whose answers differ from place to place."""
    judge = Judge(NONE + 1)
    with torch.no_grad():
        for parameter in judge.parameters():
            parameter.copy_(0.1 * torch.randn(parameter.shape, generator=small.seeded(seed)))
    return judge


def _plain(judge: Judge) -> Reader:
    """The same in NumPy, not rounded."""
    return Reader({name: weight.numpy() for name, weight in judge.state_dict().items()})


@pytest.mark.parametrize("side", [28, 29, 41, 60])
def test_numpy_gives_the_answers_of_the_network_that_learned(side):
    judge = _judge()
    pages = torch.randint(0, 256, (3, 1, side, side), generator=small.seeded(1), dtype=torch.uint8)
    odds = _plain(judge).odds(_ink(pages.numpy()))
    places = range(0, side - 27, 2)
    assert odds.shape == (3, len(places), len(places), NONE + 1)
    assert odds.std(axis=(0, 3)).min() > 0.01
    for row, y in enumerate(places):
        for column, x in enumerate(places):
            with torch.inference_mode():
                alone = judge(pages[..., y : y + 28, x : x + 28]).softmax(dim=1)[..., 0, 0]
            np.testing.assert_allclose(odds[:, row, column], alone, rtol=1e-3, atol=1e-5)


def test_a_page_is_read_from_left_to_right_and_only_where_it_is_sure():
    odds = np.zeros((17, 17, 10), np.float32)
    odds[2, 6, 3] = odds[2, 7, 3] = 0.9  # the same digit seen from two places beside
    odds[5, 9, 5] = 0.85  # 6 pixels away: the same place still
    odds[2, 2, 7] = 0.8  # left of the 3
    odds[12, 12, 9] = 0.79
    assert network._digits(odds) == (7, 3)


def test_an_unsure_answer_and_one_that_cannot_be_meant_are_none(monkeypatch):
    reader = _plain(_judge())
    odds = np.zeros((5, 1, 1, NONE + 1), np.float32)
    for row, (answer, sure) in enumerate(((6, 0.5), (6, 0.49), (13, 0.9), (NONE, 0.9), (14, 1.0))):
        odds[row, 0, 0, answer] = sure
    monkeypatch.setattr(reader, "odds", lambda _: odds)
    assert reader.read(np.zeros((5, 28, 28), np.float32)) == [6, None, 13, None, 14]
    assert reader.read(np.zeros((5, 28, 28), np.float32), 10) == [6, None, None, None, None]


# ---- the weights that come with the program


def test_they_are_small():
    assert 0 < WEIGHTS.stat().st_size < 200_000


@pytest.mark.parametrize(("name", "right", "fooled"), [("mnist", 97, 5), ("strokes", 95, 5)])
def test_it_reads_test_pictures_and_is_not_fooled_by_chimeras(name, right, fooled):
    if not is_available(name):
        pytest.skip(f"{name} is not on this machine; DRAW_DATA_ROOT names a folder with it")
    if name == "strokes":
        pictures, labels = strokes.make("test", PICTURES)
    else:
        pictures, labels = (part[:PICTURES] for part in open_digits(name, "test"))
    classes = len(CLASSES) if name == "strokes" else 10
    source = examples.Source(pictures, labels, "test")
    found = measure.singles(network.shipped(), source, classes, PICTURES)
    assert found.right >= right
    assert found.wrong <= 100 - right
    assert found.fooled <= fooled
    assert found.right + found.wrong + found.unclear == pytest.approx(100)


def test_no_figure_is_taken_for_a_digit_and_no_fog_for_anything():
    pictures, labels = strokes.make("test", 1500)
    figures = pictures[labels >= 10]
    taken = network.shipped().read(_ink(figures), 10)
    assert len(figures) > 400
    assert sum(answer is not None for answer in taken) <= 0.02 * len(figures)
    fog = examples.Source(pictures, labels, "test").fog(200, np.random.default_rng(0))
    even = np.repeat(np.arange(0, 256, 51, dtype=np.uint8), 784).reshape(-1, 1, 28, 28)
    for vague, most in ((fog, 0.03), (even, 0)):
        answers = network.shipped().read(_ink(vague))
        assert sum(answer is not None for answer in answers) <= most * len(vague)


def test_it_agrees_with_the_judge_about_the_shipped_samples():
    """The judge is another network, trained anew for each card; its count is on the cards."""
    for name, spread in (("mnist-pen", 4), ("mnist-two-digits", 8)):
        card = load_card(CHECKPOINTS / name)
        canvases = BERNOULLI.values[load_preview(CHECKPOINTS / name).last][:, 0]
        if canvases.shape[-1] == 28:
            readable = sum(a is not None for a in network.shipped().read(canvases, 10))
        else:
            readable = sum(len(a) == 2 for a in network.shipped().read_page(canvases))
        assert len(canvases) == card.readable.samples
        assert abs(readable - card.readable.readable) <= spread, name


def test_pages_are_measured_by_the_very_pair(monkeypatch):
    digits = np.random.default_rng(3).integers(1, 256, (40, 1, 28, 28)).astype(np.uint8)
    pages = Pages(RECIPES["two_digits"], digits, np.arange(40) % 10, "test")
    _, pairs = pages.real(np.arange(4))
    reader = _plain(_judge())
    swapped = tuple(reversed(pairs[0]))
    other = tuple(sorted((digit + 1) % 10 for digit in pairs[1]))
    answers = iter([[swapped, other, (3,), ()], [(1, 2), (), (1,), (1, 2, 3)]])
    monkeypatch.setattr(reader, "read_page", lambda _: next(answers))
    found = measure.pages(reader, pages, 4)
    assert found == measure.Trust(right=25.0, wrong=25.0, unclear=50.0, fooled=25.0)
