"""Composite data sets: what is on a page, where it comes from, and how it is indexed."""

import dataclasses
import subprocess
import sys
import zlib

import numpy as np
import pytest
import torch

from draw_core.data.composed import composites
from draw_core.data.composed.composites import RECIPES, Composer, Recipe, open_composer
from draw_core.data.composed.composites_tensor import ComposedImages
from draw_core.data.datasets import load, mean_image
from draw_core.data.drawn import strokes
from draw_core.data.registry import DATASETS, DataError, describe, is_available, pinned
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure.evaluate import evaluate
from tests.support import small

DIGITS = np.random.default_rng(0).integers(0, 256, (7, 1, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2])
NUMBERS = np.array([0, 3, 6, 7, 50, 600_000, 10**12])


def _composer(name: str, **options: object) -> Composer:
    return Composer(RECIPES[name], DIGITS, LABELS, **{"split": "train", **options})


def _page(composer: Composer, number: int) -> np.ndarray:
    """One page, pixel by pixel, in whole numbers that do not overflow."""
    side, digits = composer.recipe.side, DIGITS[:, 0].astype(int)
    page = np.zeros((side, side), int)
    one = np.array([number])
    for parts, size in ((composer.digits(one), 28), (composer.pieces(one), composer.recipe.piece)):
        for source, cut_x, cut_y, x, y in zip(*(column[0] for column in parts), strict=True):
            for row in range(size):
                for column in range(size):
                    page[y + row, x + column] += digits[source, cut_y + row, cut_x + column]
    return np.minimum(page, 255)


@pytest.mark.parametrize("name", RECIPES)
def test_a_page_is_the_clipped_sum_of_its_parts(name):
    composer = _composer(name)
    pages = composer.images(NUMBERS)
    side = 100 if name == "cluttered" else 60
    assert (pages.dtype, pages.shape) == (np.uint8, (len(NUMBERS), 1, side, side))
    for page, number in zip(pages[:, 0], NUMBERS, strict=True):
        np.testing.assert_array_equal(page, _page(composer, number))


def test_where_parts_overlap_the_page_is_white_and_never_wraps_around():
    grey = np.full((9, 1, 28, 28), 200, np.uint8)
    composer = Composer(RECIPES["two_digits"], grey, np.arange(9), "test")
    numbers = np.arange(300)
    pages, parts = composer.images(numbers)[:, 0], composer.digits(numbers)
    covered = np.zeros((300, 60, 60), int)
    for number in numbers:
        for x, y in zip(parts.x[number], parts.y[number], strict=True):
            covered[number, y : y + 28, x : x + 28] += 1
    np.testing.assert_array_equal(pages, np.array([0, 200, 255])[covered])
    assert (covered == 2).any(axis=(1, 2)).sum() > 100  # 400 would be 144 as one byte


@pytest.mark.parametrize(
    ("recipe", "digits", "pieces"),
    [(RECIPES["two_digits"], 2, 0), (RECIPES["cluttered"], 1, 8)],
    ids=["two digits", "cluttered"],
)
def test_parts_lie_inside_and_anywhere(recipe, digits, pieces):
    composer = Composer(recipe, DIGITS, LABELS, "train")
    numbers = np.arange(5000)
    whole, cut = composer.digits(numbers), composer.pieces(numbers)
    assert (whole.x.shape, cut.x.shape) == ((5000, digits), (5000, pieces))
    assert not np.any([whole.cut_x, whole.cut_y])
    ranges = [(v, composer.recipe.side - 28) for v in (whole.x, whole.y)]
    if pieces:
        assert composer.recipe.piece == 8
        ranges += [(v, 92) for v in (cut.x, cut.y)] + [(v, 20) for v in (cut.cut_x, cut.cut_y)]
    for values, largest in ranges:
        assert (values.min(), values.max()) == (0, largest)
        for column in values.T:  # uniform: mean and spread within five standard errors
            spread = np.sqrt(((largest + 1) ** 2 - 1) / 12)
            assert abs(column.mean() - largest / 2) < 5 * spread / np.sqrt(5000)
            assert abs(column.std() / spread - 1) < 0.05
    columns = np.concatenate([*whole[1:], *cut[1:]], axis=1).T
    drawn = columns[columns.std(axis=1) > 0]
    assert np.abs(np.corrcoef(drawn) - np.eye(len(drawn))).max() < 0.08  # drawn independently


