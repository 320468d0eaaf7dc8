"""The user's own images: pictures as arrays, hostile archives, what is stored and found again."""

import errno
import io
import itertools
import json
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from draw_core.data import registry, shelf
from draw_core.data.datasets import load
from draw_core.data.folders import folder, gather, sources
from draw_core.data.intake import pictures
from draw_core.data.intake.pictures import Skip, decode, read_header
from draw_core.data.registry import DataError, describe, is_available

SIZE = {"height": 8, "width": 10, "channels": 1}


def _grey(value: int, size: tuple[int, int] = (10, 8), kind: str = "PNG") -> bytes:
    return _save(Image.new("L", size, value), kind)


def _save(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _zip(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


def _pictures(count: int, **more: bytes) -> dict[str, bytes]:
    """Grey pictures of the values 0, 1, 2, ..."""
    return {f"{value:03}.png": _grey(value) for value in range(count)} | more


def _import(file, root, **changes) -> str:
    return folder.import_archive(file, root, name="Mine", **{**SIZE, **changes})


def _values(name: str, root: Path) -> list[int]:
    """The values of all pictures of one grey each, sorted."""
    both = torch.cat([load(name, split, root).images for split in ("train", "test")])
    flat = both.flatten(start_dim=1)
    assert (flat == flat[:, :1]).all()
    return sorted(flat[:, 0].tolist())


def _said(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Without the warning that pictures of one grey each have nothing to teach."""
    return tuple(note for note in notes if "next to nothing to learn" not in note)


def _notes(name: str, root: Path) -> tuple[str, ...]:
    return _said(shelf.read(name, root).notes)


# One picture as an array.


def test_a_grey_picture_of_the_right_size_keeps_its_values():
    values = np.arange(80, dtype=np.uint8).reshape(8, 10)
    decoded = decode(_save(Image.fromarray(values)), 1, 8, 10)
    np.testing.assert_array_equal(decoded, values[None])


def test_colours_come_channel_first():
    values = np.random.default_rng(0).integers(0, 256, (8, 10, 3), dtype=np.uint8)
    decoded = decode(_save(Image.fromarray(values)), 3, 8, 10)
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
    decoded = decode(_save(image, kind), 3, 8, 10)
    assert decoded.dtype == np.uint8
    np.testing.assert_allclose(decoded.reshape(3, -1).T, np.tile(expected, (80, 1)), atol=1)
    grey = round(0.299 * expected[0] + 0.587 * expected[1] + 0.114 * expected[2])
    np.testing.assert_allclose(decode(_save(image, kind), 1, 8, 10), grey, atol=1)


def test_a_transparent_colour_of_a_palette_is_laid_on_white():
    image = Image.new("P", (10, 8), 1)
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert decode(_save(image, "PNG", transparency=1), 3, 8, 10).min() == 255


def test_fractions_are_left_out():
    with pytest.raises(Skip, match="fractions"):
        decode(_save(Image.new("F", (10, 8), 0.5), "TIFF"), 1, 8, 10)


def test_a_wide_picture_is_filled_and_cut_to_its_middle():
    values = np.zeros((16, 60), np.uint8)
    values[:, 20:40] = 200  # the middle 20 x 16 become 10 x 8
    decoded = decode(_save(Image.fromarray(values)), 1, 8, 10)
    np.testing.assert_allclose(decoded[0, :, 2:8], 200, atol=1)
    assert decoded.min() > 180


def test_a_photograph_taken_upright_stands_upright():
    image = Image.new("L", (20, 16), 0)
    image.paste(200, (0, 0, 20, 8))  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees: bright on the right
    decoded = decode(_save(image, "JPEG", exif=exif, quality=95), 1, 20, 16)
    assert decoded[0, :, :6].max() < 10
    assert decoded[0, :, 10:].min() > 190


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("L", (10, 8), value) for value in (30, 200)]
    content = _save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode(content, 1, 8, 10), 30)


def test_a_large_jpeg_is_scaled_evenly():
    image = Image.new("L", (1600, 1200), 40)
    image.paste(220, (800, 0, 1600, 1200))
    decoded = decode(_save(image, "JPEG"), 1, 12, 16)
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
    content = _save(Image.fromarray(noise), kind)
    assert decode(content, 1, 8, 10).shape == (1, 8, 10)
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
        content = _save(Image.fromarray(noise), kind)
        for _ in range(40):
            broken = bytearray(content)
            for place in rng.integers(0, len(content), 6):
                broken[place] = rng.integers(0, 256)
            try:
                assert decode(bytes(broken), 3, 8, 10).shape == (3, 8, 10)
            except Skip:
                continue


# Archives.


def test_an_archive_becomes_a_set(tmp_path):
    told = []
    name = _import(_zip(_pictures(21)), tmp_path, progress=lambda *p: told.append(p))
    assert told == [(done, 21) for done in range(1, 22)]
    train, test = load(name, "train", tmp_path), load(name, "test", tmp_path)
    assert (len(train.images), len(test.images)) == (19, 2)
    assert train.images.dtype == torch.uint8
    assert train.labels.dtype == torch.int64
    assert _values(name, tmp_path) == list(range(21))
    assert train.labels.unique().tolist() == [0]
    dataset = describe(name, tmp_path)
    assert (dataset.title, dataset.shape, dataset.sizes) == ("Mine", (1, 8, 10), (19, 2))
    assert not dataset.needs_download
    assert is_available(name, tmp_path)
    assert _notes(name, tmp_path) == ()


def test_the_test_set_is_chosen_by_the_content(tmp_path):
    first = _import(_zip(_pictures(40)), tmp_path / "a")
    again = _import(_zip(_pictures(40)), tmp_path / "b")
    other = _import(_zip(_pictures(41)), tmp_path / "a")
    assert first == again != other
    left, right = (load(first, "test", tmp_path / root).images for root in "ab")
    assert torch.equal(left, right)
    # It is not simply the last ones or the first ones.
    assert not set(left[:, 0, 0, 0].tolist()) <= {*range(4), *range(36, 40)}


@pytest.mark.parametrize(("count", "test"), [(2, 1), (9, 1), (14, 1), (15, 2), (100, 10)])
def test_a_tenth_is_for_testing_and_both_have_one(tmp_path, count, test):
    name = _import(_zip(_pictures(count)), tmp_path)
    assert describe(name, tmp_path).sizes == (count - test, test)


def test_folders_are_classes(tmp_path):
    places = itertools.cycle(["set/one/even", "set/odd", "set/two/even", "set/two/odd"])
    files = {f"{next(places)}/{value}.png": _grey(value) for value in range(30)}
    name = _import(_zip(files), tmp_path)
    assert describe(name, tmp_path).classes == ("even", "odd")
    for split in ("train", "test"):
        images, labels = load(name, split, tmp_path)
        assert labels.tolist() == (images[:, 0, 0, 0] % 2).tolist()


def test_one_folder_around_everything_is_no_class(tmp_path):
    files = {f"all/{name}": content for name, content in _pictures(4).items()}
    assert describe(_import(_zip(files), tmp_path), tmp_path).classes == ()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../../evil.png", "its path leads out of the archive"),
        ("a/../../evil.png", "its path leads out of the archive"),
        ("/etc/evil.png", "its path leads out of the archive"),
        ("C:\\evil.png", "its path leads out of the archive"),
        ("..\\evil.png", "its path leads out of the archive"),
        ("inner.zip", "it is an archive inside the archive"),
        ("evil.png.txt", None),
        ("C:evil.png", None),
    ],
)
def test_paths_and_archives_inside(tmp_path, path, reason):
    root = tmp_path / "deep" / "root"
    name = _import(_zip(_pictures(3) | {path: _grey(200)}), root)
    left_out = 0 if reason is None else 1
    assert _values(name, root) == [0, 1, 2, 200][: 4 - left_out]
    if reason:
        (note,) = _notes(name, root)
        assert note.startswith(f"1 file is left out: {reason} (")
    # Nothing but the set itself is written anywhere.
    identity = name.removeprefix("folder:")
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {
        f"deep/root/folders/{identity}/{file}" for file in ("about.json", "images.safetensors")
    }


def test_links_are_not_followed(tmp_path):
    file = _zip(_pictures(3))
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    name = _import(file, tmp_path)
    assert _notes(name, tmp_path) == ("1 file is left out: it is a link (link.png).",)


def _encrypt(file: io.BytesIO) -> io.BytesIO:
    """Sets the flag of encryption in every header."""
    content = bytearray(file.getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := content.find(signature, start)) >= 0:
            content[start + offset] |= 1
            start += 4
    return io.BytesIO(bytes(content))


def test_a_locked_archive_says_so(tmp_path):
    message = r"There is no picture in it; .* 3 files are left out: it is locked with a password"
    with pytest.raises(DataError, match=message):
        _import(_encrypt(_zip(_pictures(3))), tmp_path)
    with pytest.raises(DataError, match="There is no picture in it. 3 files .* password"):
        folder.preview_archive(_encrypt(_zip(_pictures(3))), **SIZE)
    assert not (tmp_path / "folders").exists()


def test_a_bomb_is_cut_off(tmp_path, monkeypatch):
    read = []
    right = zipfile.ZipExtFile.read
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda self, n=-1: read.append(right(self, n)) or read[-1]
    )
    bomb = _zip(_pictures(3) | {"bomb.png": bytes(30_000_000)})  # 1000 to 1
    name = _import(bomb, tmp_path)
    assert _notes(name, tmp_path) == (
        "1 file is left out: it unpacks to more than 200 times its size, as a zip bomb does "
        "(bomb.png).",
    )
    assert max(map(len, read)) < 7_000_000


def test_a_small_drawing_of_one_colour_is_no_bomb(tmp_path):
    drawing = _grey(9, (900, 900), "BMP")
    file = _zip({"a.bmp": drawing, "b.png": _grey(3)})
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("a.bmp")
        assert info.file_size > sources.MAX_RATIO * info.compress_size
    assert _values(_import(file, tmp_path), tmp_path) == [3, 9]


def test_all_files_together_may_not_unpack_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_EXPANDED_BYTES", 1_000_000)
    small = {f"{i}.png": _grey(i) + bytes(200_000) for i in range(4)}
    assert len(_values(_import(_zip(small), tmp_path), tmp_path)) == 4
    large = small | {"4.png": _grey(4) + bytes(200_000)}
    with pytest.raises(DataError, match="unpacks to more than 1 MB; leave some out"):
        _import(_zip(large), tmp_path)
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        folder.preview_archive(_zip(large), **SIZE)


def test_sizes_in_headers_are_not_believed(tmp_path):
    file = _zip(_pictures(2) | {"liar.png": bytes(500_000)})
    content = bytearray(file.getvalue())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        content[(at := content.rfind(signature) + offset) : at + 4] = struct.pack("<I", 90)
    name = _import(io.BytesIO(bytes(content)), tmp_path)
    assert _notes(name, tmp_path) == (
        "1 file is left out: it is broken in the archive (liar.png).",
    )


def test_a_file_that_is_too_large_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 100_000)
    noise = np.random.default_rng(0).bytes(100_001)
    name = _import(_zip(_pictures(2) | {"big.png": noise}), tmp_path)
    assert "larger than 0 MB (big.png)" in _notes(name, tmp_path)[0]


def test_too_large_an_archive_is_refused_unread(tmp_path, monkeypatch):
    file = _zip(_pictures(3))
    monkeypatch.setattr(sources, "MAX_ARCHIVE_BYTES", len(file.getvalue()))
    assert len(_values(_import(file, tmp_path), tmp_path)) == 3
    monkeypatch.setattr(sources, "MAX_ARCHIVE_BYTES", len(file.getvalue()) - 1)
    monkeypatch.setattr(sources, "_count_headers", None)
    with pytest.raises(DataError, match="archive is larger than"):
        _import(file, tmp_path)


def test_too_many_files_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 5)
    assert len(_values(_import(_zip(_pictures(5)), tmp_path), tmp_path)) == 5
    monkeypatch.setattr(zipfile, "ZipFile", None)
    lying = bytearray(_make_six := _SIX.getvalue())
    end = _make_six.rfind(b"PK\x05\x06")
    lying[end + 8 : end + 12] = struct.pack("<HH", 1, 1)  # claims one file
    with pytest.raises(DataError, match="more than 5 files"):
        _import(io.BytesIO(bytes(lying)), tmp_path)


_SIX = _zip(_pictures(6))


def test_headers_are_counted_across_the_edges_of_chunks():
    file = io.BytesIO(b"x" * ((1 << 20) - 2) + b"PK\x01\x02" + b"PK\x01PK\x01\x02")
    assert sources._count_headers(file) == 2


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06", _SIX.getvalue()[:-30]])
def test_what_is_no_archive_says_so(tmp_path, content):
    with pytest.raises(DataError, match="This is not a zip archive, or it is broken"):
        _import(io.BytesIO(content), tmp_path)


def test_broken_archives_never_end_in_another_error(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(150):
        content = bytearray(_SIX.getvalue())
        for place in rng.integers(0, len(content), 8):
            content[place] = rng.integers(0, 256)
        try:
            _import(io.BytesIO(bytes(content)), tmp_path)
        except DataError:
            continue


def test_an_empty_archive(tmp_path):
    with pytest.raises(DataError, match="There is no picture in it; two or more are needed"):
        _import(_zip({}), tmp_path)
    with pytest.raises(DataError, match=r"^There is no picture in it\.$"):
        folder.preview_archive(_zip({}), **SIZE)


def test_an_entry_without_a_name_is_skipped(tmp_path):
    content = _zip(_pictures(3) | {"x": b"y"}).getvalue()
    # The name in the directory at the end, which is the one that counts.
    place = content.rindex(b"PK\x01\x02")
    nameless = bytearray(content)
    assert nameless[place + 46 : place + 47] == b"x"
    nameless[place + 28 : place + 30] = (0).to_bytes(2, "little")  # length of the name
    nameless[place + 30 : place + 32] = (1).to_bytes(2, "little")  # "x" becomes an extra field
    assert folder.preview_archive(io.BytesIO(bytes(nameless)), **SIZE).images == 3


def test_one_picture_is_too_few(tmp_path):
    with pytest.raises(DataError, match="only one picture in it; two or more are needed"):
        _import(_zip(_pictures(1)), tmp_path)
    assert not (tmp_path / "folders").exists()
    preview = folder.preview_archive(_zip(_pictures(1)), **SIZE)
    assert preview.images == 1
    assert _said(preview.notes) == (
        "One picture is too few: one is needed to train and another to test.",
    )


def test_what_is_left_out_is_counted_and_named(tmp_path):
    files = _pictures(3) | {
        "notes.txt": b"hello",
        "more.txt": b"",
        "cut.png": _save(Image.effect_noise((50, 50), 60))[:1000],
        ".DS_Store": b"x",
        "__MACOSX/._000.png": b"x",
        "Thumbs.db": b"x",
        "deep/.hidden/a.png": _grey(99),
    }
    name = _import(_zip(files), tmp_path)
    assert _values(name, tmp_path) == [0, 1, 2]
    assert _notes(name, tmp_path) == (
        "2 files are left out: it is not a picture that can be read (notes.txt).",
        "1 file is left out: the picture is cut off or broken (cut.png).",
    )


def test_names_from_users_are_shown_as_one_harmless_line(tmp_path):
    files = _pictures(2) | {"a\nb\x1b[31m" + "x" * 200 + ".txt": b""}
    name = folder.import_archive(_zip(files), tmp_path, name="../../x\n\x00" + "y" * 90, **SIZE)
    (note,) = _notes(name, tmp_path)
    assert note.isprintable()
    assert len(note) < 130
    title = describe(name, tmp_path).title
    assert title.isprintable()
    assert len(title) == 60
    assert [p.name for p in tmp_path.iterdir()] == ["folders"]


def test_methods_of_packing_without_a_bound_are_left_out(tmp_path):
    file = _zip(_pictures(2))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("l.png", _grey(5))
    name = _import(file, tmp_path)
    assert _notes(name, tmp_path) == (
        "1 file is left out: it is packed in an unusual way (l.png).",
    )


def test_a_file_on_disk_and_one_that_is_gone(tmp_path):
    path = tmp_path / "mine.zip"
    path.write_bytes(_zip(_pictures(2)).getvalue())
    assert _values(_import(path, tmp_path), tmp_path) == [0, 1]
    with pytest.raises(DataError, match="archive cannot be read: No such file"):
        _import(tmp_path / "gone.zip", tmp_path)


@pytest.mark.parametrize(
    "changes", [{"height": 7}, {"width": 129}, {"height": 129}, {"channels": 2}]
)
def test_sizes_out_of_range(tmp_path, changes):
    for use in (_import, lambda file, _, **k: folder.preview_archive(file, **{**SIZE, **k})):
        with pytest.raises(DataError, match=r"(sides of 8 to 128 pixels|1 channel .grey. or 3)"):
            use(_zip(_pictures(3)), tmp_path, **changes)


def test_too_many_images_are_thinned_out_at_random(tmp_path, monkeypatch):
    monkeypatch.setattr(gather, "MAX_IMAGES_BYTES", 80 * 20 + 79)
    name = _import(_zip(_pictures(200)), tmp_path)
    values = _values(name, tmp_path)
    assert len(values) == len(set(values)) == 20
    assert min(values) < 60
    assert max(values) > 140
    (note,) = _notes(name, tmp_path)
    assert note.startswith("20 of 200 files are taken, chosen at random")
    assert folder.preview_archive(_zip(_pictures(200)), **SIZE).notes == (note,)


# The preview.


def test_the_preview_says_what_an_import_would_give(tmp_path):
    files = {
        "cat/a.png": _grey(1, (20, 16)),
        "cat/b.png": _grey(2, (20, 16)),
        "dog/c.jpg": _save(Image.new("RGB", (30, 30), (3, 3, 3)), "JPEG"),
        "dog/d.txt": b"hello",
    }
    told = []
    preview = folder.preview_archive(_zip(files), **SIZE, progress=lambda *p: told.append(p))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert preview.sample.shape == (3, 1, 8, 10)
    assert preview.sample[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert (preview.images, preview.skipped) == (3, 1)
    assert preview.modes == {"L": 2, "RGB": 1}
    assert preview.sizes == {(20, 16): 2, (30, 30): 1}
    assert preview.classes == ("cat", "dog")
    assert _said(preview.notes) == (
        "1 file is left out: it is not a picture that can be read (dog/d.txt).",
    )
    assert list(tmp_path.iterdir()) == []


def test_the_sample_is_spread_over_the_whole_and_in_order():
    sample = folder.preview_archive(_zip(_pictures(250)), **SIZE, count=24).sample
    values = sample[:, 0, 0, 0].tolist()
    assert len(values) == 24
    assert values == sorted(set(values))
    assert min(values) < 60
    assert max(values) > 190


# Folders of this computer.


def test_a_folder_becomes_a_set(tmp_path):
    pictures_in = tmp_path / "in"
    (pictures_in / "b" / "deep").mkdir(parents=True)
    (pictures_in / "a").mkdir()
    for value, place in enumerate(["b/deep", "a", "b/deep", "a"]):
        (pictures_in / place / f"{value}.png").write_bytes(_grey(value))
    (pictures_in / "a" / "notes.txt").write_text("hello")
    (pictures_in / ".hidden.png").write_bytes(_grey(50))
    (pictures_in / "link.png").symlink_to(pictures_in / "a" / "1.png")
    for name in ("loop", ".hidden"):
        (pictures_in / name).symlink_to(pictures_in)
    preview = folder.preview_folder(pictures_in, **SIZE)
    assert (preview.images, preview.classes) == (4, ("a", "deep"))
    name = folder.import_folder(pictures_in, tmp_path / "root", name="Mine", **SIZE)
    assert _values(name, tmp_path / "root") == [0, 1, 2, 3]
    assert describe(name, tmp_path / "root").classes == ("a", "deep")
    assert _notes(name, tmp_path / "root") == _said(preview.notes)
    assert set(_said(preview.notes)) == {
        "1 file is left out: it is a link to a folder (loop).",
        "1 file is left out: it is not a picture that can be read (a/notes.txt).",
        "1 file is left out: it is a link or no plain file (link.png).",
    }
    with pytest.raises(DataError, match="There is no folder"):
        folder.import_folder(tmp_path / "gone", tmp_path, name="x", **SIZE)


def test_what_may_not_be_opened_is_named(tmp_path, monkeypatch):
    """Folders that may not be listed, or be listed and not entered. Root may do both."""
    pictures_in = tmp_path / "in"
    for value, place in enumerate(["a", "a", "private", "seen", ".git", "secret/deep"]):
        (pictures_in / place).mkdir(parents=True, exist_ok=True)
        (pictures_in / place / f"{value}.png").write_bytes(_grey(value))
    right_list, right_look = os.scandir, Path.lstat
    shut = ["private", ".git", "secret"]

    def listed(path):
        if Path(path).name in shut:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return right_list(path)

    def looked(path):
        if path.parent.name == "seen":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return right_look(path)

    monkeypatch.setattr(os, "scandir", listed)
    monkeypatch.setattr(Path, "lstat", looked)
    preview = folder.preview_folder(pictures_in, **SIZE)
    name = folder.import_folder(pictures_in, tmp_path / "root", name="Mine", **SIZE)
    assert _values(name, tmp_path / "root") == [0, 1]
    assert _notes(name, tmp_path / "root") == _said(preview.notes)
    assert set(_said(preview.notes)) == {
        "2 folders are left out: they cannot be read (private).",
        "1 file is left out: it cannot be read (seen/3.png).",
    }
    shut.append("in")
    with pytest.raises(DataError, match="/in cannot be read: Permission denied"):
        folder.import_folder(pictures_in, tmp_path, name="x", **SIZE)


def test_too_many_files_in_a_folder(tmp_path, monkeypatch):
    for name, content in _pictures(4).items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(sources, "MAX_FILES", 4)
    assert folder.preview_folder(tmp_path, **SIZE).images == 4
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    with pytest.raises(DataError, match="folder has more than 3 files"):
        folder.preview_folder(tmp_path, **SIZE)


# What is stored.


def test_sets_are_listed_newest_first_and_deleted(tmp_path, monkeypatch):
    times = iter([100.0, 300.0, 200.0])
    monkeypatch.setattr(shelf, "time", SimpleNamespace(time=lambda: next(times)))
    names = [_import(_zip(_pictures(count)), tmp_path) for count in (2, 3, 4)]
    listed = folder.list_folders(tmp_path)
    assert [one.dataset.name for one in listed] == [names[1], names[2], names[0]]
    assert [one.created for one in listed] == [300, 200, 100]
    for one in listed:
        file = shelf.folder_path(one.dataset.name, tmp_path) / shelf.IMAGES
        assert one.bytes == file.stat().st_size
    folder.delete_folder(names[2], tmp_path)
    folder.delete_folder(names[2], tmp_path)  # gone already
    assert [one.dataset.name for one in folder.list_folders(tmp_path)] == [names[1], names[0]]
    assert not is_available(names[2], tmp_path)
    with pytest.raises(DataError, match="are not on this machine; python -m draw_core images"):
        load(names[2], "train", tmp_path)


def test_a_set_has_an_owner_who_shares_it_with_nobody(tmp_path):
    mine, yours, everyones = (
        _import(_zip(_pictures(30)), tmp_path, owner=owner) for owner in ("me", "you", None)
    )
    assert len({mine, yours, everyones}) == 3
    assert _import(_zip(_pictures(30)), tmp_path, owner="me") == mine
    owners = {one.dataset.name: one.owner for one in folder.list_folders(tmp_path)}
    assert owners == {mine: "me", yours: "you", everyones: None}
    left, right = (load(name, "test", tmp_path).images for name in (mine, everyones))
    assert torch.equal(left, right)  # the content alone chooses what is for testing
    folder.delete_folder(mine, tmp_path)
    assert len(load(yours, "train", tmp_path).images) == 27


def test_a_set_stored_before_there_were_owners_is_everyones(tmp_path):
    name = _import(_zip(_pictures(3)), tmp_path, owner="me")
    _about(lambda about: {k: v for k, v in about.items() if k != "owner"})(
        shelf.folder_path(name, tmp_path)
    )
    (one,) = folder.list_folders(tmp_path)
    assert (one.dataset.name, one.owner) == (name, None)


def test_nothing_is_listed_where_there_is_nothing(tmp_path, monkeypatch):
    assert folder.list_folders(tmp_path / "absent") == []
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    name = _import(_zip(_pictures(2)), None)
    assert [one.dataset.name for one in folder.list_folders()] == [name]
    folder.delete_folder(name)
    assert folder.list_folders() == []


@pytest.mark.parametrize(
    "name",
    [
        "folder:",
        "folder:..",
        "folder:../../etc",
        "folder:0123",
        "folder:" + "g" * 16,
        "folder:0123456789abcdef/..",
        "folder:0123456789abcdef\n",
    ],
)
def test_a_name_is_never_a_path(tmp_path, name):
    for use in (describe, folder.delete_folder, lambda n, root: load(n, "train", root)):
        with pytest.raises(DataError, match="names no imported images"):
            use(name, tmp_path)
    assert not is_available(name, tmp_path)


def _about(change):
    def edit(place: Path) -> None:
        path = place / shelf.ABOUT
        path.write_text(json.dumps(change(json.loads(path.read_text()))))

    return edit


@pytest.mark.parametrize(
    "fault",
    [
        lambda place: (place / shelf.ABOUT).write_bytes(b"\xff{"),
        lambda place: (place / shelf.ABOUT).write_bytes(b"[]"),
        lambda place: (place / shelf.ABOUT).write_bytes(b"[" * 100_000),
        _about(lambda about: about | {"height": "8"}),
        _about(lambda about: about | {"classes": 3}),
        _about(lambda about: about | {"created": None}),
        _about(lambda about: about | {"more": 1}),
        _about(lambda about: about | {"owner": 1}),
        _about(lambda about: {}),
    ],
)
def test_a_broken_description_is_not_listed(tmp_path, fault):
    good, bad = (_import(_zip(_pictures(count)), tmp_path) for count in (2, 3))
    fault(shelf.folder_path(bad, tmp_path))
    assert [one.dataset.name for one in folder.list_folders(tmp_path)] == [good]
    with pytest.raises(DataError, match="are broken; import them again"):
        load(bad, "train", tmp_path)


@pytest.mark.parametrize("fault", ["cut", "other", "gone"])
def test_broken_images_say_so(tmp_path, fault):
    good, bad = (_import(_zip(_pictures(count)), tmp_path) for count in (12, 3))
    path = shelf.folder_path(bad, tmp_path) / shelf.IMAGES
    if fault == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif fault == "other":
        path.write_bytes((shelf.folder_path(good, tmp_path) / shelf.IMAGES).read_bytes())
    else:
        path.unlink()
    with pytest.raises(DataError, match="are (broken; import them again|not on this machine)"):
        load(bad, "train", tmp_path)
    if fault != "other":  # an image of the right shape is there
        with pytest.raises(DataError, match="are (broken; import them again|not on this machine)"):
            folder.read_one(bad, "train", 0, tmp_path)


def test_one_image_is_read_without_the_others(tmp_path):
    name = _import(_zip(_pictures(21)), tmp_path)
    for split in ("train", "test"):
        images, labels = load(name, split, tmp_path)
        for index in (0, len(images) - 1):
            image, label = folder.read_one(name, split, index, tmp_path)
            assert (image == images[index].numpy()).all()
            assert label == labels[index]
    with pytest.raises(DataError, match="are broken"):
        folder.read_one(name, "test", 2, tmp_path)


def test_the_quota_counts_all_sets(tmp_path, monkeypatch):
    first = _import(_zip(_pictures(20)), tmp_path)
    used = shelf.used_bytes(tmp_path)
    files = shelf.folder_path(first, tmp_path).iterdir()
    assert used == sum(file.stat().st_size for file in files)
    monkeypatch.setattr(shelf, "QUOTA_BYTES", used + 1000)
    with pytest.raises(DataError, match="All imported images together .* “Delete these images”"):
        _import(_zip(_pictures(21)), tmp_path)
    assert _import(_zip(_pictures(20)), tmp_path) == first  # the same again takes no more
    folder.delete_folder(first, tmp_path)
    assert len(_values(_import(_zip(_pictures(11)), tmp_path), tmp_path)) == 11


def test_a_disk_that_is_full_leaves_no_half_set(tmp_path, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        if path.name == shelf.ABOUT:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True)
        path.write_bytes(content)

    monkeypatch.setattr(shelf, "write_atomic", full)
    with pytest.raises(DataError, match="cannot be kept in .*: No space left on device. Free"):
        _import(_zip(_pictures(3)), tmp_path)
    assert list((tmp_path / "folders").iterdir()) == []


def test_the_default_root_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "default_root", lambda: tmp_path)
    name = folder.import_archive(_zip(_pictures(2)), tmp_path, name="", **SIZE)
    assert describe(name).title == "My images"
