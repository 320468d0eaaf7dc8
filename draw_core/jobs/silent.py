"""A scheduler and a worker that have no pages: nobody looks at an embedded cluster in a browser."""

from typing import Any

from distributed import Scheduler, Worker


class SilentScheduler(Scheduler):
    """Listens for its workers and clients only."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Without a second port."""


class SilentWorker(Worker):
    """Listens for its scheduler and clients only."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Without a second port."""
