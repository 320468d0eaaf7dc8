"""How the files of a run folder are written and read, and who may write them. No torch."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from draw_core.base.files import write_atomic

_LOCK = "lock"
# A reader that looks whether a folder is claimed holds the lock for microseconds.
_CLAIM_PATIENCE_S = 0.5
# Files that are written by who has claimed the folder, before they are moved to their places.
_TORN = re.compile(r"\.(samples|reconstruction|training|model|card|preview|status|\d+)\.[a-z]+\.")
# Of a lock file, which no other file shares while it is open.
Identity = tuple[int, int]


class Claimed(Exception):
    """Another process or thread is at work on this folder."""


def replace_file(path: Path, content: bytes) -> None:
    """Replaces a file in one step. Its folder must exist, so that a deleted run stays deleted.

    Raises:
        OSError: if the folder is gone or the disk is full; the old content stands then.
    """
    write_atomic(path, content, make_folder=False, durable=False)


def remove_torn_files(folder: Path) -> None:
    """Removes what a killed process was writing here; only who has claimed the run may."""
    if folder.is_dir():
        for path in folder.iterdir():
            if _TORN.match(path.name):
                path.unlink(missing_ok=True)


def append_line(path: Path, line: str) -> None:
    """Adds one line to a file; after a torn one it begins anew, so that only that one is lost.

    Raises:
        OSError: if the folder is gone or the disk is full.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write((line + "\n").encode())


@contextmanager
def claim(
    folder: Path, lock: str = _LOCK, patience_s: float = _CLAIM_PATIENCE_S
) -> Iterator[Identity]:
    """Makes this the only process at work on a folder; ends with the process, however it ends.

    Yields the identity of the folder, by which it can be told from a later one of the same path.

    Raises:
        Claimed: if another one is, and still is after ``patience_s`` seconds.
        OSError: if the folder is gone.
    """
    descriptor = os.open(folder / lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + patience_s
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise Claimed(str(folder))
            time.sleep(0.01)
        yield _identity(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def is_claimed(folder: Path) -> bool:
    """Whether some process is at work on a folder."""
    try:
        with claim(folder, patience_s=0.0):
            return False
    except Claimed:
        return True
    except OSError:
        return False


def identity(folder: Path) -> Identity | None:
    """What :func:`claim` yields for the folder that is there now; None where there is none."""
    try:
        return _identity(os.stat(folder / _LOCK))  # noqa: PTH116 - at each step, so the fastest
    except OSError:
        return None


def _identity(stat: os.stat_result) -> Identity:
    return stat.st_dev, stat.st_ino


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
