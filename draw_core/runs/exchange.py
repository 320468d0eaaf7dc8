"""Runs as single files: a zip with the checkpoint, its preview, the metrics and the settings."""

import contextlib
import dataclasses
import io
import json
import secrets
import shutil
import threading
import time
import zipfile
import zlib
from pathlib import Path

from draw_core.base.command_line import with_data
from draw_core.families.family import NetworkConfig
from draw_core.film.files import to_npz
from draw_core.runs.config import RunConfig, Status
from draw_core.runs.files import replace_file
from draw_core.runs.history import METRICS
from draw_core.runs.limits import check_disk, check_number
from draw_core.runs.registry import create_run, runs_root
from draw_core.runs.run import CONFIG, LIVE_SAMPLES, SAMPLES, Run, RunError
from draw_core.store.card import Card
from draw_core.store.checkpoint import (
    CARD,
    PREVIEW,
    PREVIEW_SAMPLES,
    WEIGHTS,
    CheckpointError,
    load_card,
    load_checkpoint,
    load_preview,
    make_preview,
)

# The largest size of each member, unpacked; nothing else may be in the archive.
_MEMBERS = {
    CARD: 1 << 20,
    CONFIG: 1 << 20,
    WEIGHTS: 1 << 30,
    PREVIEW: 256 << 20,
    METRICS: 4 << 20,
}
# These are as good as random numbers, which cannot be compressed: what is compressed is a bomb.
_STORED = (WEIGHTS, PREVIEW)
_HEADER_BYTES = 64 << 10  # beside the numbers in a file of weights or pictures
MAX_IMPORT_BYTES = 1 << 30
# What begins the entry of a member in the table of contents; chance makes few of them in weights.
_ENTRY, _MOST_ENTRIES = b"PK\x01\x02", 100
# What stands in an export for images that are for their owner alone.
_NAMELESS = "folder:not-named"
# The memory that one import may take is not taken by many at once.
_one_import = threading.BoundedSemaphore(1)


def export_run(run: Run, *, anonymous: bool = False) -> bytes:
    """A zip of what others need to use and judge the run, also while it trains.

    It holds no token of its owner and no folder of this machine, and cannot be trained further.

    Args:
        anonymous: leaves out what the images and the run are called.

    Raises:
        RunError: if the run has no checkpoint yet, or its files are damaged.
    """
    config = dataclasses.replace(
        run.config(), owner=None, data_root=None, restart_of=None, shared=False
    )
    if anonymous:
        config = dataclasses.replace(config, name="A network without its images", data=_NAMELESS)
    try:
        steps = load_card(run.folder).steps
    except CheckpointError as error:
        raise RunError("This run has no weights yet; wait until it trains.") from error
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in _MEMBERS:
            try:
                content = (run.folder / name).read_bytes()
            except FileNotFoundError as error:
                if name in (CARD, WEIGHTS):
                    raise RunError("This run has no weights yet; wait until it trains.") from error
                continue  # there is no preview before the end
            except OSError as error:
                raise RunError(f"{run.id}/{name} cannot be read ({error}).") from error
            if name == CARD and anonymous:
                content = _nameless(content)
            if name == CONFIG:
                content = config.to_json().encode()
            if name == METRICS:  # the curve ends where the weights are from
                content += json.dumps({"resumed_from": int(steps)}).encode() + b"\n"
            packing = zipfile.ZIP_STORED if name in _STORED else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, compress_type=packing)
    return buffer.getvalue()


def _nameless(card: bytes) -> bytes:
    """A card that does not say which images its network learned from."""
    values = json.loads(card)
    command = with_data(str(values.get("command", "")), _NAMELESS)
    values |= {"data": _NAMELESS, "data_title": "", "notes": [], "command": command}
    return json.dumps(values, indent=2).encode()


def import_run(content: bytes, root: Path | None = None, owner: str | None = None) -> Run:
    """A finished run from what :func:`export_run` gave, with the same checks as a checkpoint.

    Imports torch, to look at every weight.

    Args:
        root: the folder of all runs; :func:`~draw_core.runs.registry.runs_root` if None.
        owner: the token of who imports it.

    Raises:
        RunError: if it is no such archive, is too large, or a file in it cannot be used; nothing
            of it is left on the disk then.
        QuotaError: if the owner has too many runs, or the disk is full.
    """
    with _one_import:
        return _import_run(content, root or runs_root(), owner)


