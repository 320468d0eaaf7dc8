"""Where a user's picture files come from: a zip archive or a folder. Nothing is written to disk.

An archive is taken to be hostile: what its headers say is only ever a first reason to refuse, and
every read is bounded. Links, paths out of the archive, locked files and archives inside the archive
are left out and named; a zip bomb is cut off.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from draw_core.data.folders.archive_names import names_in_archive, readable_paths
from draw_core.data.intake.file_kinds import kind_of
from draw_core.data.intake.pictures import Skip
from draw_core.data.spec import DataError

MB = 10**6
MAX_ARCHIVE_BYTES = 100 * MB  # an upload is held in memory
MAX_EXPANDED_BYTES = 1000 * MB  # some seconds of unpacking
MAX_FILES = 100_000  # a list of that many still takes little memory
MAX_FILE_BYTES = 50 * MB  # a photograph at the limit of pixels, well packed
# Pictures are packed already: a zip makes them hardly smaller. Below a megabyte any ratio is
# harmless, as in a drawing of one colour.
MAX_RATIO = 200
HARMLESS_BYTES = 1 * MB

# The flag that a name is UTF-8 is in the second byte of the flags, which both headers have.
_ENTRY_HEADER, _LOCAL_HEADER, _UTF8_FLAG = b"PK\x01\x02", b"PK\x03\x04", 0x08
_BEGINNING = 65_536  # bytes that tell what kind of file it is
_DRIVE = re.compile("[A-Za-z]:")  # of Windows
_CLUTTER = ("__MACOSX", "Thumbs.db", "desktop.ini")  # left out without a word, as are dotfiles
_UNREADABLE = "it cannot be read"

# What can be read anywhere, such as a browser's upload.
BinaryFile = io.BytesIO | io.BufferedReader


@dataclass
class Entry:
    """One file: its path as the user knows it, and how to read it (which may raise Skip)."""

    path: PurePosixPath
    read: Callable[[], bytes]


@dataclass
class Source:
    """The files to look at, those left out at once with the reason, and unreadable folders."""

    entries: list[Entry] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


@contextmanager
def open_source(where: BinaryFile | Path) -> Iterator[Source]:
    """The files of a folder or a zip archive; they can be read until the end of the context.

    Raises:
        DataError: as :func:`open_archive` and :func:`open_folder`, and if it is neither.
    """
    if not isinstance(where, Path):
        with open_archive(where) as source:
            yield source
        return
    if where.is_dir():
        yield open_folder(where)
        return
    if not where.exists():
        raise DataError(f"There is no folder or archive {where}.")
    if not where.is_file():  # a pipe or a device may never end
        raise DataError(f"{where} is no plain file; name a folder or a zip archive.")
    try:
        opened = where.open("rb")
    except OSError as error:
        raise DataError(f"The archive cannot be read: {error.strerror}.") from error
    with opened, open_archive(opened) as source:
        yield source


@contextmanager
def open_archive(file: BinaryFile) -> Iterator[Source]:
    """The files of a zip archive; they can be read until the end of the context.

    Raises:
        DataError: if it is too large, has too many files or is no zip archive; while reading, if
            its files are too large together.
    """
    if file.seek(0, os.SEEK_END) > MAX_ARCHIVE_BYTES:
        raise DataError(
            f"The archive is larger than {MAX_ARCHIVE_BYTES // MB} MB; make it smaller."
        )
    if _count_headers(file) > MAX_FILES:  # before Python makes an object of each
        raise DataError(f"The archive has more than {MAX_FILES:,} files; leave some out.")
    try:
        archive = _opened(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        file.seek(0)
        kind = kind_of(file.read(_BEGINNING))
        if kind and kind.name != "a zip archive":
            raise DataError(
                f"This is {kind.name}, not a zip archive; pack your pictures into a zip archive."
            ) from error
        raise DataError("This is not a zip archive, or it is broken. Pack it anew.") from error
    with archive:
        source, budget = Source(), _Budget()
        infos = archive.infolist()
        for info, name in zip(infos, names_in_archive(infos), strict=True):
            path = PurePosixPath(name)
            if not path.parts or name.endswith("/") or _is_clutter(path):
                continue
            reason = _reason_to_refuse(info, path)
            if reason:
                source.left_out.append((str(path), reason))
            else:
                source.entries.append(Entry(path, partial(_read_member, archive, info, budget)))
        yield source


def open_folder(folder: Path) -> Source:
    """The files of a folder and the folders in it, sorted by path; links are not followed.

    Raises:
        DataError: if it cannot be read or has too many files.
    """
    source = Source()

    def closed(error: OSError) -> None:
        path = PurePosixPath(Path(error.filename).relative_to(folder).as_posix())
        if not path.parts:
            raise DataError(f"The folder {folder} cannot be read: {error.strerror}.") from error
        if not _is_clutter(path):
            source.closed.append(str(path))

    for top, folders, files in os.walk(folder, onerror=closed):
        folders.sort()
        inside = PurePosixPath(Path(top).relative_to(folder).as_posix())
        for name in folders:  # os.walk does not enter those that are links
            if os.path.islink(Path(top, name)) and not _is_clutter(inside / name):  # noqa: PTH114
                source.left_out.append((str(inside / name), "it is a link to a folder"))
        for name in sorted(files):
            file, path = Path(top, name), inside / name
            if _is_clutter(path):
                continue
            if reason := _reason_to_pass_by(file):
                source.left_out.append((str(path), reason))
            else:
                source.entries.append(Entry(path, partial(_read_file, file)))
            if len(source.entries) > MAX_FILES:
                raise DataError(f"The folder has more than {MAX_FILES:,} files; leave some out.")
    names = readable_paths([str(entry.path) for entry in source.entries])
    for entry, name in zip(source.entries, names, strict=True):
        entry.path = PurePosixPath(name)
    return source


def _reason_to_pass_by(file: Path) -> str | None:
    """Why a file of a folder is not opened; None if it may be a picture."""
    try:
        mode = file.lstat().st_mode
    except OSError:  # its folder may be listed and not entered, or it went away meanwhile
        return _UNREADABLE
    return None if stat.S_ISREG(mode) else "it is a link or no plain file"


def _is_clutter(path: PurePosixPath) -> bool:
    return any(part in _CLUTTER or (part.startswith(".") and part != "..") for part in path.parts)


def _count_headers(file: BinaryFile) -> int:
    """At least the number of files that the archive lists, however wrong its own count is."""
    file.seek(0)
    count, tail = 0, b""
    while chunk := file.read(1 << 20):
        count += (tail + chunk).count(_ENTRY_HEADER)
        tail = chunk[-(len(_ENTRY_HEADER) - 1) :]
    return count


def _opened(file: BinaryFile) -> zipfile.ZipFile:
    """The archive, also if a name in it is called UTF-8 and is none, which Python refuses whole."""
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        file.seek(0)
        content = bytearray(file.read(MAX_ARCHIVE_BYTES))
    for found in re.finditer(_ENTRY_HEADER, content):
        length, local = (
            int.from_bytes(content[found.start() + at : found.start() + at + size], "little")
            for at, size in ((28, 2), (42, 4))
        )
        name = content[found.start() + 46 : found.start() + 46 + length]
        try:
            name.decode()
        except UnicodeDecodeError:
            content[found.start() + 9] &= ~_UTF8_FLAG
            if content[local : local + 4] == _LOCAL_HEADER:
                content[local + 7] &= ~_UTF8_FLAG
    return zipfile.ZipFile(io.BytesIO(content))


def _reason_to_refuse(info: zipfile.ZipInfo, path: PurePosixPath) -> str | None:
    if path.is_absolute() or ".." in path.parts or _DRIVE.fullmatch(path.parts[0]):
        return "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link"
    if info.flag_bits & 1:
        return "it is locked with a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in an unusual way"
    if path.suffix.lower() in (".zip", ".gz", ".tar", ".7z", ".rar"):
        return "it is an archive inside the archive"
    return None


@dataclass
class _Budget:
    """What all files of an archive may still expand to, in bytes."""

    left: int = field(default_factory=lambda: MAX_EXPANDED_BYTES)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise DataError(
                f"The archive unpacks to more than {MAX_EXPANDED_BYTES // MB:,} MB; leave some out."
            )


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    plausible = max(HARMLESS_BYTES, MAX_RATIO * info.compress_size)
    try:
        with archive.open(info) as member:
            content = member.read(min(MAX_FILE_BYTES, plausible) + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Skip("it is broken in the archive") from error
    except (RuntimeError, NotImplementedError, ValueError) as error:
        raise Skip("it is packed in an unusual way") from error
    budget.spend(len(content))
    if len(content) > plausible:
        raise Skip(f"it unpacks to more than {MAX_RATIO} times its size, as a zip bomb does")
    return _not_too_large(content)


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _not_too_large(file.read(MAX_FILE_BYTES + 1))
    except OSError as error:
        raise Skip(_UNREADABLE) from error


def _not_too_large(content: bytes) -> bytes:
    if len(content) > MAX_FILE_BYTES:
        raise Skip(f"it is larger than {MAX_FILE_BYTES // MB} MB")
    return content
