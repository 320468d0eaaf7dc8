"""Uploads become pictures: hostile files, properties of each way, and photographs of digits."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image, ImageFilter
from scipy import ndimage

from draw_core.data.drawn import strokes
from draw_core.data.intake import ink as intake_ink, intake
from draw_core.data.intake.format import IntakeError
from draw_core.data.intake.intake import fit, for_digits, for_scene, for_window
from draw_core.data.intake.open_picture import open_upload
from tests.support.picture_bytes import chunk, picture, save, with_chunk
from tests.support.uploads import as_png, steps_to_a_digit

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


def _digits(count: int) -> np.ndarray:
    return strokes.make("test", count)[0][:, 0]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _likeness(result: np.ndarray, digit: np.ndarray) -> float:
    """Correlation, a pixel of place forgiven: MNIST's middle is half a pixel from the strokes'."""
    return max(
        _correlation(np.roll(result, (down, across), (0, 1)), digit)
        for down in (-1, 0, 1)
        for across in (-1, 0, 1)
    )


# Decoding


def test_the_pixels_of_a_small_picture_are_kept():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    upload = open_upload(as_png(pixels))
    np.testing.assert_array_equal(upload.pixels, pixels)
    assert upload.words == "A PNG of 30 x 20 pixels."


def test_what_is_transparent_is_laid_on_white_and_said():
    pixels = np.zeros((6, 8, 4), np.uint8)
    pixels[:, 4:] = (0, 0, 255, 128)
    upload = open_upload(as_png(pixels))
    np.testing.assert_array_equal(upload.pixels[0, 0], (255, 255, 255))
    assert np.abs(upload.pixels[0, 7].astype(int) - (127, 127, 255)).max() <= 1
    assert "transparent is laid on white" in upload.words
    pixels[..., 3] = 255
    assert "transparent" not in open_upload(as_png(pixels)).words


def test_of_an_animation_the_first_picture_is_taken_and_that_is_said():
    first = picture()
    content = save(first, "PNG", save_all=True, append_images=[first.rotate(90)] * 3)
    upload = open_upload(content)
    np.testing.assert_array_equal(upload.pixels, np.asarray(first))
    assert "It is an animation; its first picture is taken." in upload.words
    assert "animation" not in open_upload(save(first, "PNG")).words


def test_of_16_bits_the_upper_8_are_taken():
    values = np.array([[0, 255, 256], [32_767, 32_768, 65_535]], np.uint16)
    expected = np.repeat((values >> 8).astype(np.uint8)[..., None], 3, 2)
    np.testing.assert_array_equal(open_upload(as_png(values)).pixels, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_set_upright(orientation):
    upright = picture(64, 48)
    turns = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]  # fmt: skip
    stored = upright.transpose(turns[0]) if turns else upright
    data = Image.Exif()
    data[0x0112] = orientation
    for kind in ("PNG", "JPEG"):
        options = {} if kind == "PNG" else {"quality": 100, "subsampling": 0}
        pixels = open_upload(save(stored, kind, exif=data, **options)).pixels.astype(int)
        assert np.abs(pixels - np.asarray(upright)).max() <= (0 if kind == "PNG" else 12)


def test_a_cmyk_photo_has_its_colours():
    flat = Image.new("RGB", (32, 32), (200, 60, 30))
    pixels = open_upload(save(flat.convert("CMYK"), "JPEG", quality=95)).pixels
    assert np.abs(pixels.reshape(-1, 3).mean(0) - (200, 60, 30)).max() < 5


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_scaled_down_evenly_and_that_is_said(kind):
    rows, columns = np.indices((1500, 3000))
    ramp = np.stack([columns // 12, rows // 6, 0 * rows], 2).astype(np.uint8)
    upload = open_upload(save(Image.fromarray(ramp), kind))
    height, width, _ = upload.pixels.shape
    assert (height, width) == (500, 1000) or max(height, width) <= 1024
    assert abs(width / height - 2) < 0.02
    assert f"It is scaled down to {width:,} x {height:,}" in upload.words
    place = (np.arange(width) + 0.5) / width * 250
    assert np.abs(upload.pixels[height // 2, :, 0] - place).max() < 6
    place = (np.arange(height) + 0.5) / height * 250
    assert np.abs(upload.pixels[:, width // 2, 1] - place).max() < 6


def test_texts_in_a_picture_change_nothing():
    content = save(picture(), "PNG")
    other = with_chunk(content, chunk(b"iCCP", b"x\0\0broken") + chunk(b"tEXt", b"a\0b"))
    np.testing.assert_array_equal(open_upload(content).pixels, open_upload(other).pixels)


# Properties


@st.composite
def uploads(draw: st.DrawFn) -> bytes:
    width, height = draw(st.integers(2, 600)), draw(st.integers(2, 600))
    mode, seed = draw(st.sampled_from(MODES)), draw(st.integers(0, 2**32 - 1))
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 4, 4), np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    image = image.convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    kinds = ["PNG", "JPEG"] if mode in ("1", "L", "RGB") else ["PNG"]
    return save(image, draw(st.sampled_from(kinds)))


@st.composite
def flat_pages(draw: st.DrawFn) -> bytes:
    """Rectangles of single greys on a page of one grey, as in drawing programs."""
    height, width = draw(st.tuples(st.integers(8, 600), st.integers(8, 600)))
    page = np.full((height, width), draw(st.integers(0, 255)), np.uint8)
    for _ in range(draw(st.integers(1, 4))):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, height)), draw(st.integers(left, width))
        page[top:bottom, left:right] = draw(st.integers(0, 255))
    return save(Image.fromarray(page), "PNG")


@given(flat_pages())
def test_a_page_of_flat_greys_gives_a_digit_or_says_that_it_is_empty(content):
    if written := steps_to_a_digit(content, 28, 28):
        assert written[-1].pixels.shape == (1, 28, 28)
        assert written[-1].pixels.any()


def test_a_faint_field_beside_a_dark_dot_is_no_fault():
    page = np.full((600, 600), 255, np.uint8)
    page[100:500, 100:400] = 225
    page[520:530, 520:530] = 0
    last = for_digits(save(Image.fromarray(page), "PNG"), 28, 28)[-1].pixels
    assert last.max() > 200


@given(uploads(), st.sampled_from([1, 3]), st.integers(8, 64), st.integers(8, 64))
def test_any_picture_gives_what_the_network_takes(content, channels, height, width):
    steps = for_scene(content, channels, height, width)
    assert steps[-1].pixels.shape == (channels, height, width)
    window = for_window(content, 100)
    assert window[-1].pixels.shape[0] in (1, 3)
    assert min(window[-1].pixels.shape[1:]) >= 2
    assert max(window[-1].pixels.shape[1:]) <= 100
    ways = [steps, window]
    if written := steps_to_a_digit(content, height, width):
        assert written[-1].pixels.shape == (1, height, width)
        assert written[-1].pixels.any()
        ways.append(written)
    for way in ways:
        assert way[0].title == "As uploaded"
        for step in way:
            assert step.pixels.dtype == np.uint8
            assert max(step.pixels.shape) <= intake.SHOWN_SIDE
            assert step.words.endswith(".")
    again = for_scene(content, channels, height, width)
    for one, other in zip(steps, again, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)


@given(
    st.integers(0, 59), st.integers(28, 200), st.integers(0, 60), st.integers(0, 60),
    st.integers(28, 64),
)  # fmt: skip
def test_a_negative_and_another_place_on_the_page_give_the_same(number, side, down, across, size):
    digit = Image.fromarray(_digits(60)[number]).resize((side, side), Image.Resampling.BICUBIC)
    page = np.zeros((side + 60, side + 60), np.uint8)
    page[30 : 30 + side, 30 : 30 + side] = digit
    result = for_digits(as_png(page), size, size)[-1].pixels
    np.testing.assert_array_equal(for_digits(as_png(255 - page), size, size)[-1].pixels, result)
    moved = np.zeros_like(page)
    moved[down : down + side, across : across + side] = digit
    there = for_digits(as_png(moved), size, size)[-1].pixels
    assert _correlation(there, result) > 0.99
    row, column = ndimage.center_of_mass(there[0])
    assert abs(row - (size - 1) / 2) <= 1.01
    assert abs(column - (size - 1) / 2) <= 1.01
    rows, columns = np.nonzero(there[0] > 12)
    box = max(np.ptp(rows), np.ptp(columns)) + 1
    assert abs(box - 20 / 28 * size) <= 2
    assert there.max() > 230


def test_a_picture_of_the_data_set_stays_as_it_is():
    for digit in _digits(100):
        result = for_digits(as_png(digit), 28, 28)[-1].pixels[0]
        assert _correlation(result, digit) > 0.999


def test_enlarged_and_inverted_it_comes_back():
    scores = []
    for digit in _digits(60):
        large = Image.fromarray(255 - digit).resize((420, 420), Image.Resampling.BICUBIC)
        result = for_digits(save(large, "JPEG"), 28, 28)[-1].pixels[0]
        scores.append(_likeness(result, digit))
    assert np.mean(scores) > 0.94
    assert min(scores) > 0.8


# Photographs


def _photo(digit: np.ndarray, kind: str) -> bytes:
    """Pencil or pen on paper under a lamp, with the noise of a telephone's camera."""
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[:600, :480].astype(float)
    light = 165 + 65 * np.exp(-((columns - 120) ** 2 + (rows - 160) ** 2) / 340**2) - columns / 12
    if kind == "shadow":
        light *= np.where(columns + 0.4 * rows > 440, 0.6, 1)
        shadow = Image.fromarray(light.astype(np.uint8)).filter(ImageFilter.GaussianBlur(8))
        light = np.asarray(shadow, float)
    side = 90 if kind == "small" else 280
    ink = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)) / 255
    if kind == "pencil":
        ink = (ink > 0.5) * 0.45 * rng.uniform(0.5, 1, ink.shape)
    page = np.zeros(light.shape)
    page[200 : 200 + side, 120 : 120 + side] = ink
    grey = light * (1 - 0.7 * page) + rng.normal(0, 5, light.shape)
    if kind == "ruled":
        grey[::40] -= 30
    if kind == "table":
        grey[:, :40], grey[:35] = 60, 60
    colours = np.stack([grey * 1.02, grey * 0.97, grey * 0.85], 2)
    return save(Image.fromarray(colours.clip(0, 255).astype(np.uint8)), "JPEG", quality=85)


