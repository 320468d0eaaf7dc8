"""Pictures as programs and cameras write them: deep greys, transparent grounds, other kinds."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from draw_core.data import shelf
from draw_core.data.datasets import load
from draw_core.data.folders import folder
from draw_core.data.folders.preview import preview_images
from draw_core.data.folders.sameness import sameness
from draw_core.data.intake import pictures
from draw_core.data.intake.file_kinds import kind_of
from draw_core.data.intake.format import IntakeError
from draw_core.data.intake.intake import for_digits
from draw_core.data.intake.open_picture import open_upload
from draw_core.data.intake.pictures import Skip, decode
from draw_core.data.registry import DataError
from draw_core.runs.execution import execute
from draw_core.runs.registry import create_run
from tests.support import tiny_runs
from tests.support.picture_bytes import png, save

SIZE = {"height": 28, "width": 28, "channels": 1}


def _seven(side: int = 280, width: int = 22) -> np.ndarray:
    """A 7 as coverage, 0 to 1, with soft edges."""
    image = Image.new("L", (4 * side, 4 * side))
    points = [(0.3, 0.22), (0.7, 0.22), (0.42, 0.8)]
    corners = [(4 * side * x, 4 * side * y) for x, y in points]
    ImageDraw.Draw(image).line(corners, fill=255, width=4 * width, joint="curve")
    return np.asarray(image.resize((side, side), Image.Resampling.BOX)) / 255


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).max())


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation, where rounding may have moved one by a pixel."""
    moves = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    moved = [np.roll(one, move, (0, 1)).ravel() for move in moves]
    return max(np.corrcoef(pixels, other.ravel())[0, 1] for pixels in moved)


