"""The judge of two digits: what it learns from, whether it learns, and its command."""

import dataclasses
import re
from dataclasses import asdict

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from draw_core.cli import app, judge
from draw_core.data.composed.composites import RECIPES, Composer
from draw_core.measure.judge import NONE, Judge, JudgeTraining, Pages, Singles, train, trust
from draw_core.store.checkpoint import CARD, load_card, save_checkpoint
from tests.support import small

RECIPE = RECIPES["two_digits"]
PAGE = {"height": 60, "width": 60, "channels": 1}


def _digits(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Noise for digits: no two are alike, and none has an empty row."""
    random = np.random.default_rng(3)
    digits = random.integers(1, 256, (count, 1, 28, 28)).astype(np.uint8)
    return digits, np.arange(count) % 10


def test_real_pages_are_those_of_the_data_set_with_the_pair_they_show():
    digits, labels = _digits()
    numbers = np.arange(50)
    images, pairs = Pages(RECIPE, digits, labels, "test").real(numbers)
    composer = Composer(RECIPE, digits, labels, "test")
    np.testing.assert_array_equal(images, composer.images(numbers))
    for pair, label in zip(pairs, composer.labels(numbers), strict=True):
        assert pair == tuple(sorted(divmod(int(label), 10)))


def test_it_learns_from_places_of_digits_of_chimeras_and_of_nothing():
    digits, labels = _digits()
    pages = Pages(RECIPE, digits, labels, "train")
    squares, answers = pages.places(np.arange(300), np.random.default_rng(0))
    nearly = [np.roll(digits[:, 0], (y, x), (1, 2)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    seen = set()
    for square, answer in zip(squares, answers, strict=True):
        inner = square[0, 2:-2, 2:-2]  # whole after a shift by a pixel
        found = [np.all(inner == shifted[:, 2:-2, 2:-2], axis=(1, 2)) for shifted in nearly]
        whole = np.flatnonzero(np.any(found, axis=0))
        if len(whole):
            assert answer == labels[whole[0]]
        seen.add((len(whole) > 0, answer == NONE))
    assert seen == {(True, False), (False, False), (False, True)}  # whole, overlapped, nothing
    assert len(answers) > 2 * 300


def test_single_digits_stand_beside_as_many_chimeras():
    digits, labels = _digits()
    singles = Singles(digits, labels, "train")
    numbers = np.arange(35, 45)  # goes on from the first after the last
    images, answers = singles.real(numbers)
    np.testing.assert_array_equal(images, digits[numbers % 40])
    assert answers == [(int(label),) for label in labels[numbers % 40]]
    chimeras = singles.spoilt(numbers)
    for chimera in chimeras[:, 0]:
        whole = [bool((chimera == digit).all()) for digit in digits[:, 0]]
        quarters = [bool((chimera[:14, :14] == digit[:14, :14]).all()) for digit in digits[:, 0]]
        assert not any(whole)
        assert sum(quarters) == 1
    squares, shown = singles.places(np.arange(40), np.random.default_rng(0))
    assert len(squares) == 80
    assert sorted(shown) == sorted([*labels, *[NONE] * 40])


def test_a_page_of_one_digit_is_read_at_its_only_place():
    judge = Judge()
    page = torch.randint(0, 256, (3, 1, 28, 28), generator=small.seeded(0), dtype=torch.uint8)
    odds = judge.everywhere(page)
    assert odds.shape == (3, NONE, 1, 1)
    torch.testing.assert_close(odds, judge(page).softmax(dim=1)[:, :NONE])


def test_it_reads_what_it_is_sure_of_and_one_digit_at_a_place(monkeypatch):
    odds = torch.zeros(1, NONE, 17, 17)
    odds[0, 3, 2, 2] = odds[0, 3, 2, 3] = 0.9  # the same digit seen from two places beside
    odds[0, 5, 5, 5] = 0.8  # 6 pixels away: the same place still
    odds[0, 7, 2, 6] = 0.7
    odds[0, 9, 12, 12] = 0.4
    judge = Judge()
    monkeypatch.setattr(judge, "everywhere", lambda _: odds)
    assert judge.read(torch.zeros(1, 1, 60, 60, dtype=torch.uint8)) == [(3, 7)]


def test_every_second_pixel_is_asked():
    judge, page = Judge(), torch.zeros(1, 1, 60, 60, dtype=torch.uint8)
    page[0, 0] = torch.randint(0, 256, (60, 60), generator=small.seeded(0))
    odds = judge.everywhere(page)
    for y, x in ((0, 0), (1, 0), (2, 3), (16, 16), (15, 8)):
        square = page[..., 2 * y : 2 * y + 28, 2 * x : 2 * x + 28]
        alone = judge(square).softmax(dim=1)[0, :NONE, 0, 0]
        torch.testing.assert_close(odds[0, :, y, x], alone, rtol=1e-4, atol=1e-6)


def test_spoilt_pages_have_one_digit_three_digits_or_a_chimera():
    digits, labels = _digits()
    pages = Pages(RECIPE, digits, labels, "train")
    numbers = np.arange(200, 240)
    spoilt, (real, _) = pages.spoilt(numbers), pages.real(numbers)
    squares = _squares(digits)
    for number, page, sound in zip(numbers, spoilt, real, strict=True):
        whole = [
            np.array_equal(page[0, y : y + 28, x : x + 28], square[0])
            for y in range(33)
            for x in range(33)
            if (square := squares.get(int(page[0, y, x]), {}).get(int(page[0, y, x + 1])))
            is not None
        ]
        if number % 4 == 2:  # one digit, the first of the real page
            assert whole.count(True) == 1
            assert (page <= sound).all()
        elif number % 4 == 3:  # three: the real page and another
            assert (page >= sound).all()
            assert (page > sound).any()
        else:  # at most the second is a whole digit, and something else lies there too
            assert whole.count(True) <= 1
            assert (page > 0).sum() > 28 * 28
    np.testing.assert_array_equal(spoilt, pages.spoilt(numbers))
    assert not np.array_equal(spoilt, Pages(RECIPE, digits, labels, "test").spoilt(numbers))


def _squares(digits: np.ndarray) -> dict[int, dict[int, np.ndarray]]:
    """The digits by their first two pixels."""
    found: dict[int, dict[int, np.ndarray]] = {}
    for digit in digits:
        found.setdefault(int(digit[0, 0, 0]), {})[int(digit[0, 0, 1])] = digit
    return found


def test_it_learns_and_the_same_seed_learns_the_same():
    digits = np.zeros((2, 1, 28, 28), np.uint8)
    digits[0, :, 4:24, 12:16] = 255  # a bar and a ring
    digits[1, :, 6:22, 6:22] = 255
    digits[1, :, 10:18, 10:18] = 0
    pages = Pages(RECIPE, digits, np.array([1, 0]), "train")
    config = JudgeTraining(steps=60, batch_size=32, warmup_steps=5)
    done: list[int] = []
    network = train(pages, config, done.append)
    assert done == list(range(1, 61))
    untrained, learned = (trust(j, pages, 200) for j in (Judge().eval(), network))
    assert 100 >= learned.two >= learned.right > max(50, untrained.right + 20)
    assert learned.fooled < 60
    short = JudgeTraining(steps=3, batch_size=8)
    one, same, other = (
        torch.cat([p.flatten() for p in train(pages, config).parameters()])
        for config in (short, short, JudgeTraining(steps=3, batch_size=8, seed=1))
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def _run(*arguments: object):
    return CliRunner().invoke(app, ["judge", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    model = small.model(**PAGE)
    card = small.card(config=model.config, data="two_digits:mnist")
    save_checkpoint(tmp_path / "pairs", model, card, None)
    return tmp_path / "pairs"


def test_the_command_counts_and_keeps_the_count_on_the_card(folder, mnist_root, monkeypatch):
    monkeypatch.setattr(judge, "TEST_PAGES", 600)
    options = ("--n", 10, "--seed", 5, "--steps", 2, "--data", "two_digits", "--save")
    result = _run(folder, "--data-root", mnist_root, *options)
    assert result.exit_code == 0, result.output
    found = load_card(folder).readable
    assert found is not None
    assert (found.samples, found.seed, found.steps) == (10, 5, 2)
    readings = " ".join(result.stdout.splitlines()[:2]).split()
    assert len(readings) == 10
    assert found.readable == sum(re.fullmatch(r"\d\d", word) is not None for word in readings)
    assert f"{found.readable} of 10 samples of seed 5 are read as two digits" in result.stdout
    assert f"600 real test pages it reads two digits on {found.two:.1f} %" in result.stdout
    assert f"ones on {found.right:.1f} %; of as many spoilt" in result.stdout
    assert f"two digits on {found.fooled:.1f} %." in result.stdout
    before = asdict(found)
    assert _run(folder, "--data-root", mnist_root, "--n", 3, "--steps", 1).exit_code == 0
    assert asdict(load_card(folder).readable) == before


def test_many_samples_are_read_in_parts_and_are_those_of_the_seed():
    class Reader:
        """Answers with the number of the page, and keeps the pages."""

        def __init__(self):
            self.parts = []

        def read(self, pages):
            seen = sum(map(len, self.parts))
            self.parts.append(pages)
            return [(number,) for number in range(seen, seen + len(pages))]

    model, count, reader = small.model(**PAGE), judge.PART + 30, Reader()
    with torch.inference_mode():
        model.write_content.weight.mul_(100)  # so that no two samples are alike
        painted = model.generate(count, small.seeded(5)).canvases[-1].sigmoid().mul(255).round()
    assert len(painted.unique(dim=0)) == count
    answers = judge._read_samples(reader, model, count, 5)
    assert answers == [(number,) for number in range(count)]
    assert [len(part) for part in reader.parts] == [judge.PART, 30]
    assert judge.PART <= 500
    # Sums of many products depend on how many there are at once, in their last bits.
    torch.testing.assert_close(torch.cat(reader.parts).float(), painted, rtol=0, atol=1)


def test_digits_that_the_card_leaves_open_are_those_that_may_be_fetched(
    folder, tmp_path, monkeypatch
):
    card = dataclasses.replace(load_card(folder), data="two_digits")
    (folder / CARD).write_text(card.to_json())
    asked = []

    def opened(source, split, root, download):
        asked.append((source, download))
        raise ValueError("No network.")

    monkeypatch.setattr(judge, "open_digits", opened)
    _run(folder, "--data-root", tmp_path / "empty", "--download")
    _run(folder, "--data-root", tmp_path / "empty")
    assert asked == [("mnist", True), ("strokes", False)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--data", "cluttered"],
            "--data is 'cluttered'; choose two_digits or two_digits_apart.",
        ),
        (
            ["--data", "two_digits_apart", "--save"],
            "A card states what is read of two_digits:mnist",
        ),
    ],
)
def test_pages_that_it_cannot_learn_from_are_refused(folder, mnist_root, options, words):
    result = _run(folder, "--data-root", mnist_root, *options)
    assert result.exit_code == 1
    assert words in result.stderr


def test_it_learns_from_the_pages_that_are_named(folder, mnist_root, monkeypatch):
    from draw_core.measure import judge as core

    made = []

    class Spy(core.Composer):
        def __init__(self, recipe, *rest):
            made.append(recipe.apart)
            super().__init__(recipe, *rest)

    monkeypatch.setattr(core, "Composer", Spy)
    monkeypatch.setattr(judge, "TEST_PAGES", 10)
    for data, apart in (([], 0), (["--data", "two_digits_apart"], 14)):
        made.clear()
        result = _run(folder, "--data-root", mnist_root, "--n", 2, "--steps", 1, *data)
        assert result.exit_code == 0, result.output
        assert set(made) == {apart}


def test_a_bound_that_was_saved_meanwhile_stays(folder, mnist_root, monkeypatch):
    from draw_core.measure import judge as core

    newer = dataclasses.replace(load_card(folder), notes=("Read the paper.",))
    right = core.train

    def meanwhile(*args):
        (folder / CARD).write_text(newer.to_json())
        return right(*args)

    monkeypatch.setattr(core, "train", meanwhile)
    monkeypatch.setattr(judge, "TEST_PAGES", 10)
    result = _run(folder, "--data-root", mnist_root, "--n", 2, "--steps", 1, "--save")
    assert result.exit_code == 0, result.output
    card = load_card(folder)
    assert card.notes == newer.notes
    assert card.readable.samples == 2


def test_a_network_that_paints_single_digits_is_judged_by_single_digits(
    tmp_path, mnist_root, monkeypatch
):
    model = small.model(height=28, width=28, channels=1)
    card = small.card(config=model.config, data="mnist")
    save_checkpoint(tmp_path / "one", model, card, None)
    monkeypatch.setattr(judge, "TEST_PAGES", 10)
    result = _run(tmp_path / "one", "--data-root", mnist_root, "--n", 3, "--steps", 1, "--save")
    assert result.exit_code == 0, result.output
    found = load_card(tmp_path / "one").readable
    assert f"{found.readable} of 3 samples of seed 0 are read as a digit" in result.stdout
    assert (found.samples, found.steps) == (3, 1)


@pytest.mark.parametrize("changes", [{"data": "mnist"}, {"config": small.CONFIG}])
def test_other_networks_are_refused_in_a_sentence(tmp_path, mnist_root, changes):
    model = small.model(**(PAGE if "config" not in changes else {}))
    card = small.card(**{"config": model.config, "data": "two_digits:mnist", **changes})
    save_checkpoint(tmp_path / "other", model, card, None)
    result = _run(tmp_path / "other", "--data-root", mnist_root)
    assert result.exit_code == 1
    assert re.fullmatch(
        r"Error: .* learned from .*, not from two_digits or two_digits_apart or mnist\.\n",
        result.stderr,
    )
