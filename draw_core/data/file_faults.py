"""What is wrong with a file of a data set, as the end of a sentence that begins with its name.

Of a file a few bytes are read, so a fault in its middle shows only when it is read whole. Standard
library only.
"""

import math
import re
import stat
import struct
import zlib
from pathlib import Path

CIFAR_RECORD = 1 + 3 * 32 * 32  # bytes: a label, then the red, the green and the blue plane
GZIP = b"\x1f\x8b"

_HEAD = 1024  # bytes of a file that are looked at
_SIDE = 28  # pixels of a picture of MNIST
_COUNTS = {"train": 60_000, "t10k": 10_000}  # images of its files, which may have been exchanged
# What stands in the place of data, by how it begins.
_FOREIGN = {
    b"<": "holds a web page instead of the data, as after a failed download",
    b"version https://git-lfs": "holds a pointer of Git LFS instead of the data; run git lfs pull",
    b"PK\3\4": "is a zip archive that must be unpacked",
    b"\x89HDF": "is a file of MATLAB 7.3 or HDF5, not the one that its authors publish",
}


def fault(path: Path) -> str | None:
    """What is wrong with a file, such as "is empty"; None if it is whole, as far as one sees."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would never end
            return "is a folder" if stat.S_ISDIR(about.st_mode) else "is no plain file"
        size = about.st_size
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
            opened.seek(max(0, size - 4))
            tail = opened.read(4)
    except FileNotFoundError:
        return "is a link that leads nowhere" if path.is_symlink() else "is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    kind, wrong = path.suffix.lower(), "is empty" if not size else None
    if kind == ".bin":
        wrong = _foreign(head) or _fault_of_batch(head, size)
    elif kind == ".mat":
        wrong = _foreign(head) or _fault_of_mat(path, head, size)
    elif "ubyte" in path.name.lower():
        wrong = _foreign(head) or _fault_of_idx(path, head, tail)
    return wrong  # of other files, such as imported sets, no more is asked


def unpacked_start(path: Path) -> bytes:
    """The first bytes of a file, unpacked if gzip packed it; none if it cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
        return _unpacked(head) if head[:2] == GZIP else head
    except (OSError, zlib.error):
        return b""


def fault_of_archive(path: Path) -> str:
    """Why an archive is not the data."""
    try:
        with path.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    wrong = None if head.startswith(b"PK") else _foreign(head)
    return wrong or "is there but not unpacked; unpack it in that folder"


def _unpacked(head: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(head, _HEAD)  # 31: with the header of gzip


def _foreign(head: bytes) -> str | None:
    """What a file holds that is no data at all."""
    if not head:
        return "is empty"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, wrong in _FOREIGN.items():
        if text.startswith(start):
            return wrong
    is_text = all(9 <= byte <= 13 or 32 <= byte < 127 for byte in head)
    if is_text and head[0] >= 32 and not head.startswith(b"MATLAB"):  # data begin with less
        return "holds text instead of the data, as after a failed download"
    return None


def _fault_of_idx(path: Path, head: bytes, tail: bytes) -> str | None:
    size, packed = path.stat().st_size, head[:2] == GZIP
    if packed:
        try:
            head = _unpacked(head)
        except zlib.error:
            return "is broken: its gzip packing cannot be undone"
        size = int.from_bytes(tail, "little")  # the packing ends with the size of its content
        if wrong := _foreign(head):
            return wrong
    kind, other, dimensions = "labels", "images", 1
    if "image" in path.name.lower():
        kind, other, dimensions = "images", "labels", 3
    start = 4 + 4 * dimensions
    if head[:3] != b"\0\0\10"[: len(head)]:
        wrong = "does not begin as a file of MNIST does"
    elif len(head) > 3 and head[3] != dimensions:
        wrong = f"holds {other} instead of {kind}" if head[3] in (1, 3) else f"holds no {kind}"
    elif len(head) < start:
        wrong = f"is cut off: {len(head):,} bytes"
    else:
        sides: tuple[int, ...] = struct.unpack(f">{dimensions}I", head[4:start])
        whole = start + math.prod(sides)
        wrong = _fault_of_sides(sides, kind) or _fault_of_split(path, sides[0], kind)
        if wrong is None and size != whole:
            wrong = _fault_of_length(size, whole, packed)
    return wrong


def _fault_of_sides(sides: tuple[int, ...], kind: str) -> str | None:
    if sides[1:] not in ((), (_SIDE, _SIDE)):
        return f"holds images of {sides[2]} × {sides[1]} pixels, not of {_SIDE} × {_SIDE}"
    return None if sides[0] else f"holds no {kind}"


def _fault_of_split(path: Path, count: int, kind: str) -> str | None:
    """Whether a file and the one of the other split beside it have changed places."""
    own, other = ("t10k", "train") if "t10k" in path.name.lower() else ("train", "t10k")
    beside = path.with_name(re.sub(own, other, path.name, flags=re.IGNORECASE))
    if count != _COUNTS[other] or beside == path:
        return None
    count_beside = int.from_bytes(unpacked_start(beside)[4:8], "big")
    if count_beside != _COUNTS[own]:
        return None
    return f"is exchanged with {beside.name}: it holds {count:,} {kind}, that one {count_beside:,}"


def _fault_of_length(size: int, whole: int, packed: bool) -> str:
    if packed:  # what ends a file that was cut off is no size
        return "is cut off or broken: its gzip packing does not end as it should"
    if size < whole:
        return f"is cut off: {size:,} of {whole:,} bytes"
    return f"is broken: {size:,} bytes where it tells of {whole:,}"


def _fault_of_batch(head: bytes, size: int) -> str | None:
    if head[0] > 9:
        return "is no batch of CIFAR-10: it does not begin with a label of 0 to 9"
    if size % CIFAR_RECORD:
        return f"is cut off: {size:,} bytes are no whole number of images of {CIFAR_RECORD:,} bytes"
    return None


def _fault_of_mat(path: Path, head: bytes, size: int) -> str | None:
    """A file of MATLAB 5 is a header of 128 bytes and elements that begin with their own size."""
    if not head.startswith(b"MATLAB 5.0"):
        return "is no file of MATLAB 5"
    order, place = "<" if head[126:128] == b"IM" else ">", 128
    with path.open("rb") as opened:
        while place + 8 <= size:
            opened.seek(place)
            place += 8 + int(struct.unpack(f"{order}2I", opened.read(8))[1])
    if place == size > 128:
        return None
    return f"is cut off: {size:,} bytes" + (f" of {place:,} or more" if place > size else "")