@pytest.mark.parametrize("kind", ["pen", "pencil", "small", "shadow", "ruled", "table"])
def test_a_photo_of_a_digit_becomes_that_digit(kind):
    scores = []
    for digit in _digits(12):
        steps = for_digits(_photo(digit, kind), 28, 28)
        assert [step.title for step in steps] == [
            "As uploaded",
            "Grey",
            "Inverted",
            "Paper black, ink white",
            "Cropped to the ink",
            "Scaled and centred",
        ]
        assert "uneven" in steps[3].words
        scores.append(_likeness(steps[-1].pixels[0], digit))
    assert np.mean(scores) > (0.8 if kind == "pencil" else 0.9)
    assert min(scores) > (0.7 if kind == "pencil" else 0.78)


def test_a_thin_line_does_not_fade():
    page = np.full((800, 800), 255, np.uint8)
    page[100:700, 398:402] = 30
    page[100:104, 200:402] = 30
    steps = for_digits(as_png(page), 28, 28)
    assert "the pen is made broader" in steps[-1].words
    assert steps[-1].pixels.max() > 230
    assert (steps[-1].pixels[0, 8:20] > 128).sum(1).min() >= 1
    assert 1.5 < intake_ink.stroke_width(steps[-1].pixels[0]) < 3


def test_specks_do_not_count_as_ink():
    page = np.full((300, 300), 250, np.uint8)
    page[100:200, 140:160] = 10
    clean = for_digits(as_png(page), 28, 28)[-1].pixels
    page[20:23, 20:23] = page[280:283, 270:274] = 0
    np.testing.assert_allclose(for_digits(as_png(page), 28, 28)[-1].pixels, clean, atol=12)


