"""A Streamlit server and a Chromium, for the browser tests and the benchmarks."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from draw_core.families.draw.model import DRAW
from draw_core.store.checkpoint import make_preview, save_checkpoint
from tests.support import small

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "app.py"
RECONSTRUCT = Path(__file__).parent / "apps" / "reconstruct.py"
START_TIMEOUT_S = 60


def find_chromium() -> str | None:
    """Chromium, by any of its usual names."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def free_port() -> int:
    """Of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """``streamlit run`` of a script on a free port, below ``path`` if one is given.

    It starts at once; ``with`` waits until it answers, and ends it. What it prints goes to ``log``.
    """

    def __init__(self, script: Path, log: Path, *, path: str = "", **environment: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{path and f'/{path}'}"
        self.log = log
        options = {
            "server.headless": "true",
            "server.address": "127.0.0.1",
            "server.port": port,
            "server.showEmailPrompt": "false",
            "server.baseUrlPath": path,
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        self.started = time.time()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", script, *flags],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Server":
        """Waits until the server answers."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")
            time.sleep(0.01)
        return self

    @property
    def pid(self) -> int:
        """Of the server's process."""
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the server."""
        self._process.terminate()
        self._process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def without_faults(server: Server) -> None:
    """A server's log tells of nothing that went wrong."""
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


def pen(**changes: object) -> DRAW:
    """A tiny network without training, whose windows and pictures differ from step to step."""
    sizes = {
        "height": 28,
        "width": 28,
        "channels": 1,
        "num_steps": 16,
        "z_size": 8,
        "enc_size": 16,
        "dec_size": 16,
        "read_size": 3,
        "write_size": 4,
    }
    return small.model(**{**sizes, **changes}).eval().requires_grad_(False)


_WRITTEN: dict[str, dict[str, bytes]] = {}  # the files of each checkpoint, by what is in it


def write_checkpoint(root: Path, model: DRAW, name: str = "mnist-attention") -> Path:
    """A checkpoint of any model, with card and preview; those of the same model are copies."""
    folder = root / name
    weights = b"".join(value.numpy().tobytes() for value in model.state_dict().values())
    key = hashlib.sha256(repr(model.config).encode() + weights).hexdigest()
    if files := _WRITTEN.get(key):
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
    else:
        save_checkpoint(folder, model, small.card(config=model.config), make_preview(model))
        _WRITTEN[key] = {path.name: path.read_bytes() for path in folder.iterdir()}
    return folder


@contextmanager
def served(folder: Path, **networks: DRAW) -> Iterator[str]:
    """The app with these networks by name and nothing else; yields its address.

    Fails if the server's log holds a warning or an error in the end.
    """
    for name, network in networks.items():
        write_checkpoint(folder / "checkpoints", network, name.replace("_", "-"))
    environment = {
        "DRAW_CHECKPOINTS": str(folder / "checkpoints"),
        "DRAW_RUNS_DIR": str(folder / "runs"),
        "DRAW_DATA_ROOT": str(folder / "data"),
    }
    with Server(HOME, folder / "log", **environment) as server:
        yield server.url
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text
