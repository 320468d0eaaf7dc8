"""What kind of file something is, by its first bytes, in words for its owner."""

import re
import struct
from typing import NamedTuple

_RAW = "a raw photo of a camera"


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name: with its article, as in "a HEIC photo".
        is_picture: whether it shows something when it is opened.
    """

    name: str
    is_picture: bool


_PICTURES: tuple[tuple[bytes, str], ...] = (  # at the beginning of the file
    (rb"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (rb"\xff\xd8\xff", "a JPEG picture"),
    (rb"GIF8", "a GIF picture"),
    (rb"RIFF....WEBP", "a WebP picture"),
    (rb"BM.{4}\0\0\0\0", "a BMP picture"),
    (rb"II\*\0\x10\0\0\0CR|IIRO|IIRS|MMOR|IIU\0|FUJIFILMCCD-RAW|FOVb|\0MRM", _RAW),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", "a TIFF picture"),
    (rb"\0\0[\1\2]\0", "an icon"),
    (rb"\0\0\0\x0cjP|\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (rb"\xff\x0a|\0\0\0\x0cJXL", "a JPEG XL picture"),
    (rb"8BP[SB]", "a Photoshop picture"),
    (rb"gimp xcf", "a GIMP picture"),
    (rb"P7\s", "a PAM picture"),
    (rb"P[1-6](\s+\d|\s*#)", "a Netpbm picture"),
    (rb"qoif", "a QOI picture"),
    (rb"DDS ", "a DDS picture"),
    (rb"v/1\x01", "an OpenEXR picture"),
    (rb"SIMPLE  =", "a FITS picture"),
    (rb".{128}DICM", "a DICOM picture"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", "a Windows metafile"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (rb"%PDF", "a PDF document"),
    (rb"PK(\x03\x04|\x05\x06)", "a zip archive"),
    (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|.{257}ustar", "a packed archive"),
    (rb"\x7fELF|MZ|\xcf\xfa\xed\xfe|#!", "a program"),
)
_VIDEO = Kind("a video", is_picture=False)
# Brands of the ISO base media file format (HEIF: ISO/IEC 23008-12).
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF = frozenset({b"mif1", b"mif2", b"msf1", b"miaf", b"heif"})
_AVIF = frozenset({b"avif", b"avis"})
_SUBFILE, _MORE_IMAGES, _DNG = 254, 330, 50706  # tags of TIFF


def kind_of(content: bytes) -> Kind | None:
    """The kind of a file; None if it is text or unknown."""
    if content[4:8] == b"ftyp":
        return _media(content)
    for pattern, name in _PICTURES:
        if re.match(pattern, content, re.DOTALL):
            is_raw = name == "a TIFF picture" and _is_raw(content)
            return Kind(_RAW if is_raw else name, is_picture=True)
    for pattern, name in _OTHERS:
        if re.match(pattern, content, re.DOTALL):
            return Kind(name, is_picture=False)
    beginning = content[:65_536]
    if re.search(rb"<!DOCTYPE\s+html|<html[\s>]", beginning, re.IGNORECASE):
        return Kind("a web page", is_picture=False)
    if re.search(rb"<svg[\s>:]|<!DOCTYPE\s+svg|<\w+:svg[\s>]", beginning, re.IGNORECASE):
        return Kind("an SVG drawing", is_picture=True)
    return None


def _media(content: bytes) -> Kind:
    """By the brands that it claims, its own before the compatible ones."""
    size = min(int.from_bytes(content[:4]), 256)
    own = content[8:12]
    brands = {own} | {content[place : place + 4] for place in range(16, size, 4)}
    if own == b"crx ":
        return Kind(_RAW, is_picture=True)
    if own in _AVIF or (own not in _HEIC and brands & _AVIF):
        return Kind("an AVIF picture", is_picture=True)
    if own in _HEIC or (own in _HEIF and brands & _HEIC):
        return Kind("a HEIC photo", is_picture=True)
    if own in _HEIF:
        return Kind("a HEIF photo", is_picture=True)
    return _VIDEO


def _is_raw(content: bytes) -> bool:
    """Whether a TIFF is a raw photo: its first image is only a small preview."""
    order = "<" if content.startswith(b"II") else ">"
    small = more = False
    try:
        (start,) = struct.unpack_from(order + "I", content, 4)
        (count,) = struct.unpack_from(order + "H", content, start)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHII", content, start + 2 + 12 * number)
            if tag == _DNG:
                return True
            small |= tag == _SUBFILE and bool(value & 1)
            more |= tag == _MORE_IMAGES
    except struct.error:
        return False
    return small and more