@pytest.mark.parametrize("digits", [2, 3])
def test_digits_keep_their_distance_and_are_anywhere_else(digits):
    recipe = dataclasses.replace(RECIPES["two_digits_apart"], digits=digits)
    assert recipe.apart == 14  # half a digit
    parts = Composer(recipe, DIGITS, LABELS, "train").digits(np.arange(5000))
    y, x = np.mgrid[:33, :33]
    ranks = np.empty((digits, 5000))  # of each place among those that were free
    for page in range(5000):
        far = np.ones((33, 33), bool)
        for number in range(digits):
            to_x, to_y = parts.x[page, number], parts.y[page, number]
            assert far[to_y, to_x]
            before = far & ((y < to_y) | (y == to_y) & (x < to_x))
            ranks[number, page] = (before.sum() + 0.5) / far.sum()
            far &= np.maximum(abs(x - to_x), abs(y - to_y)) >= 14
    assert np.abs(ranks.mean(axis=1) - 0.5).max() < 5 / np.sqrt(12 * 5000)
    assert np.abs(ranks.std(axis=1) * np.sqrt(12) - 1).max() < 0.05
    assert np.abs(np.corrcoef(ranks) - np.eye(digits)).max() < 0.08


def test_pages_show_every_digit_in_turn_among_any_others():
    numbers = np.arange(7000)
    for name in RECIPES:
        composer = _composer(name)
        np.testing.assert_array_equal(composer.digits(numbers).source[:, 0], numbers % 7)
        others = np.concatenate(
            [composer.digits(numbers).source[:, 1:], composer.pieces(numbers).source], axis=1
        )
        assert not np.any(others == numbers[:, None] % 7)
        for own in range(7):  # each of the six others equally often
            times = np.bincount(others[numbers % 7 == own].ravel(), minlength=7)
            expected = others[::7].size / 6
            assert np.abs(np.delete(times, own) - expected).max() < 5 * np.sqrt(expected)


def test_labels_name_the_digits_of_a_page():
    composer = _composer("two_digits")
    numbers = np.arange(100)
    first, second = LABELS[composer.digits(numbers).source].T
    np.testing.assert_array_equal(composer.labels(numbers), 10 * first + second)
    classes = DATASETS["two_digits"].classes
    assert [classes[i] for i in (0, 7, 30, 99)] == ["0 and 0", "0 and 7", "3 and 0", "9 and 9"]
    np.testing.assert_array_equal(_composer("cluttered").labels(numbers), LABELS[numbers % 7])


@pytest.mark.parametrize("name", RECIPES)
def test_a_page_depends_on_its_number_alone(name):
    composer = _composer(name)
    numbers = np.random.default_rng(1).permutation(40)
    together = composer.images(np.arange(40))
    np.testing.assert_array_equal(composer.images(numbers), together[numbers])
    for number in (0, 13, 39):
        np.testing.assert_array_equal(composer.images(np.array([number]))[0], together[number])
    again = _composer(name).images(np.arange(40))
    np.testing.assert_array_equal(again, together)
    for other in (_composer(name, split="test"), _composer(name, seed=1)):
        assert (other.images(np.arange(40)) != together).any(axis=(1, 2, 3)).all()


def test_pages_never_change():
    # Cards state errors on these very images, so a change of one random number must be noticed.
    for name, expected in (
        ("two_digits", 818022107),
        ("two_digits_apart", 122887482),
        ("cluttered", 1686151505),
    ):
        assert zlib.crc32(_composer(name).images(NUMBERS).tobytes()) == expected


