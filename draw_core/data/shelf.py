"""Where a user's own images are kept, once imported. Standard library only.

Each set is a folder ``folders/<id>/`` under the data root, with ``images.safetensors`` and
``about.json``. The id is a hash that this program makes; no name from a user becomes a path.
"""

import json
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from draw_core.base.fields import check_types
from draw_core.base.files import write_atomic
from draw_core.data.spec import FOLDER_PREFIX, DataError, Dataset, Sizes, default_root

ABOUT = "about.json"
IMAGES = "images.safetensors"
# All imported sets together: a server's disk must not fill with forgotten uploads.
QUOTA_BYTES = 2 * 1024**3

_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class FolderSet:
    """One imported set of images.

    Attributes:
        dataset: its entry, as in the registry; ``dataset.name`` is what ``load`` takes.
        bytes: what it takes on the disk.
        created: when it was imported, in seconds since 1970.
        notes: what was left out at the import and why, one sentence each.
        owner: an opaque token of who imported it; None for the command line.
    """

    dataset: Dataset
    bytes: int
    created: float
    notes: tuple[str, ...]
    owner: str | None = None


@dataclass(frozen=True)
class About:
    """The content of ``about.json``."""

    title: str
    channels: int
    height: int
    width: int
    train: int
    test: int
    classes: list[str]
    notes: list[str]
    created: float
    owner: str | None = None


def folder_path(name: str, root: Path) -> Path:
    """The folder of an imported set.

    Raises:
        DataError: if the name cannot be one.
    """
    identity = name.removeprefix(FOLDER_PREFIX)
    if not name.startswith(FOLDER_PREFIX) or not _ID.fullmatch(identity):
        raise DataError(f"{name!r} names no imported images; such names begin with folder:.")
    return root / "folders" / identity


def read(name: str, root: Path) -> FolderSet:
    """What is known of an imported set.

    Raises:
        DataError: if there is none of this name, or its description is broken.
    """
    folder = folder_path(name, root)
    try:
        about = _parse((folder / ABOUT).read_bytes())
        taken = (folder / IMAGES).stat().st_size
    except FileNotFoundError as error:
        raise DataError(
            f"The images {name!r} are not on this machine; python -m draw_core images FOLDER "
            "imports them."
        ) from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"The images {name!r} are broken; import them again.") from error
    dataset = Dataset(
        kind="folder",
        name=name,
        title=about.title,
        shape=(about.channels, about.height, about.width),
        sizes=Sizes(about.train, about.test),
        classes=tuple(about.classes),
        source="Your own images",
        licence="Yours to know",
        how="Imported from your folder or zip file.",
        files=tuple(f"folders/{folder.name}/{file}" for file in (ABOUT, IMAGES)),
    )
    return FolderSet(dataset, taken, about.created, tuple(about.notes), about.owner)


def write(name: str, root: Path, about: About, images: bytes) -> None:
    """Stores a set; images come first, so that what is described is there.

    Raises:
        OSError: if it cannot be stored.
    """
    folder = folder_path(name, root)
    try:
        write_atomic(folder / IMAGES, images)
        write_atomic(folder / ABOUT, json.dumps(asdict(about)).encode())
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def list_folders(root: Path | None = None) -> list[FolderSet]:
    """The imported sets, newest first; broken ones are left out."""
    found = []
    for folder in _folders(root or default_root()):
        try:
            found.append(read(FOLDER_PREFIX + folder.name, folder.parent.parent))
        except DataError:
            continue
    return sorted(found, key=lambda one: (-one.created, one.dataset.name))


def delete_folder(name: str, root: Path | None = None) -> None:
    """Removes an imported set; nothing happens if it is gone already.

    Raises:
        DataError: if the name cannot be one, or the files cannot be removed.
    """
    folder = folder_path(name, root or default_root())
    try:
        (folder / ABOUT).unlink(missing_ok=True)  # first, so that no half of it is listed
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"The images {name!r} cannot be removed: {error.strerror}.") from error


def used_bytes(root: Path) -> int:
    """What all imported sets take on the disk, unfinished ones too."""
    return sum(file.stat().st_size for folder in _folders(root) for file in folder.iterdir())


def _folders(root: Path) -> list[Path]:
    try:
        return [f for f in (root / "folders").iterdir() if _ID.fullmatch(f.name) and f.is_dir()]
    except OSError:
        return []


def _parse(content: bytes) -> About:
    values = {"owner": None, **json.loads(content)}  # sets of old have none
    check_types(About, values)
    about = About(**values)
    if min(about.channels, about.height, about.width, about.train, about.test) < 1:
        raise ValueError("a size or a number is below 1")
    return about
