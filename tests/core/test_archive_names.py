"""Names in archives as the people wrote them who packed them."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from draw_core.data.folders.archive_names import names_in_archive, readable, readable_paths
from draw_core.data.folders.preview import preview_images
from draw_core.data.folders.sources import open_archive
from tests.support.picture_bytes import save

SIZE = {"height": 8, "width": 8, "channels": 1}


class _Info(zipfile.ZipInfo):
    """An entry whose name is written as the bytes that it is given."""

    __slots__ = ("own", "own_flags")

    def _encodeFilenameFlags(self):
        return self.own, self.own_flags


def _archive(names: list[bytes], *, flag: bool = False, extras: list[bytes] | None = None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, name in enumerate(names):
            info = _Info(f"{number}")
            info.own, info.own_flags = name, 0x800 if flag else 0
            info.extra = extras[number] if extras else b""
            archive.writestr(info, save(Image.new("L", (8, 8), number * 20), "PNG"))
    return file


def _names(file: io.BytesIO) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return names_in_archive(archive.infolist())


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["grün", "数字", "кошка"]),
        ("cp932", ["犬", "猫", "ソ連"]),
        ("cp932", ["表", "十", "能"]),  # the second byte of each is a backslash
        ("cp932", ["学習データ", "ひらがな", "予定表"]),
        ("gbk", ["猫", "狗"]),
        ("gbk", ["新建文件夹", "图片"]),
        ("gbk", ["训练", "测试"]),
        ("big5", ["貓", "狗", "圖片"]),
        ("cp949", ["고양이", "개"]),
        ("cp949", ["훈련", "시험"]),
        ("cp437", ["grün", "Müller", "Größe"]),
        ("cp437", ["niño", "año"]),
        ("cp850", ["São Paulo", "ação"]),
        ("cp850", ["château", "forêt"]),
        ("cp1252", ["château", "forêt"]),
        ("cp1252", ["grün", "Österreich"]),
        ("cp852", ["żółć", "łódź"]),
        ("cp866", ["кошка", "собака"]),
        ("cp1251", ["Новая папка"]),
        ("cp737", ["γάτα", "σκύλος"]),
        ("mac_roman", ["grün", "Müller", "Größe"]),
        ("cp1254", ["kuş", "çiçek", "ağaç"]),
        ("cp1254", ["ışık", "güneş"]),
        ("cp857", ["kuş", "çiçek", "ağaç"]),
        ("cp857", ["balık", "yeşil", "göz"]),
        ("cp1255", ["חתול", "כלב", "בית"]),
        ("cp862", ["חתול", "כלב", "בית"]),
        ("cp1256", ["قطة", "كلب"]),
        ("cp1256", ["اختبار", "تدريب"]),
        ("cp720", ["قطة", "كلب"]),
        ("euc_jp", ["学習データ", "ひらがな", "予定表"]),
        ("euc_jp", ["犬", "猫", "写真"]),
        ("koi8_r", ["кошка", "собака"]),
        ("koi8_r", ["Новая папка"]),
        ("koi8_u", ["кіт", "їжак"]),
        ("iso8859-2", ["żółw", "świnia", "gęś"]),
        *[
            (page, [name])
            for page in ("cp437", "cp850", "cp1252")
            for name in ("café", "père", "forêt", "grün", "schön", "Tür", "niño", "città", "año")
        ],
        *[(page, [name]) for page in ("cp850", "cp1252") for name in ("São", "avó", "øre")],
    ],
)
def test_folders_are_named_as_where_they_were_packed(encoding, names):
    entries = [f"{name}/{number}.png".encode(encoding) for name in names for number in range(2)]
    look = preview_images(_archive(entries), **SIZE)
    assert look.classes == (tuple(sorted(names)) if len(names) > 1 else ())
    assert _names(_archive(entries)) == [entry.decode(encoding) for entry in entries]


def test_a_name_that_is_called_utf8_and_is_not_is_read_like_any_other():
    names = [f"{name}/{number}.png" for name in ("犬", "猫", "ソ連") for number in range(2)]
    wrong = _archive([name.encode("cp932") for name in names], flag=True)
    assert preview_images(wrong, **SIZE).classes == ("ソ連", "犬", "猫")
    with open_archive(wrong) as source:
        assert [str(entry.path) for entry in source.entries] == names
        kept = [np.asarray(Image.open(io.BytesIO(entry.read()))).max() for entry in source.entries]
        assert kept == [20 * number for number in range(6)]
    mixed = _archive([b"caf\xe9/0.png", "犬/1.png".encode()], flag=True)
    assert preview_images(mixed, **SIZE).classes == ("café", "犬")


def test_the_two_ways_of_writing_an_accent_are_one_folder():
    names = ["gru\u0308n/0.png", "gr\u00fcn/1.png", "rot/2.png"]
    for flag in (False, True):
        file = _archive([name.encode() for name in names], flag=flag)
        assert preview_images(file, **SIZE).classes == ("grün", "rot")


def test_a_backslash_is_a_separator_only_in_the_decoded_name():
    file = _archive(["表\\ソ\\0.png".encode("cp932"), "表\\能\\1.png".encode("cp932")])
    assert _names(file) == ["表/ソ/0.png", "表/能/1.png"]
    assert preview_images(file, **SIZE).classes == ("ソ", "能")


def test_a_name_in_utf8_beside_the_other_one_counts_if_it_belongs_to_it():
    names = ["犬/0.png", "猫/1.png"]
    raw = [name.encode("cp932") for name in names]

    def extra(name: bytes, text: bytes) -> bytes:
        body = struct.pack("<BI", 1, zlib.crc32(name)) + text
        return struct.pack("<HH", 0x5855, 2) + b"ab" + struct.pack("<HH", 0x7075, len(body)) + body

    right = [extra(name, f"x{text}".encode()) for name, text in zip(raw, names, strict=True)]
    assert _names(_archive(raw, extras=right)) == ["x犬/0.png", "x猫/1.png"]
    for wrong in (extra(b"other", b"x"), extra(raw[0], b"\xff"), b"\x75\x70\xff"):
        assert _names(_archive(raw, extras=[wrong] * 2)) == names


def test_names_of_no_meaning_are_read_all_the_same():
    assert readable([]) == []
    assert readable([b"abc", b""]) == ["abc", ""]
    for name in (b"\xff", b"\x80\x81\xfe\xff" * 3000, bytes(range(1, 256))):
        (text,) = readable([name])
        assert text
        assert not any("\ud800" <= character <= "\udfff" for character in text)


def test_a_folder_unpacked_without_its_code_page_has_its_names(tmp_path):
    names = [name.encode("cp932").decode(errors="surrogateescape") for name in ("犬", "表")]
    assert readable_paths(["a", *names]) == ["a", "犬", "表"]
    try:
        for number, name in enumerate(names):
            (tmp_path / name).mkdir()
            (tmp_path / name / "0.png").write_bytes(save(Image.new("L", (8, 8), number), "PNG"))
    except OSError:
        pytest.skip("this file system takes only names that are text")
    assert preview_images(tmp_path, **SIZE).classes == ("犬", "表")
