"""Names of files as people wrote them, from the bytes in an archive or a file system.

An archive says of a name only whether it is UTF-8. macOS writes UTF-8 without saying so; Windows
and older programs write the code page of their country. UTF-8 is tried first, since hardly any
other text is valid UTF-8 by chance; else the page is guessed from all names together.
"""

import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

from draw_core.data.folders.code_pages import likeliest

_ENOUGH = 4000  # bytes of names to guess from

_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field with the same name in UTF-8


def names_in_archive(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The path of each entry, with ``/`` between its parts; a folder's ends with one.

    A backslash is a separator only once the name is decoded: in Japanese and Chinese code pages it
    is the second byte of some characters, too.
    """
    names: list[str | bytes] = [_name(info) for info in infos]
    decoded = iter(readable([name for name in names if isinstance(name, bytes)]))
    texts = [name if isinstance(name, str) else next(decoded) for name in names]
    return [text.replace("\\", "/").partition("\0")[0] for text in texts]


def readable_paths(paths: Sequence[str]) -> list[str]:
    """Paths of a file system; those that are not valid text there are guessed as in an archive."""
    broken = [os.fsencode(path) for path in paths if not _is_text(path)]
    decoded = iter(readable(broken))
    return [path if _is_text(path) else next(decoded) for path in paths]


def readable(names: Sequence[bytes]) -> list[str]:
    """Names from one computer as text. Nothing fails: bytes of no meaning become U+FFFD."""
    try:
        return [_composed(name.decode()) for name in names]
    except UnicodeDecodeError:
        page = _code_page(names)
    return [_composed(name.decode(page, errors="replace")) for name in names]


def _name(info: zipfile.ZipInfo) -> str | bytes:
    """The name if the archive says how it is written, else its bytes."""
    if info.flag_bits & _UTF8_FLAG:
        return _composed(info.orig_filename)
    raw = info.orig_filename.encode("cp437")  # which is how zipfile took them for text
    return _unicode_path(info.extra, raw) or raw


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        body = extra[position + 4 : position + 4 + length]
        # It is void if another program changed the name after it was written.
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            (checksum,) = struct.unpack_from("<I", body, 1)
            if checksum == zlib.crc32(raw):
                try:
                    return _composed(body[5:].decode())
                except UnicodeDecodeError:
                    return None
        position += 4 + length
    return None


def _composed(text: str) -> str:
    """One character for each letter with its accent, which macOS writes as two."""
    return unicodedata.normalize("NFC", text)


def _is_text(path: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _code_page(names: Iterable[bytes]) -> str:
    """The likeliest code page of names that are not UTF-8."""
    parts = {part for name in names for part in re.split(rb"[/\s]", name) if not part.isascii()}
    ends = accumulate(len(part) + 1 for part in sorted(parts))
    few = [part for part, end in zip(sorted(parts), ends, strict=True) if end <= _ENOUGH]
    return likeliest(b"\n".join(few or [min(parts)]))