def _png16(values: np.ndarray, colour: int) -> bytes:
    """A PNG of 16 bits: colour type 2 is RGB, 4 grey and alpha, 6 RGBA."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png(width, height, 16, colour, rows=rows)


def _tiff(values: np.ndarray, order: str, depth: int = 16, *, more: tuple = ()) -> bytes:
    """A grey TIFF in either byte order; of 12 bits, two values take three bytes."""
    height, width = values.shape
    data = values.astype(f"{order}u2").tobytes()
    if depth == 12:
        left, right = values.ravel()[::2].astype(int), values.ravel()[1::2].astype(int)
        packed = np.stack([left >> 4, (left & 15) << 4 | right >> 8, right & 255], 1)
        data = packed.astype(np.uint8).tobytes()
    entries = [(256, width), (257, height), (258, depth), (259, 1), (262, 1)]
    tags = sorted([*entries, (273, 0), (277, 1), (278, height), (279, len(data)), *more])
    start = 8 + 2 + 12 * len(tags) + 4
    content = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    for tag, value in tags:
        content += struct.pack(f"{order}HHII", tag, 4, 1, start if tag == 273 else value)
    return content + bytes(4) + data


# Deep greys


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "TIFF, other order", "32 bits"])
def test_deep_greys_keep_their_contrast(bits, kind):
    shape = _seven()
    values = np.round(shape * (2**bits - 1)).astype(np.uint16)
    content = {
        "PNG": lambda: save(Image.fromarray(values), "PNG"),
        "TIFF": lambda: save(Image.fromarray(values), "TIFF"),
        "TIFF, other order": lambda: _tiff(values, ">"),
        "32 bits": lambda: save(Image.fromarray(values.astype(np.int32)), "TIFF"),
    }[kind]()
    plain = decode(
        save(Image.fromarray(np.round(shape * 255).astype(np.uint8)), "PNG"), 1, 28, 28
    ).pixels
    assert plain.max() > 240
    assert _alike(decode(content, 1, 28, 28).pixels, plain) <= 2
    if kind == "PNG":
        expected = np.round(shape * 255)[..., None]
        assert _alike(open_upload(content).pixels, expected) <= 1
        assert (f"It uses {bits} of 16 bits" in open_upload(content).words) == (bits < 16)
        assert for_digits(content, 28, 28)[-1].pixels.max() > 240


def test_twelve_bits_packed_in_a_tiff():
    values = np.round(_seven() * 4095).astype(np.uint16)
    assert decode(_tiff(values, "<", 12), 1, 28, 28).pixels.max() > 240


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_deep_colours_keep_their_contrast(colour, channels, bits):
    shape = _seven(60, 6)
    tint = np.array([1, 0.5, 0.25, 1] if channels > 2 else [0.5, 1])[:channels]
    values = np.round(shape[..., None] * tint * (2**bits - 1)).astype(np.uint16)
    if channels in (2, 4):
        values[..., -1] = 65_535
    pixels = open_upload(_png16(values, colour)).pixels
    expected = shape[..., None] * (tint[:3] if channels > 2 else 0.5) * 255
    assert _alike(pixels, np.broadcast_to(expected, pixels.shape)) <= 1
    assert decode(_png16(values, colour), 3, 28, 28).pixels.max() > (200 if channels > 2 else 100)


@pytest.mark.parametrize("bits", [8, 10, 12])
@pytest.mark.parametrize("kind", ["grey PNG", "TIFF", "32 bits", "colour"])
def test_a_few_defects_of_a_sensor_leave_the_depth_alone(bits, kind):
    """One pixel in a thousand; with more of them the values are taken for what they say."""
    shape = _seven(100, 6)
    values = np.round(shape * (2**bits - 1)).astype(np.uint16)
    content = {
        "grey PNG": lambda: save(Image.fromarray(values), "PNG"),
        "TIFF": lambda: _tiff(values, ">"),
        "32 bits": lambda: save(Image.fromarray(values.astype(np.int32)), "TIFF"),
        "colour": lambda: _png16(np.repeat(values[..., None], 3, axis=2), 2),
    }[kind]
    clean = decode(content(), 1, 28, 28).pixels.astype(int)
    dark = np.argwhere(values[:3] == 0)[:11]  # as far from the digit as it goes
    values[tuple(dark[:10].T)] = 65_535
    assert clean.max() > 240
    assert np.abs(decode(content(), 1, 28, 28).pixels - clean)[:, 3:].max() <= 1
    if "PNG" in kind or kind == "colour":
        assert f"It uses {bits} of 16 bits" in open_upload(content()).words
    values[tuple(dark.T)] = 65_535
    assert decode(content(), 1, 28, 28).pixels[:, 3:].max() <= clean.max() // 2 ** (16 - bits) + 2


def test_one_saturated_pixel_of_a_small_picture_is_white_and_the_others_are_seen():
    values = np.round(_seven(28, 3) * 1023).astype(np.uint16)
    clean = decode(save(Image.fromarray(values), "PNG"), 1, 28, 28).pixels.astype(int)
    values[0, 0] = 65_535
    pixels = decode(save(Image.fromarray(values), "PNG"), 1, 28, 28).pixels
    assert pixels[0, 0, 0] == 255
    np.testing.assert_array_equal(pixels[:, 1:], clean[:, 1:])


def _set(tmp_path, images: list[np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, image in enumerate(images):
            archive.writestr(f"{number:03}.png", save(Image.fromarray(image), "PNG"))
    name = folder.import_images(file, tmp_path, name="x", **SIZE)
    both = [load(name, split, tmp_path).images.numpy() for split in ("train", "test")]
    look = preview_images(file, **SIZE)
    notes = shelf.read(name, tmp_path).notes
    assert look.notes == notes
    return np.sort(np.concatenate(both).max(axis=(1, 2, 3))), notes


def test_dark_pictures_of_one_camera_stay_darker_than_the_others(tmp_path):
    shape = np.pad(_seven(28, 3), 0)
    scales = [4095, 4000, 3900, 3800, 3700, 3600, 900, 500]
    brightest, notes = _set(tmp_path, [(shape * scale).astype(np.uint16) for scale in scales])
    whole = shape.max()
    expected = np.sort(np.array(scales) * whole / 16)
    np.testing.assert_allclose(brightest, expected, atol=2)
    assert notes == ("Greys of 16 bits do not use all of them: 4,095 becomes white.",)


def test_pictures_of_several_cameras_are_all_seen(tmp_path):
    shape = _seven(28, 3)
    scales = [65_535, 16_383, 4095, 1023, 255] * 2
    brightest, notes = _set(tmp_path, [(shape * scale).astype(np.uint16) for scale in scales])
    assert brightest.min() > 0.98 * 255 * shape.max()
    assert notes[0].endswith("255 or 1,023 or 4,095 or 16,383 becomes white.")


# Transparent grounds


def _ink(level: int, alpha: np.ndarray, mode: str, behind: int = 0) -> Image.Image:
    """Ink of one grey; where there is none, transparent pixels of another grey."""
    pixels = np.full((*alpha.shape, 4), behind, np.uint8)
    pixels[alpha > 0, :3] = level
    pixels[..., 3] = np.round(alpha * 255)
    image = Image.fromarray(pixels)
    if mode != "P":
        return image.convert(mode)
    steps = Image.fromarray(np.round(alpha / max(alpha.max(), 1e-9) * 63).astype(np.uint8))
    steps.putpalette([behind] * 3 + [level] * 3 * 63)
    steps.info["transparency"] = bytes(
        np.round(np.arange(64) / 63 * alpha.max() * 255).astype(int).tolist()
    )
    return steps


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("behind", [0, 255])
@pytest.mark.parametrize("level", [0, 60, 200, 255])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_ink_on_nothing_is_seen_whatever_its_colour(mode, behind, level, strength):
    alpha = _seven() * strength
    content = save(_ink(level, alpha, mode, behind), "PNG")
    expected = for_digits(
        save(Image.fromarray(np.round(alpha * 255).astype(np.uint8)), "PNG"), 28, 28
    )
    found = for_digits(content, 28, 28)
    assert _likeness(found[-1].pixels[0], expected[-1].pixels[0]) > 0.97
    ground = "black" if level > 175 else "white"
    assert f"What is transparent is laid on {ground}" in found[0].words
    decoded = decode(content, 1, 28, 28).pixels[0].astype(int)
    assert decoded[0, 0] == (0 if ground == "black" else 255)
    assert (
        np.ptp(decoded) > 0.6 * strength * 255 * (level if ground == "black" else 255 - level) / 255
    )


def test_dark_edges_and_a_shadow_do_not_hide_white_ink():
    alpha = _seven()
    pixels = np.zeros((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = np.round(alpha * 255)[..., None]  # scaled without care: edges are dark
    pixels[..., 3] = np.round(np.maximum(alpha, np.roll(alpha, (6, 6), (0, 1)) * 0.5) * 255)
    found = for_digits(save(Image.fromarray(pixels), "PNG"), 28, 28)
    assert "laid on black" in found[0].words


def test_a_light_page_with_clear_corners_is_laid_on_white():
    page = np.full((200, 200, 4), 255, np.uint8)
    page[60:140, 98:102, :3] = 20
    for corner in (page[:9, :9], page[:9, -9:], page[-9:, :9], page[-9:, -9:]):
        corner[..., 3] = 0
    assert "laid on white" in open_upload(save(Image.fromarray(page), "PNG")).words
    assert decode(save(Image.fromarray(page), "PNG"), 1, 28, 28).pixels[0, 0, 0] > 250


def test_a_transparent_colour_is_laid_on_what_shows_the_rest():
    grey = np.round(_seven() * 255).astype(np.uint8)
    content = save(Image.fromarray(grey), "PNG", transparency=0)
    assert decode(content, 1, 28, 28).pixels[0, 0, 0] == 0
    content = save(Image.fromarray(255 - grey), "PNG", transparency=255)
    assert decode(content, 1, 28, 28).pixels[0, 0, 0] == 255


# Other kinds of file


def _media(own: bytes, *others: bytes) -> bytes:
    body = own + bytes(4) + b"".join(others)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + bytes(200)


KINDS = {
    "a HEIC photo": [
        _media(b"heic", b"mif1", b"heic"), _media(b"heix"), _media(b"hevc"), _media(b"hevm"),
        _media(b"mif1", b"mif1", b"heic"), _media(b"msf1", b"hevc"),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    ],
    "a HEIF photo": [_media(b"mif1", b"miaf")],
    "an AVIF picture": [_media(b"avif"), _media(b"avis"), _media(b"mif1", b"avif", b"miaf")],
    "a video": [_media(b"mp42", b"isom"), _media(b"qt  ")],
    "a raw photo of a camera": [
        _media(b"crx ", b"isom"), b"II*\0\x10\0\0\0CR\2\0" + bytes(40), b"FUJIFILMCCD-RAW 0201",
        _tiff(np.zeros((4, 4)), "<", more=((50706, 1),)),
        _tiff(np.zeros((4, 4)), ">", more=((254, 1), (330, 8))),
    ],
    "a PDF document": [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"],
    "an SVG drawing": [b'<?xml version="1.0"?>\n<svg width="9"></svg>'],
    "a JPEG XL picture": [b"\xff\x0a" + bytes(20)],
    "a Photoshop picture": [b"8BPS\0\1" + bytes(20)],
    "a PAM picture": [b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\0"],
    "a web page": [b"<!DOCTYPE html><html></html>"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "contents"), KINDS.items(), ids=KINDS)
def test_a_file_that_is_not_read_is_named_at_every_door(tmp_path, name, contents):
    for number, content in enumerate(contents):
        place = tmp_path / f"{number}"
        place.mkdir()
        (place / "IMG_1.HEIC").write_bytes(content)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(place / "IMG_1.HEIC", "phone/IMG_1.HEIC")
        with pytest.raises(IntakeError, match=name.split(" ", 1)[1]):
            open_upload(content)
        with pytest.raises(Skip, match=f"^it is {name}, (which cannot be read here|not a picture)"):
            decode(content, 1, 28, 28)
        for look in (
            lambda place=place: preview_images(place, **SIZE),
            lambda archive=archive: preview_images(archive, **SIZE),
        ):
            with pytest.raises(DataError, match=f"left out: it is {name}, "):
                look()
        with pytest.raises(DataError, match=f"^This is {name}, not a zip archive"):
            preview_images(place / "IMG_1.HEIC", **SIZE)


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_what_is_read_is_never_called_something_else(kind):
    content = save(Image.fromarray(np.round(_seven(40, 4) * 255).astype(np.uint8)), kind)
    assert decode(content, 1, 28, 28).pixels.max() > 200
    name = kind_of(content).name
    assert {"PPM": "Netpbm", "WEBP": "WebP"}.get(kind, kind) in name


@pytest.mark.parametrize("content", [b"BMW and others.\n" * 9, b"P1 stands for the first.\n" * 9])
def test_a_text_is_no_broken_picture(content):
    assert kind_of(content) is None
    with pytest.raises(Skip, match="it is not a picture that can be read"):
        decode(content, 1, 28, 28)


# Sets of one picture


def _draw(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack(
        [np.roll(_seven(28, 3) * 255, rng.integers(-6, 7, 2), (0, 1)) for _ in range(count)]
    )


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (np.zeros((20, 28, 28)), "All pictures are the same and of one colour, so"),
        (np.full((20, 28, 28), 255), "All pictures are the same and of one colour, so"),
        (np.repeat(_draw(1), 20, 0), "All pictures are the same, so"),
        (np.random.default_rng(0).normal(120, 2, (20, 28, 28)), "All pictures are nearly the same"),
        (np.concatenate([np.zeros((19, 28, 28)), _draw(1)]), "95% of the pictures are nearly"),
        (np.linspace(0, 3, 20)[:, None, None] + np.zeros((28, 28)), "nearly the same and of one"),
        (_draw(20), None),
        (np.concatenate([np.zeros((10, 28, 28)), _draw(10)]), None),
        (np.linspace(0, 255, 20)[:, None, None] + np.zeros((28, 28)), None),
        (_draw(2), None),
        (np.zeros((1, 28, 28)), None),
    ],
)  # fmt: skip
def test_a_set_that_shows_one_picture_says_so(images, expected):
    found = sameness(images.clip(0, 255).astype(np.uint8)[:, None])
    assert found is None if expected is None else expected in found


def test_a_constant_set_is_warned_of_before_and_after_its_import(tmp_path):
    _, notes = _set(tmp_path, [np.zeros((28, 28), np.uint8)] * 12)
    assert len(notes) == 1
    assert notes[0].startswith("All pictures are the same and of one colour, so there is next to")


def test_a_set_of_white_stickers_is_not_constant(tmp_path):
    _, notes = _set(
        tmp_path, [np.asarray(_ink(255, _seven() * k, "RGBA")) for k in (1, 0.9, 0.8, 0.3)]
    )
    assert notes == ()


def test_unused_bits_of_a_checksum_are_not_needed_to_read_a_deep_picture():
    content = bytearray(_png16(np.full((4, 4, 3), 1000, np.uint16), 2))
    place = content.index(b"IDAT") + 8
    content[place] ^= 255  # the packed rows are broken: the second reading fails as the first does
    length = int.from_bytes(content[place - 12 : place - 8])
    checksum = struct.pack(">I", zlib.crc32(content[place - 8 : place - 4 + length]))
    content[place - 4 + length : place + length] = checksum
    with pytest.raises(Skip, match="cut off or broken"):
        decode(bytes(content), 3, 8, 8)


def test_training_on_a_constant_set_is_not_silent(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(12):
            archive.writestr(f"{number}.png", save(Image.new("L", (28, 28)), "PNG"))
    name = folder.import_images(file, tmp_path, name="x", **SIZE)
    run = create_run(tiny_runs.config(tmp_path, data=name, steps=2), tmp_path / "runs")
    assert execute(run.folder).state == "finished"
    assert "All pictures are the same and of one colour, so there is next to" in run.log()
