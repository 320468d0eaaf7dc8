"""One picture of the user's own as an array: modes, sizes, and files that are no pictures."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from draw_core.data.intake import pictures
from draw_core.data.intake.pictures import Skip, decode, read_header
from tests.support.archives import saved

# One picture as an array.


def test_a_grey_picture_of_the_right_size_keeps_its_values():
    values = np.arange(80, dtype=np.uint8).reshape(8, 10)
    decoded = decode(saved(Image.fromarray(values)), 1, 8, 10).pixels
    np.testing.assert_array_equal(decoded, values[None])


def test_colours_come_channel_first():
    values = np.random.default_rng(0).integers(0, 256, (8, 10, 3), dtype=np.uint8)
    decoded = decode(saved(Image.fromarray(values)), 3, 8, 10).pixels
    np.testing.assert_array_equal(decoded, values.transpose(2, 0, 1))


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.new("1", (10, 8), 1), "PNG", (255, 255, 255)),
        (Image.new("L", (10, 8), 77), "PNG", (77, 77, 77)),
        (Image.new("LA", (10, 8), (0, 51)), "PNG", (204, 204, 204)),  # a fifth of black on white
        (Image.new("RGB", (10, 8), (10, 20, 30)), "BMP", (10, 20, 30)),
        (Image.new("RGBA", (10, 8), (255, 0, 0, 51)), "PNG", (255, 204, 204)),
        (Image.new("RGBA", (10, 8), (9, 9, 9, 0)), "PNG", (255, 255, 255)),
        (Image.new("RGB", (10, 8), (10, 20, 30)).quantize(4), "PNG", (10, 20, 30)),
        (Image.new("RGB", (10, 8), (10, 20, 30)).quantize(4), "GIF", (10, 20, 30)),
        (Image.new("CMYK", (10, 8), (0, 255, 255, 0)), "TIFF", (255, 0, 0)),
        (Image.fromarray(np.full((8, 10), 0x4D00, np.uint16)), "PNG", (77, 77, 77)),
        (Image.fromarray(np.full((8, 10), 0x4DFF, np.uint16)), "TIFF", (77, 77, 77)),
        (
            Image.fromarray(np.full((8, 10), 70_000, np.int32)),
            "TIFF",
            (136, 136, 136),
        ),  # of 17 bits
    ],
)
def test_modes_by_hand(image, kind, expected):
    decoded = decode(saved(image, kind), 3, 8, 10).pixels
    assert decoded.dtype == np.uint8
    np.testing.assert_allclose(decoded.reshape(3, -1).T, np.tile(expected, (80, 1)), atol=1)
    grey = round(0.299 * expected[0] + 0.587 * expected[1] + 0.114 * expected[2])
    np.testing.assert_allclose(decode(saved(image, kind), 1, 8, 10).pixels, grey, atol=1)


def test_a_transparent_colour_of_a_palette_is_laid_on_white():
    image = Image.new("P", (10, 8), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert decode(saved(image, "PNG", transparency=1), 3, 8, 10).pixels.min() == 255


def test_fractions_are_left_out():
    with pytest.raises(Skip, match="fractions"):
        decode(saved(Image.new("F", (10, 8), 0.5), "TIFF"), 1, 8, 10)


def test_a_wide_picture_is_filled_and_cut_to_its_middle():
    values = np.zeros((16, 60), np.uint8)
    values[:, 20:40] = 200  # the middle 20 x 16 become 10 x 8
    decoded = decode(saved(Image.fromarray(values)), 1, 8, 10).pixels
    np.testing.assert_allclose(decoded[0, :, 2:8], 200, atol=1)
    assert decoded.min() > 180


def test_a_photograph_taken_upright_stands_upright():
    image = Image.new("L", (20, 16), 0)
    image.paste(200, (0, 0, 20, 8))  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees: bright on the right
    decoded = decode(saved(image, "JPEG", exif=exif, quality=95), 1, 20, 16).pixels
    assert decoded[0, :, :6].max() < 10
    assert decoded[0, :, 10:].min() > 190


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("L", (10, 8), value) for value in (30, 200)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode(content, 1, 8, 10).pixels, 30)


def test_a_large_jpeg_is_scaled_evenly():
    image = Image.new("L", (1600, 1200), 40)
    image.paste(220, (800, 0, 1600, 1200))
    decoded = decode(saved(image, "JPEG"), 1, 12, 16).pixels
    np.testing.assert_allclose(decoded[0, :, :7], 40, atol=3)
    np.testing.assert_allclose(decoded[0, :, 9:], 220, atol=3)


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size; its pixels never come."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6325, 10_000, 14_000, 60_000])  # below and above Pillow's limits
def test_a_huge_size_in_the_header_is_refused_before_decoding(side, monkeypatch):
    monkeypatch.setattr(pictures, "_convert", None)
    with pytest.raises(Skip, match="more than 40 megapixels"):
        decode(_png_header(side, side), 1, 8, 10)
    with pytest.raises(Skip, match="more than 40 megapixels"):
        read_header(_png_header(side, side))


def test_forty_megapixels_are_allowed():
    assert read_header(_png_header(8000, 5000)) == (8000, 5000, "L")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_a_picture_cut_off_is_said_to_be_broken(kind):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    content = saved(Image.fromarray(noise), kind)
    assert decode(content, 1, 8, 10).pixels.shape == (1, 8, 10)
    with pytest.raises(Skip, match=r"cut off or broken|not a picture"):
        decode(content[: len(content) // 2], 1, 8, 10)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"PK\3\4"]
)
def test_other_files_are_no_pictures(content):
    with pytest.raises(Skip, match="not a picture|which cannot be read here"):
        decode(content, 1, 8, 10)


def test_noise_behind_a_good_start_never_ends_in_another_error():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (16, 16), dtype=np.uint8)
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"):
        content = saved(Image.fromarray(noise), kind)
        for _ in range(40):
            broken = bytearray(content)
            for place in rng.integers(0, len(content), 6):
                broken[place] = rng.integers(0, 256)
            try:
                assert decode(bytes(broken), 3, 8, 10).pixels.shape == (3, 8, 10)
            except Skip:
                continue
