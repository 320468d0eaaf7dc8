"""The weights of networks for browsers that run them, by their digest, over plain HTTP.

A network that only paints needs no more than its painting half.

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
_EYE = ("encoder.", "posterior.", "read_window.", "initial_enc")  # the half that looks at images
_MOST = 1000  # networks that are remembered
_YEAR_S = 365 * 24 * 3600
# Where each network is that was shown, and whether only its painting half was.
_SHOWN: OrderedDict[str, tuple[Path, bool]] = OrderedDict()
_LOCK = threading.Lock()


def base() -> str:
    """Where the app lies on its server: "/" or "/app/"."""
    path = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}/" if path else "/"


def address(folder: Path, *, paints: bool = False) -> str:
    """Where a browser gets the weights of a checkpoint, from now on.

    Args:
        paints: whether the half is enough that paints, and looks at nothing.

    Raises:
        OSError: if they cannot be read.
        ValueError: if they are to be halved and are damaged.
    """
    digest = _digest(folder / WEIGHTS, files.stamp(folder / WEIGHTS), paints)
    with _LOCK:
        _SHOWN[digest] = folder / WEIGHTS, paints
        _SHOWN.move_to_end(digest)
        while len(_SHOWN) > _MOST:
            _SHOWN.popitem(last=False)
    return f"{base()}{_PATH}/{digest}"


def addresses(folder: Path, *, paints: bool = True) -> dict[str, str]:
    """Where a browser gets a network, or the half that paints, by what it calls that.

    Beside the half stands the ``whole``, which serves where it is there already.

    Raises:
        OSError, ValueError: as :func:`address`.
    """
    urls = {"url": address(folder, paints=paints)}
    return urls | {"whole": address(folder)} if paints else urls


@lru_cache(maxsize=256)
def _digest(path: Path, _: object, paints: bool) -> str:
    return hashlib.sha256(_content(path, paints)).hexdigest()


def _content(path: Path, paints: bool) -> bytes:
    content = path.read_bytes()
    if not paints:
        return content
    from safetensors import SafetensorError
    from safetensors.numpy import load, save

    try:
        tensors = load(content)
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged ({error}).") from error
    return save({name: t for name, t in tensors.items() if not name.startswith(_EYE)})


def weights(request: "Request") -> "Response":
    """Answers with the weights of a digest; 404 if they are not, or no longer, there."""
    from starlette.responses import Response

    digest = request.path_params["digest"]
    with _LOCK:
        shown = _SHOWN.get(digest)
    try:
        content = _content(*shown) if shown else b""
    except (OSError, ValueError):
        content = b""
    if hashlib.sha256(content).hexdigest() != digest:
        return Response("These weights are not here.", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": f"private, max-age={_YEAR_S}, immutable"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def pattern() -> str:
    """The path of :func:`weights` for a server's routes."""
    return f"{base()}{_PATH}/{{digest:str}}"
