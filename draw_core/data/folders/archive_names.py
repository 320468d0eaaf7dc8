"""Names of files as people wrote them, from the bytes in an archive or a file system.

An archive says of a name only whether it is UTF-8. macOS writes UTF-8 without saying so; Windows
and older programs write the code page of their country. Which one that was is guessed from all
names together: UTF-8 first, since hardly any other text is valid UTF-8 by chance.
"""

import codecs
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

# What archives come in: Japanese, Chinese, Korean, Western and Central European, Cyrillic, Greek
# and Thai computers. The first of equally likely ones is taken.
_CODE_PAGES = (
    "cp932", "gb18030", "cp949", "big5", "cp437", "cp850", "cp852", "cp866", "cp737",
    "windows-1252", "windows-1250", "windows-1251", "windows-1253", "mac_roman", "cp874",
)  # fmt: skip
_ENOUGH = 4000  # bytes of names to guess from
_LEAST = 1e-3  # likelihood of a reading that the guess does not even name
_ODD = 0.3  # how much less likely each odd place makes a reading
# Two bytes of Korean Windows are Chinese ones as well. Nearly all Korean syllables lie in the first
# half of the Chinese range, Chinese text in both: nothing from the second half means Korean.
_KOREAN = 1.5
# macOS has long written UTF-8; Western names fit Central European pages nearly as well.
_RARE = {"cp874": 0.2, "mac_roman": 0.6, "cp852": 0.5, "windows-1250": 0.5}

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
    from chardet import detect_all  # some megabytes, and few archives need it

    parts = {part for name in names for part in re.split(rb"[/\s]", name) if not part.isascii()}
    ends = accumulate(len(part) + 1 for part in sorted(parts))
    few = [part for part, end in zip(sorted(parts), ends, strict=True) if end <= _ENOUGH]
    sample = b"\n".join(few or [min(parts)])
    guesses = detect_all(sample, include_encodings=_CODE_PAGES, no_match_encoding="cp437")
    scores = dict.fromkeys(_CODE_PAGES, _LEAST)
    for guess in guesses:
        for page in _CODE_PAGES:
            if guess["encoding"] and _same(page, guess["encoding"]):
                scores[page] = max(scores[page], guess["confidence"])
    return max(_CODE_PAGES, key=lambda page: scores[page] * _plausibility(sample, page))


def _same(one: str, other: str) -> bool:
    try:
        return codecs.lookup(one).name == codecs.lookup(other).name
    except LookupError:
        return False


def _plausibility(sample: bytes, page: str) -> float:
    """A factor for how well a reading looks as the name of a file; 0 if it has no meaning."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return 0.0
    odd = sum(_is_odd(one, other) for one, other in zip(" " + text, text, strict=False))
    factor: float = _RARE.get(page, 1.0) * _ODD ** (8 * odd / max(8, len(text)))
    foreign = [character for character in text if not character.isascii()]
    if page == "cp949" and all("가" <= character <= "힣" for character in foreign):
        factor *= _KOREAN
    return factor


def _is_odd(before: str, character: str) -> bool:
    """Whether a character is no letter, or does not follow the one before it in any language."""
    kind = unicodedata.category(character)
    if character.isascii():
        return (
            character.isupper() and not before.isascii() and before.islower()  # as in "öL"
        )
    is_letter = kind in ("Lu", "Ll", "Lo", "Mn", "Mc") and character not in "ƒªº"
    if not is_letter and character not in "ー々〆・（）【】、。「」":
        return True
    if not before.isalpha():
        return False
    one, other = _script(before), _script(character)
    return one != other or (kind == "Lu" and before.islower())


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    for script in ("LATIN", "CYRILLIC", "GREEK", "THAI", "HANGUL"):
        if name.startswith(script):
            return script
    return "EAST ASIAN"