def test_it_is_said_why_nothing_is_inverted():
    steps = for_digits(as_png(_digits(1)[0]), 28, 28)
    assert "Inverted" not in [step.title for step in steps]
    assert any("nothing is inverted" in step.words for step in steps)


@pytest.mark.parametrize("level", [0, 100, 255])
def test_an_empty_page_is_refused(level):
    pages = [np.full((50, 40), level, np.uint8)]
    grain = np.random.default_rng(0).normal(level, 2, (300, 300)).clip(0, 255)
    pages.append(grain.astype(np.uint8))
    for page in pages:
        with pytest.raises(IntakeError, match="no ink to find"):
            for_digits(as_png(page), 28, 28)


def test_ink_that_fills_half_of_an_even_page_is_kept():
    page = np.full((100, 100), 255, np.uint8)
    page[15:85, 15:85] = 0
    result = for_digits(as_png(page), 28, 28)[-1].pixels[0]
    assert result[5:23, 5:23].min() > 230
    assert (result > 0).sum() == 400


# Scenes and windows


def test_a_scene_is_the_middle_scaled():
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:, :50], pixels[:, 150:] = (255, 0, 0), (0, 0, 255)
    pixels[:, 50:150] = (10, 200, 30)
    steps = for_scene(as_png(pixels), 3, 20, 20)
    assert [step.title for step in steps] == ["As uploaded", "Cut to the middle", "Scaled"]
    np.testing.assert_array_equal(
        steps[-1].pixels, np.broadcast_to([[[10]], [[200]], [[30]]], (3, 20, 20))
    )
    grey = for_scene(as_png(pixels), 1, 20, 20)
    assert [step.title for step in grey][1] == "Grey"
    np.testing.assert_array_equal(grey[-1].pixels, np.full((1, 20, 20), 124))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((300, 200), (100, 67)), ((50, 40), (50, 40)), ((5000, 2), (100, 2)), ((2, 900), (2, 100))],
)
def test_a_window_keeps_the_proportions(size, expected):
    steps = for_window(save(picture(*size), "PNG"), 100)
    assert steps[-1].pixels.shape == (3, *expected[::-1])


