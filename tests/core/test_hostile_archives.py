"""Archives that deceive, burst or break end in one sentence, and nothing leaves its place."""

import io
import stat
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from draw_core.data.folders import folder, sources
from draw_core.data.folders.preview import preview_images
from draw_core.data.registry import DataError, describe
from tests.support.archives import (
    SIZE,
    grey,
    greys,
    imported,
    notes_of,
    saved,
    values_of,
    without_warning,
    zipped,
)


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
    name = imported(zipped(greys(3) | {path: grey(200)}), root)
    left_out = 0 if reason is None else 1
    assert values_of(name, root) == [0, 1, 2, 200][: 4 - left_out]
    if reason:
        (note,) = notes_of(name, root)
        assert note.startswith(f"1 file is left out: {reason} (")
    # Nothing but the set itself is written anywhere.
    identity = name.removeprefix("folder:")
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {
        f"deep/root/folders/{identity}/{file}" for file in ("about.json", "images.safetensors")
    }


def test_links_are_not_followed(tmp_path):
    file = zipped(greys(3))
    with zipfile.ZipFile(file, "a") as archive:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    name = imported(file, tmp_path)
    assert notes_of(name, tmp_path) == ("1 file is left out: it is a link (link.png).",)


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
        imported(_encrypt(zipped(greys(3))), tmp_path)
    with pytest.raises(DataError, match="There is no picture in it. 3 files .* password"):
        preview_images(_encrypt(zipped(greys(3))), **SIZE)
    assert not (tmp_path / "folders").exists()


def test_a_bomb_is_cut_off(tmp_path, monkeypatch):
    read = []
    right = zipfile.ZipExtFile.read
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda self, n=-1: read.append(right(self, n)) or read[-1]
    )
    bomb = zipped(greys(3) | {"bomb.png": bytes(30_000_000)})  # 1000 to 1
    name = imported(bomb, tmp_path)
    assert notes_of(name, tmp_path) == (
        "1 file is left out: it unpacks to more than 200 times its size, as a zip bomb does "
        "(bomb.png).",
    )
    assert max(map(len, read)) < 7_000_000


def test_a_small_drawing_of_one_colour_is_no_bomb(tmp_path):
    drawing = grey(9, (900, 900), "BMP")
    file = zipped({"a.bmp": drawing, "b.png": grey(3)})
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("a.bmp")
        assert info.file_size > sources.MAX_RATIO * info.compress_size
    assert values_of(imported(file, tmp_path), tmp_path) == [3, 9]


def test_all_files_together_may_not_unpack_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_EXPANDED_BYTES", 1_000_000)
    small = {f"{i}.png": grey(i) + bytes(200_000) for i in range(4)}
    assert len(values_of(imported(zipped(small), tmp_path), tmp_path)) == 4
    large = small | {"4.png": grey(4) + bytes(200_000)}
    with pytest.raises(DataError, match="unpacks to more than 1 MB; leave some out"):
        imported(zipped(large), tmp_path)
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        preview_images(zipped(large), **SIZE)


def test_sizes_in_headers_are_not_believed(tmp_path):
    file = zipped(greys(2) | {"liar.png": bytes(500_000)})
    content = bytearray(file.getvalue())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        content[(at := content.rfind(signature) + offset) : at + 4] = struct.pack("<I", 90)
    name = imported(io.BytesIO(bytes(content)), tmp_path)
    assert notes_of(name, tmp_path) == (
        "1 file is left out: it is broken in the archive (liar.png).",
    )


def test_a_file_that_is_too_large_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 100_000)
    noise = np.random.default_rng(0).bytes(100_001)
    name = imported(zipped(greys(2) | {"big.png": noise}), tmp_path)
    assert "larger than 0 MB (big.png)" in notes_of(name, tmp_path)[0]


def test_too_large_an_archive_is_refused_unread(tmp_path, monkeypatch):
    file = zipped(greys(3))
    monkeypatch.setattr(sources, "MAX_ARCHIVE_BYTES", len(file.getvalue()))
    assert len(values_of(imported(file, tmp_path), tmp_path)) == 3
    monkeypatch.setattr(sources, "MAX_ARCHIVE_BYTES", len(file.getvalue()) - 1)
    monkeypatch.setattr(sources, "_count_headers", None)
    with pytest.raises(DataError, match="archive is larger than"):
        imported(file, tmp_path)


