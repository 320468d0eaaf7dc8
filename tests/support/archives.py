"""Archives of small pictures, each of one grey, and the sets that they become."""

import io
import zipfile
from pathlib import Path

import torch
from PIL import Image

from draw_core.data import shelf
from draw_core.data.datasets import load
from draw_core.data.folders import folder

SIZE = {"height": 8, "width": 10, "channels": 1}


def grey(value: int, size: tuple[int, int] = (10, 8), kind: str = "PNG") -> bytes:
    return saved(Image.new("L", size, value), kind)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file


def greys(count: int, **more: bytes) -> dict[str, bytes]:
    """Grey pictures of the values 0, 1, 2, ..."""
    return {f"{value:03}.png": grey(value) for value in range(count)} | more


def imported(file, root, **changes) -> str:
    return folder.import_images(file, root, name="Mine", **{**SIZE, **changes})


def values_of(name: str, root: Path) -> list[int]:
    """The values of all pictures of one grey each, sorted."""
    both = torch.cat([load(name, split, root).images for split in ("train", "test")])
    flat = both.flatten(start_dim=1)
    assert (flat == flat[:, :1]).all()
    return sorted(flat[:, 0].tolist())


def without_warning(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Without the warning that pictures of one grey each have nothing to teach."""
    return tuple(note for note in notes if "next to nothing to learn" not in note)


def notes_of(name: str, root: Path) -> tuple[str, ...]:
    return without_warning(shelf.read(name, root).notes)
