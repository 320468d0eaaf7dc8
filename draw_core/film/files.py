"""Films as files: a compressed NumPy archive of arrays, and in it their description as JSON.

The arrays of an archive from before films had a description tell by their names what they are.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from draw_core.film.arrays import Array, FilmError
from draw_core.film.description import ORIGINAL, describe, restore
from draw_core.film.film import Film
from draw_core.film.rules import RULES
from draw_core.film.segments import Frames
from draw_core.film.tracks import Patches, Track, Vectors, Windows, information

_MAX_BYTES, _MAX_DESCRIPTION = 512 << 20, 4 << 20  # unpacked
_DESCRIPTION = "film.json"


def to_npz(film: Film) -> bytes:
    """The content of a file."""
    arrays, description = describe(film)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(_DESCRIPTION), json.dumps(description))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()


def load_film(path: Path) -> Film:
    """Reads what :func:`to_npz` wrote.

    Raises:
        FilmError: if the file is missing, broken, or holds no film.
    """
    try:
        # From memory: given a path, NumPy leaves the file of a broken archive open.
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            sizes = {member.filename: member.file_size for member in members.infolist()}
            if sum(m.file_size for m in members.infolist()) > _MAX_BYTES:
                raise FilmError(f"{path.name} is too large.")
            if sizes.get(_DESCRIPTION, 0) > _MAX_DESCRIPTION:
                raise FilmError(f"{path.name} describes more than a film can hold.")
            text = members.read(_DESCRIPTION) if _DESCRIPTION in sizes else None
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            names = set(archive.files) - {_DESCRIPTION}
            arrays = {name: np.asarray(archive[name]) for name in names}
        description = None if text is None else json.loads(text)
        if text is None and "canvases" not in arrays:
            raise FilmError(f"{path.name} is damaged or is no stored film.")
    except FileNotFoundError as error:
        raise FilmError(f"{path.name} is missing.") from error
    except FilmError:
        raise
    except Exception as error:
        # Damage can surface anywhere in zip, zlib or NumPy's header parser.
        raise FilmError(f"{path.name} is damaged or is no stored film.") from error
    try:
        film = _of_names(arrays) if text is None else restore(arrays, description)
        if not film.is_finite:
            raise FilmError("Some numbers are infinite or none.")
    except FilmError as error:
        raise FilmError(
            f"{path.name} holds arrays of unexpected shape, type or value: {error}"
        ) from error
    return film


def _of_names(arrays: Mapping[str, Array]) -> Film:
    """A film that does not describe itself."""
    tracks: list[Track] = []
    patches = arrays.get("write_patches")
    if patches is None:
        raise FilmError("The patches that were written are missing.")
    for name in ("write", "read"):
        params = arrays.get(f"{name}_params")
        if params is not None:
            points = int(patches.shape[-1]) if name == "write" and patches.ndim else None
            tracks.append(Windows(name, points, params, RULES["gaussian"].labels, "gaussian"))
    tracks.append(Patches("write", patches))
    if "kl" in arrays:
        tracks.append(information(arrays["kl"]))
    tracks += [Vectors(name, arrays[name]) for name in ("z", "memory") if name in arrays]
    original = arrays.get(ORIGINAL)
    if original is not None and original.ndim == 3:
        original = original[None]
    return Film((Frames(arrays["canvases"]),), tuple(tracks), original)