def test_too_many_files_are_refused_before_they_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 5)
    assert len(values_of(imported(zipped(greys(5)), tmp_path), tmp_path)) == 5
    monkeypatch.setattr(zipfile, "ZipFile", None)
    lying = bytearray(_make_six := _SIX.getvalue())
    end = _make_six.rfind(b"PK\x05\x06")
    lying[end + 8 : end + 12] = struct.pack("<HH", 1, 1)  # claims one file
    with pytest.raises(DataError, match="more than 5 files"):
        imported(io.BytesIO(bytes(lying)), tmp_path)


_SIX = zipped(greys(6))


def test_headers_are_counted_across_the_edges_of_chunks():
    file = io.BytesIO(b"x" * ((1 << 20) - 2) + b"PK\x01\x02" + b"PK\x01PK\x01\x02")
    assert sources._count_headers(file) == 2


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06", _SIX.getvalue()[:-30]])
def test_what_is_no_archive_says_so(tmp_path, content):
    with pytest.raises(DataError, match="This is not a zip archive, or it is broken"):
        imported(io.BytesIO(content), tmp_path)


def test_broken_archives_never_end_in_another_error(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(150):
        content = bytearray(_SIX.getvalue())
        for place in rng.integers(0, len(content), 8):
            content[place] = rng.integers(0, 256)
        try:
            imported(io.BytesIO(bytes(content)), tmp_path)
        except DataError:
            continue


def test_an_empty_archive(tmp_path):
    with pytest.raises(DataError, match="There is no picture in it; two or more are needed"):
        imported(zipped({}), tmp_path)
    with pytest.raises(DataError, match=r"^There is no picture in it\.$"):
        preview_images(zipped({}), **SIZE)


def test_an_entry_without_a_name_is_skipped(tmp_path):
    content = zipped(greys(3) | {"x": b"y"}).getvalue()
    # The name in the directory at the end, which is the one that counts.
    place = content.rindex(b"PK\x01\x02")
    nameless = bytearray(content)
    assert nameless[place + 46 : place + 47] == b"x"
    nameless[place + 28 : place + 30] = (0).to_bytes(2, "little")  # length of the name
    nameless[place + 30 : place + 32] = (1).to_bytes(2, "little")  # "x" becomes an extra field
    assert preview_images(io.BytesIO(bytes(nameless)), **SIZE).images == 3


def test_one_picture_is_too_few(tmp_path):
    with pytest.raises(DataError, match="only one picture in it; two or more are needed"):
        imported(zipped(greys(1)), tmp_path)
    assert not (tmp_path / "folders").exists()
    preview = preview_images(zipped(greys(1)), **SIZE)
    assert preview.images == 1
    assert without_warning(preview.notes) == (
        "One picture is too few: one is needed to train and another to test.",
    )


def test_what_is_left_out_is_counted_and_named(tmp_path):
    files = greys(3) | {
        "notes.txt": b"hello",
        "more.txt": b"",
        "cut.png": saved(Image.effect_noise((50, 50), 60))[:1000],
        ".DS_Store": b"x",
        "__MACOSX/._000.png": b"x",
        "Thumbs.db": b"x",
        "deep/.hidden/a.png": grey(99),
    }
    name = imported(zipped(files), tmp_path)
    assert values_of(name, tmp_path) == [0, 1, 2]
    assert notes_of(name, tmp_path) == (
        "2 files are left out: it is not a picture that can be read (notes.txt).",
        "1 file is left out: the picture is cut off or broken (cut.png).",
    )


def test_names_from_users_are_shown_as_one_harmless_line(tmp_path):
    files = greys(2) | {"a\nb\x1b[31m" + "x" * 200 + ".txt": b""}
    name = folder.import_images(zipped(files), tmp_path, name="../../x\n\x00" + "y" * 90, **SIZE)
    (note,) = notes_of(name, tmp_path)
    assert note.isprintable()
    assert len(note) < 130
    title = describe(name, tmp_path).title
    assert title.isprintable()
    assert len(title) == 60
    assert [p.name for p in tmp_path.iterdir()] == ["folders"]


def test_methods_of_packing_without_a_bound_are_left_out(tmp_path):
    file = zipped(greys(2))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("l.png", grey(5))
    name = imported(file, tmp_path)
    assert notes_of(name, tmp_path) == (
        "1 file is left out: it is packed in an unusual way (l.png).",
    )