def test_the_random_numbers_are_those_of_splitmix64():
    # The first outputs for the seed 1234567, as its authors' program gives them.
    random = composites._hash(np.uint64(1234567), np.arange(3, dtype=np.uint64))
    assert random.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]
    assert composites._below(10, np.array([0, 2**63, 2**64 - 1], np.uint64)).tolist() == [0, 5, 9]


def test_composites_need_digits():
    with pytest.raises(ValueError, match="at least two digits"):
        Composer(RECIPES["cluttered"], DIGITS[:1], LABELS[:1], "train")
    with pytest.raises(ValueError, match="labels are 0 to 9"):
        Composer(RECIPES["cluttered"], DIGITS, LABELS + 1, "train")


@pytest.mark.parametrize("name", RECIPES)
def test_a_composite_of_mnist_loads_like_any_data_set(name, mnist_root):
    composer = open_composer(name, "train", mnist_root)
    images, labels = load(name, "train", mnist_root)
    assert tuple(images.shape[1:]) == DATASETS[name].shape == describe(name).shape
    assert len(images) == len(labels) == DATASETS[name].sizes.train == 600_000
    numbers = torch.tensor([599_999, 0, 25])
    np.testing.assert_array_equal(images[numbers], composer.images(numbers.numpy()))
    np.testing.assert_array_equal(labels[numbers], composer.labels(numbers.numpy()))
    mnist = load("mnist", "train", mnist_root)
    source = composer.digits(np.array([25]))
    assert source.source[0, 0] == 1  # the second of 24 digits, in its second arrangement
    x, y = source.x[0, 0], source.y[0, 0]
    cut = images[25][0, y : y + 28, x : x + 28]
    assert bool((cut >= mnist.images[1, 0]).all())


def test_the_test_images_are_ordinary_ones(mnist_root):
    images, labels = load("two_digits:mnist", "test", mnist_root)
    assert type(images) is torch.Tensor
    assert (len(images), len(labels)) == (10_000, 10_000)
    composer = open_composer("two_digits", "test", mnist_root)
    assert composer.count == 11
    np.testing.assert_array_equal(images[-3:], composer.images(np.arange(9997, 10_000)))


def test_without_mnist_they_are_made_of_the_digits_among_the_strokes(
    mnist_root, tmp_path, monkeypatch
):
    drawn = strokes.make("train", 60)
    monkeypatch.setattr(strokes, "load", lambda *_: drawn)
    assert pinned("cluttered", mnist_root) == "cluttered:mnist"
    assert pinned("cluttered", tmp_path) == "cluttered:strokes"
    assert pinned("cluttered", tmp_path, prefer_mnist=True) == "cluttered:mnist"
    assert pinned("two_digits:strokes", mnist_root) == "two_digits:strokes"
    assert pinned("svhn", tmp_path) == "svhn"
    images, labels = load("cluttered", "train", tmp_path)
    are_digits = drawn[1] < 10
    assert 30 < are_digits.sum() < 50  # ten of fifteen classes
    count = int(are_digits.sum())
    np.testing.assert_array_equal(labels[: 2 * count], np.tile(drawn[1][are_digits], 2))
    composer = Composer(RECIPES["cluttered"], *(v[are_digits] for v in drawn), "train")
    np.testing.assert_array_equal(images[:5], composer.images(np.arange(5)))


def test_names_say_what_they_are_made_of(mnist_root, tmp_path):
    assert describe("two_digits:strokes").title == "Two digits of drawn strokes"
    mnist = describe("cluttered:mnist")
    assert (mnist.name, mnist.title) == ("cluttered:mnist", "Cluttered digits of MNIST")
    assert mnist.source == "A digit among eight pieces of others, composed of MNIST"
    assert mnist.licence == DATASETS["mnist"].licence
    assert not describe("cluttered").needs_download
    assert is_available("cluttered", tmp_path)
    assert is_available("cluttered:strokes", tmp_path)
    assert is_available("cluttered:mnist", mnist_root)
    assert not is_available("cluttered:mnist", tmp_path)
    with pytest.raises(DataError, match=r"MNIST could not be read .* --download"):
        load("cluttered:mnist", "test", tmp_path)
    for wrong in ("cluttered:svhn", "mnist:strokes", "cluttered:"):
        with pytest.raises(DataError, match="no data set"):
            describe(wrong)
    with pytest.raises(ValueError, match="mnist is no composite; choose one of two_digits"):
        open_composer("mnist", "test", mnist_root)


