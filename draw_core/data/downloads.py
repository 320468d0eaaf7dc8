"""Files fetched over the network: whole and checked, or not there at all."""

import errno
import gzip
import hashlib
import http.client
import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol, runtime_checkable

from filelock import FileLock

from draw_core.data import whereabouts
from draw_core.data.spec import DataError, Dataset

CHUNK = 1 << 18
TIMEOUT_S = 30.0  # of silence, not of the whole transfer
PART = ".part"  # what the name of an unfinished file ends with


@dataclass(frozen=True)
class Remote:
    """One file on a server and what becomes of it.

    Attributes:
        urls: addresses of the same file, tried in this order.
        md5: of the file as it is transferred.
        size: in bytes, as it is transferred; for progress, the checksum decides.
        packing: ``"gzip"`` holds one file, ``"tar"`` (compressed) holds all of ``gives``.
        gives: paths under the data root, complete or absent.
    """

    urls: tuple[str, ...]
    md5: str
    size: int
    packing: Literal["none", "gzip", "tar"]
    gives: tuple[str, ...]


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class _Unusable(Exception):
    """What a server sent is not the file; the message says why."""


def fetch_all(
    dataset: Dataset,
    root: Path,
    remotes: list[Remote],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Fetches the files that are not there yet or are cut off. A second caller waits for the first.

    Args:
        progress: is told the bytes transferred and the bytes in all.

    Raises:
        DataError: if a file cannot be fetched or kept; no part of a file is left behind.
    """
    with _plain_errors(dataset, root):
        if not _missing(remotes, root):
            return
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f".{dataset.name}.lock"):
            missing = _missing(remotes, root)
            total = sum(remote.size for remote in missing)
            if shutil.disk_usage(root).free < 2 * total:  # the packed and the unpacked files
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            for stale in root.glob(f".{dataset.name}.*{PART}"):  # of a program that was killed
                stale.unlink()
            done = 0
            for remote in missing:
                with closing(_fetch(remote, root, f".{dataset.name}.")) as transfer:
                    for got in transfer:
                        if progress:
                            progress(done + got, total)
                done += remote.size


def _missing(remotes: list[Remote], root: Path) -> list[Remote]:
    return [r for r in remotes if not all(whereabouts.find(root, path) for path in r.gives)]


def _fetch(remote: Remote, root: Path, prefix: str) -> Generator[int, None, None]:
    """Transfers, checks and unpacks one file; yields the bytes of it that have come so far."""
    for url in remote.urls:
        with _temporary(root, prefix) as (packed, file):
            try:
                yield from _transfer(url, remote, file)
            except _Unusable:
                if url == remote.urls[-1]:
                    raise
                continue
            file.close()
            _unpack(packed, remote, root, prefix)
            return


def _transfer(url: str, remote: Remote, file: IO[bytes]) -> Generator[int, None, None]:
    """Writes what a server sends; yields the bytes so far.

    Raises:
        _Unusable: if it cannot be reached or sends something else.
    """
    md5, got = hashlib.md5(usedforsecurity=False), 0
    with closing(_chunks(url)) as chunks:
        for chunk in chunks:
            md5.update(chunk)
            got += len(chunk)
            if got > 2 * remote.size:  # never fill the disk with what cannot be right
                break
            file.write(chunk)
            yield min(got, remote.size)
    if md5.hexdigest() == remote.md5:
        return
    if got < remote.size:
        raise _Unusable(f"the connection ended after {got:,} of {remote.size:,} bytes")
    raise _Unusable("the server sent another file than the one expected")


def _chunks(url: str) -> Generator[bytes, None, None]:
    request = urllib.request.Request(url, headers={"User-Agent": "draw-explorer"})  # noqa: S310
    try:
        # The addresses are constants of this program and of torchvision.
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            while chunk := response.read(CHUNK):
                yield chunk
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise _Unusable(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _Unusable(f"the server cannot be reached: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Unusable(f"the connection broke: {error or type(error).__name__}") from error


def _unpack(packed: Path, remote: Remote, root: Path, prefix: str) -> None:
    if remote.packing == "none":
        _place(packed, root / remote.gives[0])
    elif remote.packing == "gzip":
        with gzip.open(packed) as content:
            _write(content, root / remote.gives[0], root, prefix)
    else:
        wanted = set(remote.gives)
        with tarfile.open(packed) as archive:
            for member in archive:  # in the order of the file: one pass through the compression
                content_of = archive.extractfile(member) if member.name in wanted else None
                if content_of:
                    _write(content_of, root / member.name, root, prefix)
                    wanted.remove(member.name)
        if wanted:
            raise _Unusable(f"{min(wanted)} is not in the archive")


def _write(content: _Readable, target: Path, root: Path, prefix: str) -> None:
    with _temporary(root, prefix) as (path, file):
        shutil.copyfileobj(content, file, CHUNK)
        file.close()
        _place(path, target)


def _place(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    path.chmod(0o644)
    path.replace(target)


@contextmanager
def _temporary(root: Path, prefix: str) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file that is gone at the end unless it was moved to its place."""
    descriptor, name = tempfile.mkstemp(PART, prefix, root)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield Path(name), file
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _plain_errors(dataset: Dataset, root: Path) -> Iterator[None]:
    try:
        yield
    except (_Unusable, EOFError, zlib.error, tarfile.TarError) as error:
        raise DataError(
            f"{dataset.title} could not be downloaded: {error}. Check the network and try again "
            "later; the drawn strokes need no download."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = "the disk is full. Free some space there, or set"
        else:
            reason = f"{error.strerror or error}. Set"
        raise DataError(
            f"{dataset.title} ({round((dataset.download_bytes or 0) / 1e6)} MB) cannot be kept in "
            f"{root}: {reason} DRAW_DATA_ROOT to another folder."
        ) from error
