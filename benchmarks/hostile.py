"""Feeds hostile files to every door of the project: ``python -m benchmarks.hostile``.

All are made here from a seed. Printed are, for each door, how many were taken, how many were
refused with one sentence, how many raised anything else (a fault, and the exit status is 1), the
longest time, and how far memory rose at most.
"""

import argparse
import io
import shutil
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from draw_core.data.folders import folder
from draw_core.data.folders.preview import preview_images
from draw_core.data.intake import intake
from draw_core.data.intake.format import IntakeError
from draw_core.data.registry import DataError
from draw_core.runs.exchange import import_run
from draw_core.runs.registry import RunError
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    WEIGHTS,
    CheckpointError,
    load_card,
    load_checkpoint,
    load_preview,
)
from tests.support.hostile import hostile_files
from tests.support.picture_bytes import picture, save
from ui.kit.picture import from_drawing_link

ROOT = Path(__file__).resolve().parents[1]
SIZE = {"height": 28, "width": 28, "channels": 1}
_LONGEST = 2000  # characters of a refusal
_SHARES = {"picture": 0.35, "archive": 0.3, "checkpoint": 0.15, "run": 0.1, "link": 0.1}
_MB = 10**6


@dataclass
class Tally:
    """What became of the inputs of one door.

    Attributes:
        longest: seconds that the slowest took.
        memory: bytes that the process grew by at most over one input.
        faults: what was raised that is no refusal, with the name of the input.
    """

    counts: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    memory: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Door:
    """One way in, and how it says no."""

    name: str
    use: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]


def main(arguments: list[str] | None = None) -> int:
    """Feeds the inputs and prints the table; 1 if anything but a refusal was raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # Pillow and zipfile say aloud what is wrong with these files
    tallies = measure(options.count, options.seed)
    print(f"{'door':24}{'taken':>8}{'refused':>9}{'faults':>8}{'longest, s':>12}{'memory, MB':>12}")
    for name, one in tallies.items():
        print(
            f"{name:24}{one.counts['taken']:8,}{one.counts['refused']:9,}{len(one.faults):8,}"
            f"{one.longest:12.2f}{one.memory / _MB:12.0f}"
        )
    faults = [fault for one in tallies.values() for fault in one.faults]
    inputs = sum(one.counts["inputs"] for one in tallies.values())
    print(f"{options.count:,} files, {inputs:,} times at a door, {len(faults):,} faults")
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


def measure(count: int, seed: int) -> dict[str, Tally]:
    """Feeds so many files, each to all doors of its kind; the tally of each door."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        doors, makers = _doors(place), _makers()
        counts = {kind: round(share * count) for kind, share in _SHARES.items()}
        counts["picture"] += count - sum(counts.values())
        tallies = {door.name: Tally() for own in doors.values() for door in own}
        for kind, wanted in counts.items():
            for number, (title, content) in zip(range(wanted), makers[kind](rng), strict=False):
                for door in doors[kind]:
                    _feed(door, f"{number} {title}", content, tallies[door.name])
    return tallies


def _feed(door: Door, title: str, content: bytes, tally: Tally) -> None:
    process = psutil.Process()
    before, began = process.memory_info().rss, time.perf_counter()
    try:
        result = door.use(content)
        tally.counts["refused" if result is None else "taken"] += 1
    except door.refusals as error:
        tally.counts["refused"] += 1
        message = str(error)
        if not message or len(message) > _LONGEST or "\n" in message or "Traceback" in message:
            tally.faults.append(f"{door.name}, {title}: refused with {message[:300]!r}")
    except Exception:  # noqa: BLE001 - what else there is, is what is looked for
        tally.faults.append(f"{door.name}, {title}: {traceback.format_exc()}")
    tally.counts["inputs"] += 1
    tally.longest = max(tally.longest, time.perf_counter() - began)
    tally.memory = max(tally.memory, process.memory_info().rss - before)


