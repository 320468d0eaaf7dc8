"""Files of MNIST under all of their names."""

import gzip
import struct
from pathlib import Path

import numpy as np

STEMS = ("train-images", "train-labels", "t10k-images", "t10k-labels")


HTML = b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"


FOLDERS = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST"}


def name_of(stem: str, dot: bool = False, packed: bool = False) -> str:
    kind = "idx3" if stem.endswith("images") else "idx1"
    return f"{stem}{'.' if dot else '-'}{kind}-ubyte{'.gz' if packed else ''}"


def place_files(source: Path, folder: Path, names: dict[str, str]) -> Path:
    """The small MNIST of the tests in a folder, under other names by stem; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, name in names.items():
        content = (source / "MNIST" / "raw" / name_of(stem)).read_bytes()
        (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    return folder


def idx(*sides: int) -> bytes:
    return struct.pack(f">HBB{len(sides)}I", 0, 8, len(sides), *sides) + bytes(np.prod(sides))
