"""Files that are either the old or the new content, never half of one, and whether they changed."""

import os
import tempfile
from pathlib import Path


def write_atomic(
    path: Path, content: bytes, *, make_folder: bool = True, durable: bool = True
) -> None:
    """Writes a file beside its place, then moves it there in one step.

    Args:
        durable: whether to wait for the disk; otherwise the old content may be back after a power
            failure.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def stamp(path: Path) -> tuple[int, ...]:
    """Changes when a file is written or replaced; empty where there is none."""
    try:
        about = path.stat()
    except (OSError, ValueError):
        return ()
    return about.st_ino, about.st_mtime_ns, about.st_ctime_ns, about.st_size
