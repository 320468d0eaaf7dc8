"""Hostile uploads give a picture or one sentence, and never cost much memory."""

import re
import struct
import subprocess
import sys
import zlib

import pytest

from draw_core.data.intake.format import IntakeError
from draw_core.data.intake.intake import for_digits, for_window
from draw_core.data.intake.open_picture import WORKING_SIDE, open_upload
from tests.support.hostile import hostile_files
from tests.support.picture_bytes import chunk, png
from tests.support.process import ENVIRONMENT
from tests.support.uploads import steps_of_ways, steps_to_a_digit

FILES = hostile_files()


# Hostile files


def test_there_are_enough_hostile_files_of_both_kinds():
    assert len(FILES) >= 200
    assert sum(file.accepted for file in FILES) >= 80
    assert sum(not file.accepted for file in FILES) >= 120


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_hostile_file_gives_a_picture_or_one_sentence(file):
    if file.accepted:
        upload = open_upload(file.content)
        height, width, channels = upload.pixels.shape
        assert channels == 3
        assert max(height, width) <= WORKING_SIDE
        if file.size:
            assert (width, height) == file.size
        for steps in steps_of_ways(file.content):
            assert max(steps[-1].pixels.shape) <= 100
        if written := steps_to_a_digit(file.content, 28, 28):
            assert written[-1].pixels.shape == (1, 28, 28)
    else:
        for way in (open_upload, for_window, lambda content: for_digits(content, 28, 28)):
            with pytest.raises(IntakeError) as caught:
                way(file.content)
            _check_sentence(str(caught.value))


def _check_sentence(message: str) -> None:
    assert 30 < len(message) <= 300
    assert message.endswith(".")
    assert ". " not in message
    assert message[0].isupper()
    assert message.isascii()
    for hidden in ("Traceback", "Error", "PIL", "Image", "object", "/", "\\", "<", "\n", "bytes'"):
        assert hidden not in message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("animated GIF renamed", "is a GIF picture"),
        ("BMP renamed", "is a BMP picture"),
        ("TIFF renamed", "is a TIFF picture"),
        ("WebP renamed", "is a WebP picture"),
        ("HEIC renamed", "is a HEIC photo"),
        ("AVIF renamed", "is an AVIF picture"),
        ("icon renamed", "is an icon"),
        ("EPS renamed", "is a PostScript drawing"),
        ("drawing.svg", "is an SVG drawing"),
        ("drawing of entities", "is an SVG drawing"),
        ("document", "is a PDF document"),
        ("archive", "is a zip archive"),
        ("program", "is a program"),
        ("web page.png", "is a web page"),
        ("text.png", "is text"),
        ("empty", "is empty"),
        ("too many bytes", "has 10.0 MB, more than the 10 MB"),
        ("bomb of 900 megapixels", "has 30,000 x 30,000 pixels, more than the 40 megapixels"),
        ("65535 by 65535 declared.jpg", "has 65,535 x 65,535 pixels"),
        ("1 by 5000", "has 1 x 5,000 pixels, and each side needs at least 2"),
        ("cut off after 10 of 20.png", "The PNG is cut off"),
        ("cut off after 10 of 20.jpg", "The JPEG is cut off"),
        ("wrong checksum.png", "The PNG is damaged"),
        ("a thousand scans", "The JPEG is damaged"),
    ],
)
def test_the_sentence_says_what_is_wrong(name, expected):
    file = next(file for file in FILES if file.name.startswith(name))
    with pytest.raises(IntakeError, match=re.escape(expected)):
        open_upload(file.content)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_memory_stays_bounded(tmp_path):
    names = ("bomb of", "large but honest", "packed text bomb", "profile bomb", "a million")
    files = [file for file in FILES if file.name.startswith(names)]
    # The largest that is taken: 40 megapixels of four channels.
    side = 6324
    files.append(FILES[0].__class__("largest.png", _rgba(side), True))
    for number, file in enumerate(files):
        (tmp_path / f"{number}.bin").write_bytes(file.content)
    code = (
        "import pathlib, re, sys\n"
        "from draw_core.data.intake.format import IntakeError\n"
        "from draw_core.data.intake.intake import for_window\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', status.read_text())[1]) // 1024\n"
        "before = peak()\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        for_window(path.read_bytes())\n"
        "    except IntakeError:\n"
        "        pass\n"
        "print(peak() - before)\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stderr == ""
    assert 100 < int(result.stdout) < 240  # megabytes; 160 of them are the decoded picture


def _rgba(side: int) -> bytes:
    packer = zlib.compressobj(1)
    line = b"\0" + b"\x40\x80\xc0\x80" * side
    packed = b"".join([packer.compress(line) for _ in range(side)]) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    good = png(2, 2)
    return good[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + good[-12:]