@pytest.fixture
def lazy() -> ComposedImages:
    recipe = Recipe(side=30, digits=1, pieces=2)
    return ComposedImages.of(Composer(recipe, DIGITS, LABELS, "train"), 50)


def test_composed_images_are_indexed_like_a_tensor(lazy):
    whole = torch.from_numpy(lazy.composer.images(np.arange(50)))
    assert (tuple(lazy.shape), lazy.dtype, len(lazy), lazy.ndim) == (
        (50, 1, 30, 30), torch.uint8, 50, 4,
    )  # fmt: skip
    for index in (slice(None), slice(3, 9), slice(None, None, 7), slice(-2, None), slice(9, 3)):
        assert torch.equal(lazy[index], whole[index])
    for index in (0, 49, -1, -50):
        assert torch.equal(lazy[index], whole[index])
    numbers = torch.tensor([4, 4, -1, 0])
    assert torch.equal(lazy[numbers], whole[numbers])
    assert type(lazy[numbers]) is torch.Tensor
    for wrong in (50, -51, torch.tensor([50]), torch.tensor([-51])):
        with pytest.raises(IndexError, match="no composite image"):
            lazy[wrong]
    for wrong in (torch.tensor([True] * 50), (0, 1), [1, 2], None):
        with pytest.raises(TypeError, match="indexed by a number"):
            lazy[wrong]


@pytest.mark.parametrize(
    "use",
    [
        lambda v: v + 1,
        lambda v: v.sum(),
        lambda v: v.numpy(),
        lambda v: v.clone(),
        lambda v: torch.cat([v, v]),
        lambda v: v.split(5),
        lambda v: v.float(),
        torch.Tensor.tolist,
        repr,
    ],
)
def test_what_is_not_there_is_refused_not_taken_for_black(lazy, use):
    with pytest.raises(TypeError):
        use(lazy)


def test_the_mean_of_composed_images(lazy, monkeypatch):
    whole = lazy[:]
    expected = whole.float().mean(dim=0)
    torch.testing.assert_close(mean_image(lazy), expected)
    assert torch.equal(mean_image(whole), expected)
    monkeypatch.setattr("draw_core.data.composed.composites_tensor._MEAN_OF", 5)
    torch.testing.assert_close(mean_image(lazy), whole[::10].float().mean(dim=0))


@pytest.mark.trains
def test_draw_trains_on_composed_images_as_on_the_same_tensor(lazy):
    config = small.config(height=30, width=30, channels=1, initial_canvas="data_mean")
    weights = []
    for images in (lazy, lazy[:]):
        state = TrainState(new_model(config, images, seed=1), small.TRAINING)
        losses = [metrics.loss for metrics in train(state, images)]
        assert len(losses) == small.TRAINING.steps
        weights.append([losses, *(p.detach() for p in state.model.parameters())])
    torch.testing.assert_close(*weights, rtol=1e-5, atol=1e-6)
    assert evaluate(state.model, lazy[:10]).images == 10


def test_composing_needs_no_torch():
    program = """
import sys
import numpy as np
from draw_core.data.composed.composites import RECIPES, Composer
digits = np.ones((3, 1, 28, 28), np.uint8)
page = Composer(RECIPES["cluttered"], digits, np.arange(3), "test").images(np.arange(2))
print(page.shape, "torch" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (result.stdout, result.stderr) == ("(2, 1, 100, 100) False\n", "")
