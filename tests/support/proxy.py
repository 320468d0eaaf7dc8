"""nginx in front of a server, with the lines that docs/operating.md shows."""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.browser import ROOT, START_TIMEOUT_S, free_port

NAME = "class.example"  # what the browser calls this machine; it never asks the network
_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def find_nginx() -> str | None:
    """Debian has it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def documented_location() -> str:
    """The block of docs/operating.md."""
    (block,) = re.findall(
        r"```nginx\n(.*?)```", (ROOT / "docs" / "operating.md").read_text(), re.DOTALL
    )
    return block


class Nginx:
    """nginx on a free port of the loopback; ``with`` waits until it answers, and ends it."""

    def __init__(self, program: str, server: str, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "error.log"
        location, count = re.subn(
            r"127\.0\.0\.1:8501", urlsplit(server).netloc, documented_location()
        )
        assert count == 1
        temporary = "\n".join(f"{name}_temp_path {folder / name};" for name in _FOLDERS)
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; pid {folder / 'pid'}; error_log {self.log};\n"
            f"events {{ }}\nhttp {{\naccess_log off;\n{temporary}\n"
            f"server {{ listen 127.0.0.1:{self.port};\n{location}}} }}\n"
        )
        self._process = subprocess.Popen([program, "-c", config, "-e", self.log, "-p", folder])

    def __enter__(self) -> "Nginx":
        """Waits until it answers, be it only that there is no such page."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._end()
                raise RuntimeError(f"nginx did not start:\n{self.log.read_text()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True
