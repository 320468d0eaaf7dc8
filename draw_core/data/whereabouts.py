"""Where the files of a data set lie, under which of their names, and what is wrong with one.

People have MNIST under two names (``train-images-idx3-ubyte`` and ``train-images.idx3-ubyte``),
packed or not, in upper case, in the folders of torchvision or in one of their own. Standard library
only.
"""

import os
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path, PurePosixPath

from draw_core.data.file_faults import fault, fault_of_archive, unpacked_start

# Folders of one's own that a set may lie in, beside those of torchvision.
_USUAL_FOLDERS = {".mat": ("SVHN",), ".bin": ("CIFAR-10", "cifar-10-batches-bin")}
# MNIST and Fashion-MNIST have the same file names; without a folder that names them, their first
# labels tell them apart.
_FIRST_LABELS = {
    "mnist": {"train": b"\5\0\4\1\11\2\1\3", "t10k": b"\7\2\1\0\4\1\4\11"},
    "fashionmnist": {"train": b"\11\0\0\3\0\2\7\2", "t10k": b"\11\2\1\1\6\1\4\6"},
}
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")


def find(root: Path, file: str) -> Path | None:
    """Where a file is, as a path under the data root names it; None unless one of them is whole."""
    return next((path for path in candidates(root, file) if fault(path) is None), None)


def candidates(root: Path, file: str) -> Iterator[Path]:
    """Everything that may be this file, torchvision's own place first, whole or not."""
    own = root / file
    has_own = os.path.isfile(own)  # noqa: PTH113 - pathlib's raises where it may not look
    if has_own:
        yield own
    *parents, name = PurePosixPath(file).parts
    parents = list(_USUAL_FOLDERS.get(own.suffix, parents))
    wanted = _key(name)
    names = (wanted, f"{wanted}gz") if name.endswith("ubyte") else (wanted,)
    for length in range(len(parents), -1, -1):
        for chain in combinations(parents, length):
            for folder in _folders(root, chain):
                # Whose files they are is said by the folder, or else by what they hold.
                if name.endswith("ubyte") and parents[0] not in chain and _is_other(folder, file):
                    continue
                yield from (path for path in _files(folder, names) if not has_own or path != own)


def why_not(root: Path, files: tuple[str, ...]) -> str | None:
    """What keeps a set from being used of which some part is there, such as "FILE is empty".

    Args:
        files: all that it needs, as paths under the data root.

    Returns:
        A clause with the path under the root, or None if nothing of the set is there, or all is.
    """
    missing = [file for file in files if find(root, file) is None]
    for file in missing:
        for path in candidates(root, file):
            return f"{shown(path, root)} {fault(path)}"
    if missing and (len(missing) < len(files)):
        return f"{missing[0]} is not there"
    return _packed(root, files) if missing else None


def shown(path: Path, root: Path) -> str:
    """A path as a sentence names it, from the data root on."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _key(name: str) -> str:
    """A name without what people and programs change of it: case, dots, hyphens."""
    return re.sub("[^a-z0-9]", "", name.lower())


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself, or where nobody may look
        return False


def _folders(root: Path, chain: tuple[str, ...]) -> list[Path]:
    """The folders one within the other that have these names."""
    found = [root]
    for name in chain:
        found = [
            Path(entry.path)
            for folder in found
            for entry in _listed(folder)
            if _key(entry.name) == _key(name) and _is_folder(entry)
        ]
    return found


def _files(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Files of these names, also in a folder of the same name, as some archives have them."""
    for entry in _listed(folder):
        if _key(entry.name) in names:
            if _is_folder(entry):
                yield from (Path(e.path) for e in _listed(Path(entry)) if _key(e.name) in names)
            else:
                yield Path(entry.path)


def _is_other(folder: Path, file: str) -> bool:
    """Whether the files of a folder that names no set are those of another set than this one."""
    own, prefix = _key(PurePosixPath(file).parts[0]), PurePosixPath(file).name.partition("-")[0]
    names = (_key(f"{prefix}-labels-idx1-ubyte"), _key(f"{prefix}-labels-idx1-ubyte.gz"))
    for head in [unpacked_start(path)[8:16] for path in _files(folder, names)]:
        for name, labels in _FIRST_LABELS.items():
            if head == labels[prefix]:
                return name != own
    named = [part for part in map(_key, folder.absolute().parts[-2:]) if part in _FIRST_LABELS]
    return bool(named) and named[-1] != own


def _packed(root: Path, files: tuple[str, ...]) -> str | None:
    """What lies in the root instead of the files: an archive, or CIFAR-10 for Python alone."""
    first = files[0]
    usual = _USUAL_FOLDERS.get(PurePosixPath(first).suffix, PurePosixPath(first).parts[:1])
    wanted = _key(usual[0])
    for folder in [root, *_folders(root, usual[:1])]:
        for entry in _listed(folder):
            key = _key(entry.name)
            name = shown(Path(entry.path), root)
            if not key.startswith(wanted):
                continue
            if key in ("cifar10batchespy", "cifar10pythontargz"):
                return (
                    f"{name} is the edition for Python, which is not opened because it may run any "
                    "program; the binary one is needed"
                )
            if entry.name.lower().endswith(_ARCHIVES) and not _is_folder(entry):
                return f"{name} {fault_of_archive(Path(entry.path))}"
    return None
