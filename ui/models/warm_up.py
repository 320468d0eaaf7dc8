"""Work of a server that can wait until its visitors have their pages."""

import threading
import time
from collections.abc import Callable


class WhenQuiet:
    """Does something in the background, as soon as no page was shown for a moment.

    Several visitors who open a fresh server at once need the whole processor, and what is imported
    meanwhile holds up every page.
    """

    def __init__(
        self, action: Callable[[], object], quiet_s: float, latest_s: float, *, again: bool = False
    ) -> None:
        """Begins ``quiet_s`` seconds after the last page, ``latest_s`` after the first.

        Args:
            again: whether pages that are shown after it was done bring it about once more.
        """
        self._action, self._quiet_s, self._latest_s = action, quiet_s, latest_s
        self._again = again
        self._lock = threading.Lock()
        self._due: float | None = None
        self._latest = 0.0

    def page_shown(self) -> None:
        """A page was shown: the work waits a little longer."""
        with self._lock:
            now = time.monotonic()
            first = self._due is None
            if first:
                self._latest = now + self._latest_s
            self._due = min(now + self._quiet_s, self._latest)
        if first:
            threading.Thread(target=self._wait, name="draw-warm-up", daemon=True).start()

    def _wait(self) -> None:
        while (left := self._left()) > 0:
            time.sleep(left)
        try:
            self._action()
        finally:
            if self._again:
                with self._lock:
                    self._due = None

    def _left(self) -> float:
        with self._lock:
            return (self._due or 0.0) - time.monotonic()
