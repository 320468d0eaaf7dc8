"""Downloads of data sets: one of each at a time, seen by all visitors, independent of any page."""

import logging
import threading
from dataclasses import dataclass

from draw_core.data.registry import DataError, default_root, describe

# The downloads of this server by the name of the data set.
_by_name: dict[str, "Download"] = {}
_lock = threading.Lock()
_log = logging.getLogger(__name__)


@dataclass
class Download:
    """How far a download is, in bytes; written by its thread alone."""

    done: int = 0
    total: int = 0
    running: bool = True
    error: str = ""


def state(name: str) -> Download | None:
    """The download of a data set that is under way or was the last, or None."""
    return _by_name.get(name)


def start(name: str) -> None:
    """Begins a download, unless it is under way."""
    with _lock:
        active = _by_name.get(name)
        if active is not None and active.running:
            return
        active = _by_name[name] = Download()
    threading.Thread(target=_fetch, args=(name, active), daemon=True).start()


def _fetch(name: str, active: Download) -> None:
    def progress(done: int, total: int) -> None:
        active.done, active.total = done, total

    try:
        from draw_core.data import torchvision_sets

        torchvision_sets.fetch(describe(name), default_root(), progress)
    except DataError as error:
        active.error = str(error)
    except Exception:  # noqa: BLE001 - whatever it is, the visitor must not wait for ever
        _log.exception("A download failed")
        active.error = f"{name} could not be downloaded; the server's log holds the details."
    finally:
        active.running = False
