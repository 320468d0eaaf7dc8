"""The weights of networks for browsers that run them, by their digest, over plain HTTP.

A digest is known only to those to whom a page has shown the network; nobody can guess one.
"""

import hashlib
import threading
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit import config

from draw_core.base import files
from draw_core.store.checkpoint import WEIGHTS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_PATH = "weights"
_MOST = 1000  # networks that are remembered
_YEAR_S = 365 * 24 * 3600
_SHOWN: OrderedDict[str, Path] = OrderedDict()
_LOCK = threading.Lock()


def base() -> str:
    """Where the app lies on its server: "/" or "/app/"."""
    path = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}/" if path else "/"


def address(folder: Path) -> str:
    """Where a browser gets the weights of a checkpoint, from now on.

    Raises:
        OSError: if they cannot be read.
    """
    digest = _digest(folder / WEIGHTS, files.stamp(folder / WEIGHTS))
    with _LOCK:
        _SHOWN[digest] = folder / WEIGHTS
        _SHOWN.move_to_end(digest)
        while len(_SHOWN) > _MOST:
            _SHOWN.popitem(last=False)
    return f"{base()}{_PATH}/{digest}"


@lru_cache(maxsize=256)
def _digest(path: Path, _: object) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def weights(request: "Request") -> "Response":
    """Answers with the weights of a digest; 404 if they are not, or no longer, there."""
    from starlette.responses import Response

    digest = request.path_params["digest"]
    with _LOCK:
        path = _SHOWN.get(digest)
    content = path.read_bytes() if path and path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        return Response("These weights are not here.", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": f"private, max-age={_YEAR_S}, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def pattern() -> str:
    """The path of :func:`weights` for a server's routes."""
    return f"{base()}{_PATH}/{{digest:str}}"
