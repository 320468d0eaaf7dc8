"""Test pictures made by a program: the numbers that pages and lessons rely on."""

import functools

import numpy as np
import pytest

from draw_core.data.drawn.scenes import BAR_PERIODS, LARGEST, SCENES, SMALLEST, bars, scene
from draw_core.data.intake.intake import fit

seen = functools.cache(scene)  # for tests that only look


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_the_same_each_time_and_of_its_size(name):
    first = scene(name)
    assert first.shape == (3, 100, 100)
    assert first.flags.c_contiguous
    np.testing.assert_array_equal(first, scene(name))
    for size in (SMALLEST, LARGEST):
        assert scene(name, size).shape == (3, size, size)


@pytest.mark.parametrize("name", ["still-life", "lake", "house-number"])
def test_photos_use_the_whole_range_and_are_rich_in_colours(name):
    picture = seen(name)
    grey = fit(picture, 1, 100, 100)
    assert grey.min() < 40
    assert grey.max() > 215
    colours = np.unique(picture.reshape(3, -1), axis=1).shape[1]
    assert colours > 3000  # of 10,000 pixels
    assert (np.ptp(picture.astype(int), axis=0) > 40).mean() > 0.08  # it is no grey picture
    # No more than a tenth burnt out or drowned.
    assert (picture.min(0) == 255).mean() < 0.1
    assert (picture.max(0) == 0).mean() < 0.1


def test_a_larger_photo_shows_the_same():
    for name in ("still-life", "lake", "house-number"):
        small, large = seen(name, 100), seen(name, 200)
        halved = large.reshape(3, 100, 2, 100, 2).mean((2, 4))
        assert np.abs(halved - small).mean() < 6


def test_the_still_life_has_its_spheres_where_they_belong():
    picture = seen("still-life").astype(int)
    red, green, blue = picture[:, 35, 25], picture[:, 64, 19], picture[:, 56, 58]
    assert red[0] > 1.5 * max(red[1:])
    assert green[2] < 0.7 * min(green[:2])  # yellow
    assert blue[2] > 1.5 * blue[0]
    floor = fit(seen("still-life"), 1, 100, 100)[0, 95]
    assert np.ptp(floor.astype(int)) > 100  # dark and bright tiles


def test_the_lake_mirrors_the_sun():
    grey = fit(seen("lake"), 1, 100, 100)[0].astype(float)
    sky, water = grey[:50], grey[62:]
    sun = np.unravel_index(sky.argmax(), sky.shape)
    mirrored = np.argwhere(water > 220).mean(0)
    assert abs(sun[1] - 37) <= 6
    assert abs(mirrored[1] - 37) <= 4
    assert water.mean() < sky.mean()


def test_the_number_stands_out_from_the_plate():
    picture = seen("house-number").astype(int)
    white = picture[:, 40:70, 20:80].min(0) > 150
    plate = (picture[2] - picture[0])[40:70, 20:80] > 60
    assert 0.12 < white.mean() < 0.45
    assert plate.mean() > 0.35
    brick = picture[:, 85:, :].reshape(3, -1).mean(1)
    assert brick[0] > 1.5 * brick[2]


def test_the_cluttered_digit_is_white_on_black():
    picture = seen("clutter")
    np.testing.assert_array_equal(picture[0], picture[2])
    assert 0.02 < (picture[0] > 0).mean() < 0.15
    assert picture.max() == 255
    digit = picture[0, 32:60, 48:76]
    assert (digit > 0).sum() > 0.2 * (picture[0] > 0).sum()


@pytest.mark.parametrize("size", [SMALLEST, 100, 128])
@pytest.mark.parametrize("number", range(len(BAR_PERIODS)))
def test_the_lines_of_the_test_card_have_their_period(size, number):
    lines = seen("test-card", size)[(0, *bars(size, number))]
    period, width = BAR_PERIODS[number], lines.shape[1]
    assert set(np.unique(lines)) == {20, 235}
    assert (lines == lines[:1]).all()
    assert width >= 1.5 * period
    np.testing.assert_array_equal(lines[:, period:], lines[:, :-period])
    whole = lines[0, : width // period * period].astype(float)
    strength = np.abs(np.fft.rfft(whole - whole.mean()))
    assert len(whole) / strength.argmax() == period


def test_the_patches_of_the_test_card_have_their_exact_colours():
    picture = seen("test-card")
    along = picture[:, 89, :]
    starts = np.flatnonzero((np.diff(along.astype(int), axis=1) != 0).any(0)) + 1
    colours = [tuple(map(int, along[:, start])) for start in starts]
    grey = [colour[0] for colour in colours if len(set(colour)) == 1]
    assert [level for level in grey if level != 128][:6] == [0, 51, 102, 153, 204, 255]
    for colour in ((204, 51, 51), (230, 159, 0), (240, 228, 66), (0, 158, 115), (0, 114, 178)):
        assert colour in colours


def test_the_star_blurs_toward_its_middle():
    star = fit(seen("test-card"), 1, 100, 100)[0].astype(float)
    angle = np.linspace(0, 2 * np.pi, 2000)

    def contrast(radius):
        rows = (31 + radius * np.sin(angle)).round().astype(int)
        columns = (32 + radius * np.cos(angle)).round().astype(int)
        return star[rows, columns].std()

    assert contrast(22) > 90
    assert contrast(3) < 0.5 * contrast(22)


def test_unknown_names_and_sizes_are_refused():
    with pytest.raises(ValueError, match="there is no scene 'lena'"):
        scene("lena")
    for size in (SMALLEST - 1, LARGEST + 1):
        with pytest.raises(ValueError, match=f"not {size}"):
            scene("lake", size)