def test_a_window_of_no_colours_has_one_channel():
    steps = for_window(save(picture().convert("L"), "PNG"))
    assert steps[-1].pixels.shape == (1, 40, 48)
    assert "one channel" in steps[-1].words


# Pictures that are here already


@given(st.sampled_from([1, 3]), st.integers(2, 60), st.integers(2, 60), st.integers(0, 9))
def test_fit_leaves_the_right_shape_alone(channels, height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (channels, height, width), np.uint8)
    np.testing.assert_array_equal(fit(pixels, channels, height, width), pixels)
    other = fit(pixels, 4 - channels, height, width)
    if channels == 1:
        np.testing.assert_array_equal(other, np.repeat(pixels, 3, 0))
    else:
        luma = np.tensordot([0.299, 0.587, 0.114], pixels.astype(float), 1)
        assert np.abs(other[0] - luma).max() <= 1
    assert fit(pixels, 3, 28, 31).shape == (3, 28, 31)


def test_fit_takes_the_middle():
    pixels = np.zeros((1, 28, 84), np.uint8)
    pixels[:, :, 28:56] = _digits(1)
    np.testing.assert_array_equal(fit(pixels, 1, 28, 28)[0], _digits(1)[0])
    assert fit(pixels, 1, 14, 14).max() > 150


def test_fit_refuses_other_channels():
    for own, wanted in ((2, 1), (1, 2), (4, 3)):
        with pytest.raises(ValueError, match="channels must be 1 or 3"):
            fit(np.zeros((own, 4, 4), np.uint8), wanted, 4, 4)
