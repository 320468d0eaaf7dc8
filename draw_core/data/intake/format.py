"""What kind of file an upload is, and the least part of it that still holds the picture.

An upload is hostile until it has been through here. Only a PNG or JPEG comes out, with nothing in
it but size, palette, tables and pixels: texts, colour profiles, previews, further frames and
whatever follows the end never reach a decoder.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from draw_core.data.intake.file_kinds import kind_of
from draw_core.data.intake.pictures import MAX_PIXELS

MAX_BYTES = 10 * 10**6
MIN_SIDE = 2  # pixels

# Honest files have a few thousand chunks, a few hundred segments and a dozen scans at most. Each
# scan of a JPEG costs a pass over all its pixels, however short it is.
_MAX_CHUNKS, _MAX_SEGMENTS, _MAX_SCANS = 50_000, 5_000, 50
_MAX_EXIF = 65_533
_AGAIN = "save it as PNG or JPEG and upload that"

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_SCAN, _END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER_IN_SCAN = re.compile(rb"\xff[^\0\xd0-\xd7\xff]", re.DOTALL)


class IntakeError(Exception):
    """An upload cannot be used; the message is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class PictureFile:
    """An upload reduced to what a decoder needs.

    Attributes:
        kind: the format of ``content``.
        content: a file of its own.
        width, height: in pixels, before it is turned upright.
        orientation: how it is to be turned, 1..8 as in Exif.
        animated: whether frames were left out.
    """

    kind: Literal["PNG", "JPEG"]
    content: bytes
    width: int
    height: int
    orientation: int
    animated: bool


def read_file(content: bytes) -> PictureFile:
    """Takes the picture out of an upload; nothing is decoded.

    Raises:
        IntakeError: if it is no PNG or JPEG, is too large, too small, cut off or damaged.
    """
    if not content:
        raise IntakeError("The file is empty; choose a PNG or JPEG picture.")
    if len(content) > MAX_BYTES:
        raise IntakeError(
            f"The file has {len(content) / 1e6:.1f} MB, more than the {MAX_BYTES // 10**6} MB "
            "allowed here; save the picture smaller and upload that."
        )
    if content.startswith(_PNG):
        file = _read_png(content)
    elif content.startswith(_JPEG):
        file = _read_jpeg(content)
    else:
        _refuse(content)
    if file.width * file.height > MAX_PIXELS:
        raise IntakeError(
            f"The picture has {file.width:,} x {file.height:,} pixels, more than the "
            f"{MAX_PIXELS // 10**6} megapixels allowed here; save it smaller and upload that."
        )
    if min(file.width, file.height) < MIN_SIDE:
        raise IntakeError(
            f"The picture has {file.width:,} x {file.height:,} pixels, and each side needs at "
            f"least {MIN_SIDE}; choose a larger one."
        )
    return file


def _refuse(content: bytes) -> NoReturn:
    kind = kind_of(content)
    if kind and kind.name == "an SVG drawing":
        raise IntakeError(
            "It is an SVG drawing, made of lines instead of pixels; export it as PNG or JPEG and "
            "upload that."
        )
    if kind and kind.is_picture:
        raise IntakeError(f"The file is {kind.name}; {_AGAIN}.")
    if kind:
        raise IntakeError(f"The file is {kind.name}, not a picture; choose a PNG or JPEG.")
    if re.fullmatch(rb"[\t\n\r\x20-\x7e\x80-\xff]+", content[:65_536]):
        raise IntakeError("The file is text, not a picture; choose a PNG or JPEG.")
    raise IntakeError("The file is not a picture that can be read here; choose a PNG or JPEG.")


def _cut_off(kind: str) -> IntakeError:
    return IntakeError(f"The {kind} is cut off before its end; copy or save it again.")


def damaged(kind: str) -> IntakeError:
    """For a file that says what it is but cannot be decoded."""
    return IntakeError(f"The {kind} is damaged; open it in another program and save it again.")


def _read_png(content: bytes) -> PictureFile:
    """Keeps the chunks that hold the still picture (PNG specification, 5 and 11)."""
    kept, animated, orientation = [_PNG], False, 1
    for kind, body, whole in _chunks(content):
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            if zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
                raise damaged("PNG")
            kept.append(whole)
        elif kind == b"acTL":
            animated = True
        elif kind == b"eXIf" and len(body) <= _MAX_EXIF:
            orientation = _orientation(body)
        elif not kind[0] & 0x20:  # a capital letter: the picture cannot be shown without it
            raise damaged("PNG")
    file = b"".join(kept)
    is_palette = file[25] == 3
    if file[8:16] != b"\0\0\0\rIHDR" or (is_palette and file[37:41] != b"PLTE"):
        raise damaged("PNG")
    width, height = struct.unpack_from(">II", file, 16)
    return PictureFile("PNG", file, width, height, orientation, animated)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Kind, body, and all of each chunk up to the end of the picture."""
    position = len(_PNG)
    for number in range(_MAX_CHUNKS):
        if position + 12 > len(content):
            raise _cut_off("PNG")
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if (number == 0) != (kind == b"IHDR") or not kind.isalpha() or length >= 2**31:
            raise damaged("PNG")
        if end > len(content):
            raise _cut_off("PNG")
        yield kind, content[position + 8 : end - 4], content[position:end]
        if kind == b"IEND":
            return
        position = end
    raise damaged("PNG")


def _read_jpeg(content: bytes) -> PictureFile:
    """Keeps frame, tables and scans, and what says which colours they mean (ITU T.81, B)."""
    kept, orientation, scans = [content[:2]], 1, 0
    size: tuple[int, int] | None = None
    for marker, body in _segments(content):
        if marker == _END:
            break
        if marker == _SCAN:
            scans += 1
        elif marker in _FRAMES:
            if size is not None or len(body) < 6:
                raise damaged("JPEG")
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
        elif marker == 0xE1 and body.startswith(b"Exif\0\0"):
            orientation = _orientation(body[6:])
        if marker < 0xE0 or marker in (0xE0, 0xEE):
            length = b"" if marker == _SCAN else (len(body) + 2).to_bytes(2)
            kept.append(bytes([0xFF, marker]) + length + body)
    if size is None or not 1 <= scans <= _MAX_SCANS:
        raise damaged("JPEG")
    return PictureFile("JPEG", b"".join([*kept, b"\xff\xd9"]), *size, orientation, False)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment up to the end of the picture; of a scan length and all."""
    position = 2
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.match(content, position)
        if not found:
            raise _cut_off("JPEG") if position + 2 > len(content) else damaged("JPEG")
        marker, position = found[1][0], found.end()
        if marker == _END:
            yield marker, b""
            return
        if marker < 0xC0 or 0xD0 <= marker <= 0xD8:
            raise damaged("JPEG")
        length = int.from_bytes(content[position : position + 2])
        end = position + length
        if end > len(content) or position + 2 > len(content):
            raise _cut_off("JPEG")
        if length < 2:
            raise damaged("JPEG")
        start = position + 2
        if marker == _SCAN:  # its data lasts until the next marker
            following = _MARKER_IN_SCAN.search(content, end)
            if not following:
                raise _cut_off("JPEG")
            start, end = position, following.start()
        yield marker, content[start:end]
        position = end
    raise damaged("JPEG")


def _orientation(exif: bytes) -> int:
    """What the first directory of Exif data says of the orientation; 1 where it says nothing."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for number in range(count):
            tag, kind, length, value = struct.unpack_from(
                order + "HHIH", exif, start + 2 + 12 * number
            )
            if (tag, kind, length) == (0x0112, 3, 1) and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return 1
