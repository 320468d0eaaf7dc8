"""The Dask cluster that jobs go to: one of our own, or one at ``DRAW_SCHEDULER``.

Starting it imports Dask, which takes a moment.
"""

import contextlib
import gc
import logging
import secrets
from pathlib import Path
from typing import Any

from draw_core.jobs import settings
from draw_core.jobs.embedded import Embedded
from draw_core.jobs.worker import run_job

_START_S = 60.0
_CLOSE_S = 2.0
_ROLES = ("scheduler", "worker", "client")


class Cluster:
    """A client of a Dask scheduler; ``own`` are scheduler and worker where they are ours."""

    def __init__(self, address: str | None) -> None:
        """Starts nothing yet: see :meth:`start`."""
        self.address = address
        self.own = Embedded() if address is None else None
        self._client: Any = None

    def start(self) -> None:
        """Starts or connects; takes a second or two.

        Raises:
            OSError, RuntimeError, TimeoutError: if that is not possible or it was killed meanwhile.
        """
        try:
            security = None
            if self.own is not None:
                self.own.begin()
                settings.use_own()  # before more of Dask is imported
            else:
                settings.use_those_of_the_user()
            from distributed import Client

            gc.freeze()  # Dask stays: a server that looks for garbage need not look there
            # A scheduler that is gone is told of by ClusterStatus; Dask would print a traceback.
            logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
            if self.own is not None:
                security, credentials = _credentials()
                self.address = self.own.connect(credentials, _START_S)
            self._client = Client(  # type: ignore[no-untyped-call]
                self.address, timeout=f"{_START_S}s", set_as_default=False, security=security
            )
            if self.own is not None:
                self._client.wait_for_workers(1, timeout=_START_S)
        except BaseException:
            self.close()
            raise

    def submit(self, folder: Path, limit_s: float | None) -> Any:
        """Sends a run to a worker, to work so long in all; returns Dask's future."""
        return self._client.submit(
            run_job,
            str(folder.resolve()),
            limit_s,
            key=f"draw-run-{folder.name}-{secrets.token_hex(4)}",
            retries=0,
            pure=False,
        )

    def workers(self) -> int:
        """How many workers there are now: each trains one run at a time. 0 if none answers."""
        if not self.alive:
            return 0
        try:
            info = self._client.scheduler_info(n_workers=-1)
            return len(info.get("workers", {}))
        except (OSError, TimeoutError):
            return 0

    @property
    def alive(self) -> bool:
        """Whether the scheduler answers and, where it is ours, its worker lives."""
        if self._client is None or self._client.status != "running":
            return False
        return self.own is None or self.own.alive

    def close(self) -> None:
        """Disconnects; an embedded worker saves its run first, and ends with its scheduler."""
        if self.own is not None:
            self.own.end_worker()
        if self._client is not None:
            # Dask waits for a scheduler that is gone; what it waits in ends with this process.
            with contextlib.suppress(OSError, RuntimeError, TimeoutError, AssertionError):
                self._client.close(timeout=_CLOSE_S)
        if self.own is not None:
            self.own.kill()


def _credentials() -> tuple[Any, dict[str, Any]]:
    """For one cluster: as Dask wants them here, and by their names for its other processes."""
    from distributed.security import Security

    security = Security.temporary()  # type: ignore[no-untyped-call]
    roles = [f"tls_{role}_{part}" for role in _ROLES for part in ("cert", "key")]
    names = ["require_encryption", "tls_ca_file", *roles]
    return security, {name: getattr(security, name) for name in names}