def _doors(place: Path) -> dict[str, list[Door]]:
    data, lone, runs, model = (place / name for name in ("data", "lone", "runs", "model"))
    lone.mkdir()

    def as_folder(content: bytes) -> object:
        (lone / "IMG_1.HEIC").write_bytes(content)
        return preview_images(lone, **SIZE)

    def as_import(content: bytes) -> object:
        try:
            return folder.import_images(io.BytesIO(content), data, name="x", **SIZE)
        finally:
            shutil.rmtree(data, ignore_errors=True)

    def as_run(content: bytes) -> object:
        try:
            return import_run(content, runs)
        finally:
            shutil.rmtree(runs, ignore_errors=True)

    def as_checkpoint(content: bytes) -> object:
        shutil.rmtree(model, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(model)
        load_card(model)
        load_preview(model)
        return load_checkpoint(model)

    intakes: list[tuple[str, Callable[[bytes], object]]] = [
        ("upload for a digit", lambda content: intake.for_digits(content, 28, 28)),
        ("upload for a scene", lambda content: intake.for_scene(content, 3, 32, 32)),
        ("upload for the window", intake.for_window),
    ]
    return {
        "picture": [
            *(Door(name, use, (IntakeError,)) for name, use in intakes),
            Door("folder", as_folder, (DataError,)),
        ],
        "archive": [
            Door(
                "archive, looked at",
                lambda content: preview_images(io.BytesIO(content), **SIZE),
                (DataError,),
            ),
            Door("archive, imported", as_import, (DataError,)),
        ],
        "checkpoint": [Door("checkpoint", as_checkpoint, (CheckpointError,))],
        "run": [Door("training", as_run, (RunError,))],
        "link": [
            Door(
                "drawing in a link",
                lambda content: from_drawing_link(content.decode("latin-1")),
                (),
            )
        ],
    }


Made = Iterator[tuple[str, bytes]]


def _makers() -> dict[str, Callable[[np.random.Generator], Made]]:
    return {
        "picture": _pictures,
        "archive": _archives,
        "checkpoint": partial(_networks, names=(CARD, WEIGHTS, PREVIEW)),
        "run": partial(_networks, names=(CARD, WEIGHTS)),
        "link": _links,
    }


def _broken(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """The file cut, with bytes changed, with a part twice, with a hole, or with a lying number."""
    place = int(rng.integers(len(content)))
    way = int(rng.integers(5))
    if way == 0:
        return "cut off", content[:place]
    if way == 1:
        changed = bytearray(content)
        for other in rng.integers(0, len(content), rng.integers(1, 30)):
            changed[other] = rng.integers(256)
        return "changed", bytes(changed)
    if way == 2:
        return "a part twice", content[:place] + content[place // 2 :]
    if way == 3:
        return "with a hole", content[:place] + content[place + int(rng.integers(1, 200)) :]
    place = min(place, 64)
    number = struct.pack(rng.choice([">I", "<I"]), int(rng.choice([0, 1, 2**31 - 1, 2**32 - 1])))
    return "with a lie", content[:place] + number + content[place + 4 :]


def _pictures(rng: np.random.Generator) -> Made:
    """Those that tests know, and honest ones of all kinds, broken at random or called otherwise."""
    image = picture()
    deep = Image.fromarray(rng.integers(0, 4096, (40, 48)).astype(np.uint16))
    noise = Image.fromarray(np.full((20, 20), np.nan, np.float32))
    honest = [
        *(save(image, kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")),
        save(image.convert("RGBA"), "PNG"), save(image.convert("P"), "PNG"), save(deep, "PNG"),
        save(deep, "TIFF"), save(noise, "TIFF"), save(image, "JPEG", progressive=True),
        save(image.convert("CMYK"), "JPEG"), save(image, "PDF"), save(image, "ICO"),
    ]  # fmt: skip
    known = hostile_files()
    while True:
        if rng.random() < 0.4:
            one = known[int(rng.integers(len(known)))]
            yield one.name, one.content
        elif rng.random() < 0.1:
            first, second = rng.choice(len(honest), 2)
            yield "two in one", honest[first] + honest[second]
        else:
            yield _broken(honest[int(rng.integers(len(honest)))], rng)


def _archives(rng: np.random.Generator) -> Made:
    """Zip archives with bad paths, links, bombs, lying sizes, archives inside, foreign names."""
    known = hostile_files()
    names = [
        "../../x.png", "/etc/x.png", "C:\\x.png", "..\\..\\x.png", "a/../../b.png", "\0.png", "",
        "x" * 60_000 + ".png", "a\n\x1b[31m.png", "CON.png", "犬/0.png", "a/" * 2000 + "b.png",
        ".", "..", "/", "\\", "__MACOSX/._a.png", "a.zip", "\u202egnp.exe",
    ]  # fmt: skip
    while True:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(int(rng.integers(1, 8))):
                way, name = rng.random(), f"class {number % 2}/{number}.png"
                content = save(picture().rotate(int(rng.integers(360))), "PNG")
                if way < 0.3:
                    name = names[int(rng.integers(len(names)))]
                elif way < 0.5:
                    content = known[int(rng.integers(len(known)))].content[: 2 * _MB]
                elif way < 0.6:
                    content = bytes(int(rng.integers(1, 60)) * _MB)
                elif way < 0.7:
                    content = file.getvalue() or b"PK"
                info = zipfile.ZipInfo(name or "empty")
                info.compress_type = zipfile.ZIP_DEFLATED
                if rng.random() < 0.1:
                    info.external_attr, content = 0o120777 << 16, b"/etc/passwd"
                archive.writestr(info, content)
        content = file.getvalue()
        if rng.random() < 0.5:
            yield _broken(content, rng)
        else:
            yield "as packed", content.replace(b"class 0", rng.bytes(7))


def _networks(rng: np.random.Generator, names: tuple[str, ...]) -> Made:
    """A shipped network with one of its files broken, or none, as a zip."""
    shipped = ROOT / "checkpoints" / "strokes-attention"
    files = {name: (shipped / name).read_bytes() for name in names}
    numbers = [b"-1", b"0", b"1e999", b"NaN", b"99999999999", b'"x"', b"null", b"[]", b"{}"]
    while True:
        name, broken, what = names[int(rng.integers(len(names)))], dict(files), "as it was"
        if rng.random() < 0.95:
            what, broken[name] = _broken(files[name], rng)
        if name == CARD and rng.random() < 0.6:
            parts = files[name].split(b": ")
            at = int(rng.integers(1, len(parts)))
            after = parts[at].partition(b",")[1:]
            parts[at] = numbers[int(rng.integers(len(numbers)))] + b"".join(after)
            what, broken[name] = "another value", b": ".join(parts)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for member, content in broken.items():
                archive.writestr(member, content)
        yield f"{name} {what}", file.getvalue()


def _links(rng: np.random.Generator) -> Made:
    """What an address may say instead of a drawing."""
    while True:
        size = f"{rng.choice([0, 1, 28, 99999])}x{rng.choice([0, 28, 60, 10**30])}"
        text = rng.choice(["", "A", "=", "AAAA" * 50, "A" * 131, "é", "../", "%00"])
        yield (
            "link",
            rng.choice([f"{size}.{text}", text, rng.bytes(40).decode("latin-1")]).encode("latin-1"),
        )


if __name__ == "__main__":
    sys.exit(main())