def _import_run(content: bytes, root: Path, owner: str | None) -> Run:
    check_number(owner, root)
    check_disk(root)
    files = _unpack(content)
    scratch = root / f".new-{secrets.token_hex(6)}"
    try:
        scratch.mkdir(parents=True)
        for name, data in files.items():
            replace_file(scratch / name, data)
        config, status = _checked(scratch, owner)
        kept = {name: data for name, data in files.items() if name != CONFIG}
        if (scratch / PREVIEW).exists():
            kept[PREVIEW] = (scratch / PREVIEW).read_bytes()
            kept[SAMPLES] = to_npz(load_preview(scratch).first(LIVE_SAMPLES))
        run = create_run(config, root, status=status, files=kept)
        run.write_log("Imported.")
        return run
    except CheckpointError as error:
        raise RunError(f"The archive cannot be used: {_without(scratch, str(error))}") from error
    except OSError as error:
        raise RunError(
            f"The run cannot be written in {root} ({error.strerror or error})."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _checked(folder: Path, owner: str | None) -> tuple[RunConfig, Status]:
    """Looks at every file, and paints samples where there are none; what the new run is to be."""
    model, card = load_checkpoint(folder)
    if (folder / PREVIEW).exists():
        _check_preview_size(folder / PREVIEW, card.config)
        load_preview(folder)
    elif film := make_preview(model):  # it was exported while it trained
        replace_file(folder / PREVIEW, to_npz(film))
    config = _config(folder, card)
    status = Status(
        "finished",
        step=int(card.steps),
        elapsed_s=float(card.wall_time_s),
        test=card.value,
        message="Imported."
        if card.test
        else f"Imported as it was after update {int(card.steps):,}, before its end.",
    )
    config = dataclasses.replace(
        config,
        owner=owner,
        created=time.time(),
        restart_of=None,
        data_root=None,
        kept=False,
        shared=False,
    )
    return config, status


def _check_preview_size(path: Path, config: NetworkConfig) -> None:
    """A preview is a zip archive itself, so that it may be a bomb too."""
    expected = PREVIEW_SAMPLES * config.bytes_per_sample()
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        if sum(m.file_size for m in archive.infolist()) > expected + _HEADER_BYTES:
            raise RunError(f"{PREVIEW} in the archive is larger than its network paints.")


def _config(folder: Path, card: Card) -> RunConfig:
    path = folder / CONFIG
    if not path.exists():
        return RunConfig("Imported run", card.data[:200], card.config, card.training)
    try:
        config = RunConfig.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise RunError(f"The archive cannot be used: {CONFIG}: {error}") from error
    if (config.model, config.training) != (card.config, card.training):
        raise RunError(
            f"The archive cannot be used: {CONFIG} and {CARD} describe different networks."
        )
    return config


def _unpack(content: bytes) -> dict[str, bytes]:
    """The members by name. Nothing is written, least of all where a member says."""
    if len(content) > MAX_IMPORT_BYTES:
        raise RunError(f"The archive is larger than {MAX_IMPORT_BYTES >> 20} MiB.")
    if content.count(_ENTRY) > _MOST_ENTRIES:  # each would cost half a kilobyte of memory
        raise RunError("This is no exported run: it holds too many files.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            foreign = sorted(set(names) - set(_MEMBERS))
            if foreign or len(set(names)) != len(names):
                what = f"holds {foreign[0][:80]!r}" if foreign else "holds a file twice"
                raise RunError(f"This is no exported run: it {what}.")
            for name in (CARD, WEIGHTS):
                if name not in names:
                    raise RunError(f"This is no exported run: it has no {name}.")
            card = _read_member(archive, archive.getinfo(CARD), _MEMBERS[CARD])
            limits = {**_MEMBERS, WEIGHTS: min(_MEMBERS[WEIGHTS], _weights_limit(card))}
            rest = [member for member in members if member.filename != CARD]
            return {CARD: card} | {
                member.filename: _read_member(archive, member, limits[member.filename])
                for member in rest
            }
    except RunError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        RuntimeError,  # a password
        ValueError,
    ) as error:
        raise RunError(f"The archive is damaged or is no zip file ({error}).") from error


def _weights_limit(card: bytes) -> int:
    """The bytes that the weights of the card's network take at most."""
    try:
        config = Card.from_json(card.decode()).config
    except ValueError as error:
        fault = str(error).rstrip(".")
        raise RunError(f"The archive cannot be used: {CARD} cannot be used: {fault}.") from error
    return 4 * sum(config.count_parameters().values()) + _HEADER_BYTES


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    packings = {zipfile.ZIP_STORED}
    if member.filename not in _STORED:
        packings.add(zipfile.ZIP_DEFLATED)
    if member.compress_type not in packings:
        raise RunError(
            f"{member.filename} in the archive is packed in a way that is not read here."
        )
    with archive.open(member) as file:
        data = file.read(limit + 1)  # whatever size the archive says
    if len(data) > limit:
        raise RunError(
            f"{member.filename} in the archive is larger than {_size(limit)}; it is no part of an "
            "exported run."
        )
    return data


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"


def _without(folder: Path, text: str) -> str:
    """Messages name a file with its folder, which here is nothing a person knows."""
    return text.replace(f"{folder.name}/", "")
