"""What is said of a pair: every claim follows from the cards or from what is painted."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from draw_core.film.codecs import encode_logits
from draw_core.film.film import Film
from tests.support import browser, films, small
from ui.compare import words as compare_words
from ui.compare.models import Side, why_no_reconstruction
from ui.compare.words import Seen, half_of_change, look_for, same_noise
from ui.models.catalogue import Model

SIZES = {"channels": 1, "height": 10, "width": 10, "num_steps": 4, "read_size": 2, "write_size": 2}


def side(
    letter: str = "A",
    *,
    name: str = "",
    run: str | None = None,
    at: int | None = None,
    **changes: object,
) -> Side:
    """A side whose card has these values; models of other names are others."""
    config = small.config(**{**SIZES, **{k: v for k, v in changes.items() if hasattr(C, k)}})
    training = {k: v for k, v in changes.items() if hasattr(small.TRAINING, k) and k != "steps"}
    of_card = ("data", "data_title", "steps", "test", "train_images")
    rest = {k: v for k, v in changes.items() if k in of_card}
    card = small.card(
        config=config, training=dataclasses.replace(small.TRAINING, **training), **rest
    )
    name = name or letter
    return Side(letter, Model(name, name, Path("/models") / name, card, run), at)


C = small.CONFIG


def painted(steps: int, pixels: int, *, window: float | None = None, path: float = 0.0) -> Film:
    """Two samples; each step turns this many new pixels of 100 from black to white.

    Args:
        window: pixels per side of the window that writes; None for none.
        path: pixels that its centre goes in all, on the middle line.
    """
    logits = np.full((steps + 1, 2, 1, 100), -9.0)
    for t in range(1, steps + 1):
        logits[t:, :, 0, (t - 1) * pixels : t * pixels] = 9.0
    canvases = encode_logits(logits.reshape(steps + 1, 2, 1, 10, 10))
    if window is None:
        return films.painted(canvases)
    params = np.ones((steps, 2, 5), np.float32)
    turns = np.arange(steps) % 2  # to and fro
    params[..., 0] = (2 + turns * path / max(1, steps - 1))[:, None]
    params[..., 2] = window / 2
    return films.painted(canvases, write=params)


def said(
    a: Side, b: Side, pixels: tuple[int, int] = (4, 4), *, window: float = 2, path: float = 12
) -> str:
    def film(one: Side, count: int) -> Film:
        writes = window if one.config.write_attention else None
        return painted(one.config.num_steps, count, window=writes, path=path)

    seen = [Seen.of(one, film(one, count)) for one, count in zip((a, b), pixels, strict=True)]
    return look_for(*seen)


def test_half_of_a_change_falls_on_the_fewest_pixels():
    rng = np.random.default_rng(0)
    change = rng.random((3, 2, 5, 7)) ** 4
    change[1, 1] = 0
    for index in np.ndindex(3, 2):
        values, count, reached = sorted(change[index].ravel(), reverse=True), 0, 0.0
        while reached < sum(values) / 2:
            reached += values[count]
            count += 1
        assert half_of_change(change)[index] == count
    assert half_of_change(change)[1, 1] == 0


def test_ink_and_pixels_are_measured():
    seen = Seen.of(side(), painted(4, 6))
    np.testing.assert_allclose(seen.ink, 6, atol=0.01)
    assert seen.half == 3


def test_a_pen_is_claimed_only_where_the_pixels_show_it():
    pen, page = side("A"), side("B", read_attention=False, write_attention=False)
    text = said(pen, page, (4, 20))
    assert "**A writes through a window, B on the whole canvas at once.**" in text
    assert "half of the change falls on 2 of 100 pixels in A and on 10 in B" in text
    assert "A paints bit by bit: **through a small window that moves over the page**" in text
    assert "In B, more of the picture takes shape at once." in text
    assert "They also differ" not in text
    for pixels in ((4, 4), (20, 4)):
        text = said(pen, page, pixels)
        assert "A paints" not in text
        assert "not keep the changes clearly closer" in text
    text = said(
        dataclasses.replace(page, letter="A"), dataclasses.replace(pen, letter="B"), (20, 4)
    )
    assert "**B writes through a window, A on the whole canvas at once.**" in text
    assert "B paints bit by bit" in text


def test_a_window_that_stays_is_not_said_to_move():
    pen, page = side("A"), side("B", read_attention=False, write_attention=False)
    text = said(pen, page, (4, 20), path=0)
    assert "A paints bit by bit: **through a small window** (orange) that moves little." in text
    text = said(pen, page, (4, 20), window=12)
    assert "A paints bit by bit: **through a window** (orange) wider than the page most" in text


def test_reading_alone():
    text = said(side("A", read_attention=False), side("B"))
    assert "**B reads through a window, A sees the whole image at every step.**" in text


def test_who_changes_less_at_a_time():
    other = {"data": "strokes"}
    text = said(side("A"), side("B", **other), (20, 4))
    assert "**A learned from MNIST, B from Drawn strokes.**" in text
    assert "So B changes less of the picture at a time." in text
    text = said(side("A"), side("B", **other), (4, 4))
    assert "Step by step, both change about as many pixels." in text
    assert "less of the picture" not in text


def test_a_data_set_that_is_gone_is_named_as_its_card_does():
    assert "B from Old pictures." in said(
        side("A"), side("B", data="folder:gone", data_title="Old pictures")
    )


def test_fewer_steps():
    text = said(side("A", num_steps=2), side("B", num_steps=8), (4, 5))
    assert "**A paints in 2 steps, B in 8 steps.**" in text
    assert "A moves 4.0 pixels of ink in an average step, B 5.0." in text
    assert (
        "When A is finished, B has made only 25 % of its changes. Watch what it still adds." in text
    )
    text = said(side("A", num_steps=4), side("B", num_steps=1), (4, 5))
    assert "**B paints in 1 step, A in 4 steps.**" in text
    assert "When B is finished, A has made only 25 % of its changes." in text
    text = said(side("A", num_steps=4), side("B", num_steps=5), (4, 5))
    assert "When A is finished, B has made 80 % of its changes." in text


def test_what_else_differs_is_named():
    assert "**A writes with 2×2 points, B with 3×3.**" in said(side("A"), side("B", write_size=3))
    text = said(side("A"), side("B", write_size=3, read_size=4))
    assert "A writes with 2×2 points, B with 3×3; A reads with 2×2 points, B with 4×4" in text
    text = said(side("A"), side("B", z_size=9))
    assert "4 latent numbers per step in A, 9 in B" in text
    text = said(side("A"), side("B", steps=1200))
    assert "A made 6 updates of its weights, B 1,200" in text
    text = said(side("A", at=2), side("B"))  # of another training
    assert "A made 2 updates of its weights, B 6" in text
    text = said(side("A"), side("B", learning_rate=0.5))
    assert "The same network, trained differently**: as the table below shows." in text
    text = said(side("A"), side("B", train_images=1234))
    assert "**A learned from 10 images of MNIST, B from 1,234.**" in text
    text = said(side("A"), side("B", num_steps=8, z_size=9, learning_rate=0.5))
    assert "They also differ in network size and training: see the table below." in text
    assert "**The two cards name the same network, data and training.**" in said(
        side("A"), side("B")
    )


def test_the_same_training_in_another_precision():
    half = dataclasses.replace(side("B").card, weights="float16")
    b = dataclasses.replace(side("B"), entry=dataclasses.replace(side("B").entry, card=half))
    assert "stored as float32 in A and as float16 in B" in said(side("A"), b)


def test_the_same_model_twice():
    text = said(side("A", name="m"), side("B", name="m"))
    assert "**Both sides are the same model**" in text
    text = said(side("A", name="m", at=40), side("B", name="m"))
    assert "A after 40 updates, B as it is now." in text
    text = said(side("A", name="m", at=1), side("B", name="m", at=1500))
    assert "A after 1 update, B after 1,500 updates." in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "both get the same random numbers at every step"),
        ({"num_steps": 9}, "Only the first 4 steps of sample 1 get the same"),
        ({"z_size": 5}, "A takes 4 of them at each step and B 5, so they do not mean the same"),
    ],
)
def test_what_the_same_seed_means_is_what_the_noise_is(changes, words):
    a, b = side("A"), side("B", **changes)
    text = same_noise(a, b)
    assert words in text
    assert ("Compare how they paint. Do not compare the digits." in text) == bool(changes)
    noise = [
        browser.pen(**dataclasses.asdict(one.config)).noise(3, torch.Generator().manual_seed(5))
        for one in (a, b)
    ]
    if "z_size" in changes:
        assert noise[0].shape[2] != noise[1].shape[2]
        return
    alike = [torch.equal(noise[0][:4, k], noise[1][:4, k]) for k in range(3)]
    assert alike == ([True, True, True] if not changes else [True, False, False])


def test_what_is_not_compared_is_called_what_it_is():
    text = same_noise(side("A"), side("B", data="strokes", z_size=5))
    assert text.endswith("Compare how they paint. Do not compare the pictures.")


def test_no_more_samples_are_measured_than_needed(monkeypatch):
    film = painted(3, 4)
    monkeypatch.setattr(compare_words, "_ENOUGH", 1)
    changed = film.frames().copy()
    changed[:, 1] = 0  # the second sample never changes
    assert Seen.of(side(), films.painted(changed)).half == 2


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ({}, {}, None),
        ({}, {"write_attention": False, "num_steps": 9}, None),
        ({"at": 3}, {}, "A cannot be shown an image: of the earlier moments"),
        ({}, {"width": 12}, "A takes 10×10 pixels in black and white, B 12×10 pixels"),
        ({}, {"binarisation": "grey"}, "in black and white, B 10×10 pixels in greys"),
        ({}, {"channels": 3, "binarisation": "grey"}, "B 10×10 pixels in colours"),
        ({"channels": 2}, {"channels": 2}, "its images have 2 channels"),
    ],
)
def test_why_no_image_can_be_shown(one, other, words):
    found = why_no_reconstruction(side("A", **one), side("B", **other))
    assert found is None if words is None else words in found
